//! Rows that come with relations: what an answer brings is put aside, and filed when all of it is there.
//!
//! Relations are asked for at the same time, and meanwhile the session is only read: nobody has to wait for another, and an
//! answer that is dropped half-way leaves nothing behind.

use super::Session;
use super::arena::Arena;
use super::edges::{Edge, edge_from};
use super::erased::AnyArena;
use super::hooked::Hooked;
use super::kept::Known;
use super::lists::Lists;
use super::read::likely;
use super::reference::{Place, Ref};
use super::rivals::{has_rivals, is_one};
use super::shelf::OnShelf;
use super::steps::Arenas;
use super::tracked::Tracked;
use super::within::{keeps_to_one, scope_of_new};
use crate::db::{Db, Source};
use crate::entity::Key as _;
use crate::error::{Error, Result};
use crate::query::{Fetch, Gathered, Question, RelationId, Shelf, Store, Wanted, gather};
use crate::telemetry::ResultSet;
use crate::value::Keys;
use std::any::{Any, TypeId};

impl Session {
    /// Asks, together with relations.
    pub(super) async fn fetch<E: Tracked>(
        &mut self,
        question: Question<E>,
        known: Known,
    ) -> Result<Vec<Ref<E>>> {
        let Question {
            select,
            page,
            withs,
            level,
        } = question;
        let asked = Fetch {
            wanted: Wanted::Any,
            operation: select.operation,
            base: select.base,
            led_by: None,
            copies: false,
            page,
            withs,
            set: ResultSet::next(),
            level,
        };
        let likely = likely(page);
        let (source, keeping) = self.keeping::<E>();
        let shelf = OnShelf::<E>::empty(&keeping, known, likely);
        let into = Gathered::<E>::kept(&keeping, Box::new(shelf));
        let found = gather(likely, source, asked, into, &mut |_| Ok(())).await?;
        let brought = found.into_kept();
        let (places, loaded) = self.file(brought)?;
        self.loaded(loaded).await?;
        Ok(places.into_iter().flatten().map(Ref::new).collect())
    }

    /// Where questions go, and what is known of the rows of their answers.
    pub(super) fn keeping<E: Tracked>(&self) -> (Source<'_>, Keeping<'_>) {
        let source = match &self.transaction {
            Some(transaction) => Source::of(transaction),
            None => Source::of(&self.db),
        };
        let keeping = Keeping {
            db: &self.db,
            arenas: &self.arenas,
            edge: edge_from::<E>,
        };
        (source, keeping)
    }

    /// Puts the rows of an answer into their arenas. Returns where those are that it began with, and all that were not known,
    /// where somebody wants to know of them.
    pub(super) fn file(&mut self, brought: Option<Box<dyn Any + Send>>) -> Result<Filed> {
        let brought = brought.and_then(|brought| brought.downcast::<Brought>().ok());
        let Some(brought) = brought else {
            return Ok(Filed::default());
        };
        let mut filing = Filing {
            db: &self.db,
            session: self.number,
            arenas: &mut self.arenas,
            lists: &mut self.lists,
            hooks: &self.hooks,
            sets: &mut self.sets,
            seen: Vec::new(),
            loaded: Vec::new(),
        };
        let places = brought.0.file(&mut filing)?;
        Ok((places, filing.finish()))
    }
}

/// Where rows are, and which are new.
type Filed = (Vec<Option<Place>>, Vec<(TypeId, Place)>);

/// What is known to a session while it waits for an answer.
pub(super) struct Keeping<'s> {
    db: &'s Db,
    arenas: &'s Arenas,
    /// Finds relations of what its first rows lead to.
    edge: fn(TypeId, RelationId) -> Result<Edge>,
}

impl<'s> Keeping<'s> {
    pub(super) fn arena<E: Tracked>(&self) -> Option<&'s Arena<E>> {
        let arena: &dyn Any = self.any_arena(TypeId::of::<E>())?;
        arena.downcast_ref()
    }

    fn any_arena(&self, kind: TypeId) -> Option<&'s dyn AnyArena> {
        let arena = self.arenas.iter().find(|(other, _)| *other == kind);
        arena.map(|(_, arena)| &**arena)
    }

    /// Whether the row of this type with this key is here, as it can be used.
    pub(super) fn is_known(&self, kind: TypeId, key: &Keys) -> bool {
        self.any_arena(kind)
            .is_some_and(|arena| arena.is_known(key))
    }

    /// So many rows that are led to were known, or have come already, and are not asked for.
    pub(super) fn hit(&self, edge: &Edge, hits: u64) {
        if hits > 0 {
            let table = (edge.info.target)().name;
            self.db.telemetry().identity_map(table, hits, 0);
        }
    }
}

