//! Relations inside a session: loaded for all that came together, and read without asking.

use super::Session;
use super::kept::Known;
use super::reference::{Place, Ref};
use super::refusal::stale;
use super::tracked::Tracked;
use crate::db::{self, Executor, Reads, Request, Row, Source};
use crate::entity::{Entity, Key as _};
use crate::error::{Error, ErrorKind, Result};
use crate::relation::{
    BelongsTo, HasMany, HasOne, Leading, ManyToMany, Relation, ToOne, leading, load_of, several,
};
use crate::telemetry::{Page, Strategy};
use crate::value::{Keys, Numbering};
use std::any::{Any, TypeId};
use std::iter;
use std::panic::Location;

/// How a session shows what a relation leads to.
pub trait Related: Relation {
    /// A list of handles, or one, if there is one.
    type Rows<'s>;

    /// What was loaded.
    #[doc(hidden)]
    fn rows(self, session: &Session, owner: Ref<Self::Owner>) -> Result<Self::Rows<'_>>;
}

impl<O: Tracked, T: Tracked> Related for HasMany<O, T> {
    type Rows<'s> = &'s [Ref<T>];

    fn rows(self, session: &Session, owner: Ref<O>) -> Result<&[Ref<T>]> {
        session.listed(self, owner)
    }
}

impl<O: Tracked, T: Tracked> Related for ManyToMany<O, T> {
    type Rows<'s> = &'s [Ref<T>];

    fn rows(self, session: &Session, owner: Ref<O>) -> Result<&[Ref<T>]> {
        session.listed(self, owner)
    }
}

impl<O: Tracked, T: Tracked> Related for HasOne<O, T> {
    type Rows<'s> = Option<Ref<T>>;

    fn rows(self, session: &Session, owner: Ref<O>) -> Result<Option<Ref<T>>> {
        Ok(session.listed(self, owner)?.first().copied())
    }
}

impl<O: Tracked, T: ToOne<Target: Tracked>> Related for BelongsTo<O, T> {
    type Rows<'s> = Option<Ref<T::Target>>;

    fn rows(self, session: &Session, owner: Ref<O>) -> Result<Option<Ref<T::Target>>> {
        session.referred(self, owner)
    }
}

impl Session {
    /// Loads a relation for this row and for all that came with the same question: one statement, however many they are.
    /// What is loaded already is not asked for again.
    ///
    /// # Errors
    /// Those of [`flush`](Self::flush); when the statement fails.
    #[track_caller]
    pub fn load<R: Related>(
        &mut self,
        owner: Ref<R::Owner>,
        relation: R,
    ) -> impl Future<Output = Result<()>> + Send + '_
    where
        R::Owner: Tracked,
        R::Target: Tracked,
    {
        let caller = Location::caller();
        async move {
            self.recover()?;
            if self.autoflush {
                self.flush_at(caller, false).await?;
            }
            self.load_at(owner, relation, caller).await
        }
    }

    /// What a relation leads to, as it was loaded and has been changed since: the handles of many rows, or of one, if there
    /// is one.
    ///
    /// # Errors
    /// [`ErrorKind::NotLoaded`] when it was not loaded, which is never an empty list.
    #[track_caller]
    pub fn related<R: Related>(&self, owner: Ref<R::Owner>, relation: R) -> Result<R::Rows<'_>>
    where
        R::Owner: Tracked,
    {
        let caller = Location::caller();
        relation.rows(self, owner).map_err(|error| error.at(caller))
    }

