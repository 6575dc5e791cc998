//! Relations inside a session: loaded for all that came together, and read without asking.

use super::Session;
use super::arena::position;
use super::edges::{Edge, edge};
use super::reference::{Place, Ref};
use super::refusal::{no_relation, stale};
use super::shelf::OnShelf;
use super::tracked::Tracked;
use crate::db::{Executor, Source};
use crate::entity::Key as _;
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Gathered, Joins, Level, With};
use crate::relation::{BelongsTo, HasMany, HasOne, ManyToMany, Relation, ToOne};
use crate::sql::ColumnInfo;
use crate::value::{Encoded, Keys, Type};
use std::any::{Any, TypeId};
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
    ///
    /// What is loaded already is not asked for again. A relation with wishes always is, and [`related`](Self::related) then
    /// shows what came: `s.load(user, User::POSTS.order_by(Post::ID.desc()).limit(3).with(Post::TAGS))`.
    ///
    /// # Errors
    /// Those of [`flush`](Self::flush); when the statement fails.
    #[track_caller]
    pub fn load<E: Tracked>(
        &mut self,
        owner: Ref<E>,
        relation: impl With<E> + 'static,
    ) -> impl Future<Output = Result<()>> + Send + '_ {
        let (caller, relation) = (Location::caller(), Box::new(relation));
        async move {
            self.recover()?;
            if self.autoflush {
                self.flush_at(caller, false).await?;
            }
            let loaded = self.load_at(owner, relation, caller).await;
            loaded.map_err(|error| error.at(caller))
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

    async fn load_at<E: Tracked>(
        &mut self,
        owner: Ref<E>,
        with: Box<dyn With<E>>,
        caller: &'static Location<'static>,
    ) -> Result<()> {
        if owner.place.session != self.number {
            return Err(stale::<E>(owner.place));
        }
        let edge = edge::<E>(with.relation()).ok_or_else(|| no_relation(E::TABLE))?;
        let mut asking = self.asking(owner, edge, with.is_plain())?;
        if asking.asks && self.hooks.watches(edge.target) {
            self.before_load(edge.target).await?;
            asking = self.asking(owner, edge, with.is_plain())?;
        }
        if asking.asks {
            self.begin_to_read(false, caller).await?;
        }
        let (question, plain) = (asking.question, with.is_plain());
        let level = Level::top(caller).for_peers(asking.hits);
        let (source, keeping) = self.keeping::<E>();
        let shelf = OnShelf::<E>::of_owners(&keeping, asking.owners);
        let mut owners = Gathered::kept(&keeping, Box::new(shelf));
        let mut collector = with.start(0, &mut Joins::apart(&keeping))?;
        collector.ask(source, &owners, level).await?;
        collector.give(&mut owners);
        let brought = owners.into_kept();
        let (_, loaded) = self.file(brought)?;
        if plain {
            self.lists.asked(edge.info, question);
        }
        self.loaded(loaded).await
    }

    /// For which rows a relation is asked, and by what.
    fn asking<E: Tracked>(&mut self, owner: Ref<E>, edge: Edge, plain: bool) -> Result<Asking> {
        let info = edge.info;
        let keyed_by = info.keyed_by();
        // The scope that both sides may have in common is the session's, and no part of its keys.
        let beside = keyed_by.len() > info.owner_columns.len();
        let (peers, question) = self.loaded_with(edge, owner, plain)?;
        let mut asking = Asking {
            question,
            ..Asking::default()
        };
        let targets = self.arenas.iter().find(|(kind, _)| *kind == edge.target);
        let arena = self.arena::<E>();
        for place in peers {
            if plain && !info.refers && self.lists.has_all(info, place) {
                asking.hits += u64::from(place == owner.place);
                continue;
            }
            let key_in = |columns: &[_]| arena.and_then(|arena| arena.keys_at(place.slot, columns));
            let key = key_in(&keyed_by).filter(|key| !key.is_null());
            if let (true, true, Some((_, targets)), Some(key)) = (plain, info.refers, targets, &key)
            {
                let is_known = match beside {
                    true => key_in(info.owner_columns).is_some_and(|key| targets.is_known(&key)),
                    false => targets.is_known(key),
                };
                if is_known {
                    asking.hits += 1;
                    continue;
                }
            }
            asking.asks |= key.is_some();
            asking.owners.push((place.slot, key));
        }
        Ok(asking)
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

/// For which rows a relation is asked.
#[derive(Default)]
struct Asking {
    /// Their slots, and the keys to ask by.
    owners: Vec<(u32, Option<Keys>)>,
    /// Whether any of them leads somewhere.
    asks: bool,
    /// The question that they came with.
    question: u32,
    /// How many refer to what is known; or whether the row itself has what is.
    hits: u64,
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

/// The values of some columns of a row with columns of these types, as a key.
pub(super) fn keys_of<E: Tracked>(
    row: &E,
    types: &[Type],
    columns: &[&'static ColumnInfo],
) -> Option<Keys> {
    let mut pairs = columns.iter().zip(E::TABLE.key);
    if columns.len() == E::TABLE.key.len() && pairs.all(|(one, key)| std::ptr::eq(*one, *key)) {
        return Some(row.key().keys());
    }
    let mut parts = Vec::with_capacity(columns.len());
    for column in columns {
        let at = position::<E>(column)?;
        let ty = types.get(at)?;
        let mut encoded = Encoded::default();
        encoded.push(|out| row.put(at, ty, out)).ok()?;
        parts.push((column.key)(ty, encoded.raw(0)).ok()?);
    }
    Some(parts.into_iter().collect())
}

impl<E: Tracked> super::arena::Arena<E> {
    /// The values of some columns of a row, as a key.
    pub(super) fn keys_at(&self, slot: u32, columns: &[&'static ColumnInfo]) -> Option<Keys> {
        keys_of(&self.kept(slot)?.row, &self.types, columns)
    }

    pub(super) fn is_known(&self, key: &Keys) -> bool {
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