impl Store for Keeping<'_> {
    fn shelf(&self, owner: TypeId, relation: RelationId) -> Result<Box<dyn Shelf + '_>> {
        let edge = (self.edge)(owner, relation)?;
        keeps_to_one(self.db, (edge.info.target)(), None)?;
        Ok((edge.shelf)(self))
    }
}

/// What an answer has brought, whatever its rows are.
pub(super) trait File: Send + Sync {
    /// Puts it where it belongs, and says where each row is, if anybody is to see it.
    fn file(self: Box<Self>, into: &mut Filing<'_>) -> Result<Vec<Option<Place>>>;
}

/// The same as one type.
pub(super) struct Brought(pub(super) Box<dyn File>);

/// Where the rows of an answer are put.
pub(super) struct Filing<'s> {
    db: &'s Db,
    session: u64,
    arenas: &'s mut Vec<(TypeId, Box<dyn AnyArena>)>,
    pub(super) lists: &'s mut Lists,
    hooks: &'s Hooked,
    sets: &'s mut u32,
    /// What came for each of the arenas.
    seen: Vec<Seen>,
    /// New rows that somebody wants to know of.
    loaded: Vec<(TypeId, Place)>,
}

#[derive(Clone, Copy, Default)]
struct Seen {
    hits: u64,
    misses: u64,
}

impl Filing<'_> {
    /// The arena of these rows, and which it is.
    pub(super) fn arena<E: Tracked>(&mut self) -> Result<(usize, &mut Arena<E>)> {
        let kind = TypeId::of::<E>();
        let known = self.arenas.iter().position(|(other, _)| *other == kind);
        let at = known.unwrap_or_else(|| {
            let arena = Arena::<E>::new(self.session, scope_of_new::<E>(self.db));
            self.arenas.push((kind, Box::new(arena)));
            self.arenas.len() - 1
        });
        let arena = self.arenas.get_mut(at).and_then(|(_, arena)| {
            let arena: &mut dyn Any = &mut **arena;
            arena.downcast_mut()
        });
        let arena = arena.ok_or_else(|| Error::usage("the session has lost an arena"))?;
        Ok((at, arena))
    }

    /// The number of the next question.
    pub(super) fn next_set(&mut self) -> u32 {
        *self.sets = self.sets.wrapping_add(1);
        *self.sets
    }

    /// Refuses new rows that are known as another type.
    pub(super) fn are_one<E: Tracked>(&mut self, rows: &[E]) -> Result<()> {
        let (at, _) = self.arena::<E>()?;
        if has_rivals(self.arenas, at) {
            let mut keys = rows.iter().map(|row| row.key().keys());
            return keys.try_for_each(|key| is_one(self.arenas, at, &key));
        }
        Ok(())
    }

    /// Takes note of new rows, and of how many there were already.
    pub(super) fn note(&mut self, at: usize, new: &[Place], hits: u64) {
        if self.seen.len() <= at {
            self.seen.resize(at + 1, Seen::default());
        }
        if let (Some(seen), Some((kind, _))) = (self.seen.get_mut(at), self.arenas.get(at)) {
            seen.hits += hits;
            seen.misses += new.len() as u64;
            if self.hooks.watches(*kind) {
                self.loaded.extend(new.iter().map(|place| (*kind, *place)));
            }
        }
    }

    /// Tells of what was known, and returns what was not, where somebody wants to know of it.
    fn finish(self) -> Vec<(TypeId, Place)> {
        for ((_, arena), seen) in self.arenas.iter().zip(self.seen) {
            if seen.hits + seen.misses > 0 {
                let (telemetry, table) = (self.db.telemetry(), arena.table().name);
                telemetry.identity_map(table, seen.hits, seen.misses);
            }
        }
        self.loaded
    }
}