    async fn load_at<R: Related>(
        &mut self,
        owner: Ref<R::Owner>,
        relation: R,
        caller: &'static Location<'static>,
    ) -> Result<()>
    where
        R::Owner: Tracked,
        R::Target: Tracked,
    {
        let info = relation.info();
        self.keeps_to_one_scope::<R::Target>(None)
            .map_err(|error| error.at(caller))?;
        if owner.place.session != self.number {
            return Err(stale::<R::Owner>(owner.place));
        }
        let keyed_by = info.keyed_by();
        let owners = self.arena_mut::<R::Owner>()?.peers(owner.place)?;
        let (mut keys, mut asked, mut hits) = (Numbering::default(), Vec::new(), 0);
        let mut waiting: Vec<(Place, usize)> = Vec::new();
        for place in owners {
            if !info.refers && self.lists.has(info, place) {
                hits += u64::from(place == owner.place);
                continue;
            }
            let arena = self.arena_mut::<R::Owner>()?;
            let key = arena.keys_at(place.slot, &keyed_by);
            let Some(key) = key.filter(|key| !key.is_null()) else {
                continue;
            };
            if info.refers {
                // The scope that both sides may have in common is the session's, and no part of its keys.
                let beside = keyed_by.len() > info.owner_columns.len();
                let target = match beside {
                    true => arena.keys_at(place.slot, info.owner_columns),
                    false => Some(key.clone()),
                };
                if let Some(target) = target
                    && self.arena_mut::<R::Target>()?.is_known(&target)
                {
                    hits += 1;
                    continue;
                }
            }
            let number = keys.number(key.clone());
            if number == asked.len() {
                asked.push(key);
            }
            waiting.push((place, number));
        }
        let batch = asked.len();
        let load = load_of(info, Strategy::Peers, batch, 1);
        let db = self.db.clone();
        let span = db.telemetry().load(load, None);
        if batch == 0 {
            match hits {
                0 => span.finish(0, 0),
                _ => span.hit(hits),
            }
            return Ok(());
        }
        let answer = span
            .run(self.answer::<R>(relation, asked, &keys, caller))
            .await;
        let found = match answer {
            Ok(found) => found,
            Err(error) => {
                span.fail(&error);
                return Err(error);
            }
        };
        span.finish(found.iter().map(Vec::len).sum::<usize>() as u64, 1);
        if !info.refers {
            for (owner, number) in waiting {
                let rows = found.get(number).cloned().unwrap_or_default();
                self.lists.set(info, owner, rows);
            }
        }
        Ok(())
    }

    /// Asks for the rows that keys lead to, key by key.
    async fn answer<R: Related>(
        &mut self,
        relation: R,
        asked: Vec<Keys>,
        keys: &Numbering,
        caller: &'static Location<'static>,
    ) -> Result<Vec<Vec<Ref<R::Target>>>>
    where
        R::Target: Tracked,
    {
        let info = relation.info();
        let set = self.next_set();
        let mut found: Vec<Vec<Ref<R::Target>>> = vec![Vec::new(); asked.len()];
        let Leading {
            select,
            holder,
            offset,
            lead,
        } = leading::<R::Target>(info, asked);
        self.before_load::<R::Target>().await?;
        let target = <R::Target as Entity>::TABLE;
        let joined = select.joins.iter().map(|join| join.table);
        let reads = match select.joins.is_empty() {
            true => Reads::Table(target),
            false => Reads::Tables(iter::once(target).chain(joined).collect()),
        };
        let request = Request {
            statement: &select,
            reads,
            page: Page::default(),
            writes: false,
            caller,
        };
        let watched = self.hooks.watches::<R::Target>();
        let mut loaded = Vec::new();
        let (source, arena) = self.source_and_arena::<R::Target>()?;
        db::run(source, request, &mut |row: Row<'_>| {
            let number = keys.find(&row.from(offset).keys(holder, &lead)?);
            let target = arena.read(row, Known::Stays, set)?;
            let rows = number.and_then(|number| found.get_mut(number));
            if let (Some(rows), Some((slot, was_known))) = (rows, target) {
                let place = arena.place(slot);
                if watched && !was_known {
                    loaded.push((TypeId::of::<R::Target>(), place));
                }
                rows.push(Ref::new(place));
            }
            Ok(())
        })
        .await?;
        self.loaded(loaded).await?;
        if !R::MANY && !info.refers && found.iter().any(|rows| rows.len() > 1) {
            return Err(several(info).at(caller));
        }
        Ok(found)
    }

    fn listed<R: Relation>(&self, relation: R, owner: Ref<R::Owner>) -> Result<&[Ref<R::Target>]>
    where
        R::Owner: Tracked,
    {
        self.state(owner)?;
        let info = relation.info();
        let rows = self.lists.get(info, owner.place);
        rows.ok_or_else(|| not_loaded(info.constant))
    }

    fn referred<R: Relation>(
        &self,
        relation: R,
        owner: Ref<R::Owner>,
    ) -> Result<Option<Ref<R::Target>>>
    where
        R::Owner: Tracked,
        R::Target: Tracked,
    {
        let info = relation.info();
        self.state(owner)?;
        let owners = self.arena::<R::Owner>();
        let key = owners.and_then(|owners| owners.keys_at(owner.place.slot, info.owner_columns));
        let key = key.ok_or_else(|| not_loaded(info.constant))?;
        if key.is_null() {
            return Ok(None);
        }
        let targets = self.arena::<R::Target>();
        let place = targets.and_then(|targets| targets.place_of(&key));
        match place {
            Some(place) => Ok(Some(Ref::new(place))),
            None => Err(not_loaded(info.constant)),
        }
    }

    pub(super) fn next_set(&mut self) -> u32 {
        self.sets = self.sets.wrapping_add(1);
        self.sets
    }

    /// Where a question goes, and the arena for what comes back.
    pub(super) fn source_and_arena<E: Tracked>(
        &mut self,
    ) -> Result<(Source<'_>, &mut super::arena::Arena<E>)> {
        self.arena_mut::<E>()?;
        let Self {
            db,
            arenas,
            transaction,
            ..
        } = self;
        let kind = TypeId::of::<E>();
        let arena = arenas.iter_mut().find(|(other, _)| *other == kind);
        let arena = arena.and_then(|(_, arena)| {
            let arena: &mut dyn Any = &mut **arena;
            arena.downcast_mut()
        });
        let arena = arena.ok_or_else(|| Error::usage("the session has lost an arena"))?;
        let source = match transaction {
            Some(transaction) => source(transaction),
            None => source(db),
        };
        Ok((source, arena))
    }
}

fn source(executor: &impl Executor) -> Source<'_> {
    Source::of(executor)
}

#[cold]
fn not_loaded(relation: &'static str) -> Error {
    Error::new(
        ErrorKind::NotLoaded,
        format!(
            "{relation} is not loaded in this session; await `s.load(row, {relation})`, or add `.with({relation})` to the question"
        ),
    )
}

impl<E: Tracked> super::arena::Arena<E> {
    /// The rows that came with the same question, this one first.
    fn peers(&self, place: Place) -> Result<Vec<Place>> {
        let kept = self.row(place)?;
        let mut peers = vec![place];
        if kept.set == 0 {
            return Ok(peers);
        }
        let slots = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        for slot in (0..slots).filter(|slot| *slot != place.slot) {
            let peer = self.place(slot);
            if self.row(peer).is_ok_and(|other| other.set == kept.set) {
                peers.push(peer);
            }
        }
        Ok(peers)
    }

    /// The values of some columns of a row, as a key.
    pub(super) fn keys_at(
        &self,
        slot: u32,
        columns: &[&'static crate::sql::ColumnInfo],
    ) -> Option<Keys> {
        let kept = self.kept(slot)?;
        if columns.len() == E::TABLE.key.len()
            && columns
                .iter()
                .zip(E::TABLE.key)
                .all(|(one, key)| std::ptr::eq(*one, *key))
        {
            return Some(kept.row.key().keys());
        }
        let mut parts = Vec::with_capacity(columns.len());
        for column in columns {
            let at = super::arena::position::<E>(column)?;
            let ty = self.types.get(at)?;
            let mut encoded = crate::value::Encoded::default();
            encoded.push(|out| kept.row.put(at, ty, out)).ok()?;
            parts.push((column.key)(ty, encoded.raw(0)).ok()?);
        }
        Some(parts.into_iter().collect())
    }

    fn is_known(&self, key: &Keys) -> bool {
        let kept = self.by_key.get(key).and_then(|slot| self.kept(slot));
        kept.is_some_and(|kept| !kept.expired)
    }

    /// The row with this key, or the one that it was promised to.
    pub(super) fn place_of(&self, key: &Keys) -> Option<Place> {
        let promised = || match key.parts() {
            [part] => self.promised.get(part).copied(),
            _ => None,
        };
        let slot = self.by_key.get(key).or_else(promised)?;
        let removed = self
            .kept(slot)
            .is_some_and(|kept| kept.removed != super::kept::Removed::No);
        (!removed).then(|| self.place(slot))
    }
}
