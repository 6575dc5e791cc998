//! Rows that come with relations: each is looked for in its arena before it is read, and who belongs to whom goes to the lists.

use super::Session;
use super::edges::Edge;
use super::erased::AnyArena;
use super::hooked::Hooked;
use super::kept::Known;
use super::lists::Lists;
use super::read::likely;
use super::reference::{Place, Ref};
use super::refusal::no_relation;
use super::rivals::{has_rivals, is_one};
use super::tracked::Tracked;
use super::within::keeps_to_one;
use crate::db::{Db, Row, Source};
use crate::error::{Error, Result};
use crate::query::{Fetch, Gathered, Question, RelationId, Shelf, Store, Wanted, gather};
use crate::sql::ColumnInfo;
use crate::telemetry::ResultSet;
use crate::value::Keys;
use std::any::TypeId;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
        self.arena_mut::<E>()?.reserve(likely);
        let (source, keeping) = self.keeping();
        let shelf = keeping.shelf_of(TypeId::of::<E>(), known)?;
        let into = Gathered::<E>::kept(&keeping, Box::new(shelf));
        let found = gather(likely, source, asked, into, &mut |_| Ok(())).await?;
        let slots = found.shelf().map(Shelf::slots).unwrap_or_default();
        let slots: Vec<u32> = slots.iter().copied().flatten().collect();
        drop(found);
        let loaded = keeping.finish();
        let arena = self.arena_mut::<E>()?;
        let rows = slots.into_iter().map(|slot| Ref::new(arena.place(slot)));
        let rows = rows.collect();
        self.loaded(loaded).await?;
        Ok(rows)
    }

    /// Where questions go, and where the rows of their answers do.
    pub(super) fn keeping(&mut self) -> (Source<'_>, Keeping<'_>) {
        let source = match &self.transaction {
            Some(transaction) => Source::of(transaction),
            None => Source::of(&self.db),
        };
        let keeping = Keeping {
            db: &self.db,
            session: self.number,
            room: Mutex::new(Room {
                arenas: &mut self.arenas,
                lists: &mut self.lists,
                hooks: &self.hooks,
                sets: &mut self.sets,
                seen: Vec::new(),
                loaded: Vec::new(),
            }),
        };
        (source, keeping)
    }
}

/// What a session has to do with the rows of an answer. Relations are asked for at the same time, and each row is put into its
/// arena by whoever comes first; nobody ever waits for another.
pub(super) struct Keeping<'s> {
    db: &'s Db,
    session: u64,
    room: Mutex<Room<'s>>,
}

struct Room<'s> {
    arenas: &'s mut Vec<(TypeId, Box<dyn AnyArena>)>,
    lists: &'s mut Lists,
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
    /// Whether rows of its table may be in another arena.
    has_rivals: bool,
}

impl<'s> Keeping<'s> {
    fn room(&self) -> MutexGuard<'_, Room<'s>> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for rows of this type, whose arena is there.
    fn shelf_of(&self, kind: TypeId, known: Known) -> Result<OnShelf<'_, 's>> {
        let mut room = self.room();
        let at = room.position(kind)?;
        room.look_around();
        let watched = room.hooks.watches(kind);
        *room.sets = room.sets.wrapping_add(1);
        Ok(OnShelf {
            keeping: self,
            at,
            kind,
            known,
            set: *room.sets,
            watched,
            slots: Vec::new(),
            keys: None,
        })
    }

    /// Rows that are there already, and what they are asked by.
    pub(super) fn owners(
        &self,
        kind: TypeId,
        owners: Vec<(u32, Option<Keys>)>,
    ) -> Result<OnShelf<'_, 's>> {
        let (slots, keys) = owners
            .into_iter()
            .map(|(slot, key)| (Some(slot), key))
            .unzip();
        Ok(OnShelf {
            slots,
            keys: Some(keys),
            ..self.shelf_of(kind, Known::Stays)?
        })
    }

    /// Tells of what was known, and returns what was not, where somebody wants to know of it.
    pub(super) fn finish(self) -> Vec<(TypeId, Place)> {
        let room = self
            .room
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        for ((_, arena), seen) in room.arenas.iter().zip(room.seen) {
            if seen.hits + seen.misses > 0 {
                let (telemetry, table) = (self.db.telemetry(), arena.table().name);
                telemetry.identity_map(table, seen.hits, seen.misses);
            }
        }
        room.loaded
    }
}

impl Store for Keeping<'_> {
    fn shelf(&self, owner: TypeId, relation: RelationId) -> Result<Box<dyn Shelf + '_>> {
        let mut room = self.room();
        let edge = room.edge(owner, relation)?;
        keeps_to_one(self.db, (edge.info.target)(), None)?;
        if room.position(edge.target).is_err() {
            let arena = (edge.arena)(self.session, self.db);
            room.arenas.push((edge.target, arena));
        }
        drop(room);
        Ok(Box::new(self.shelf_of(edge.target, Known::Stays)?))
    }
}

impl Room<'_> {
    fn position(&self, kind: TypeId) -> Result<usize> {
        let at = self.arenas.iter().position(|(other, _)| *other == kind);
        at.ok_or_else(|| Error::usage("the session has lost an arena"))
    }

    fn edge(&self, owner: TypeId, relation: RelationId) -> Result<Edge> {
        let arena = self.arenas.get(self.position(owner)?);
        let (_, arena) = arena.ok_or_else(|| Error::usage("the session has lost an arena"))?;
        let found = arena.edge(relation);
        found.ok_or_else(|| no_relation(arena.table()))
    }

    /// Whether the rows are known that these owners refer to.
    fn known(
        &mut self,
        at: usize,
        relation: RelationId,
        slots: &[Option<u32>],
    ) -> Option<Vec<bool>> {
        let (_, owners) = self.arenas.get(at)?;
        let edge = owners.edge(relation)?;
        let to = self.position(edge.target).ok()?;
        let (_, targets) = self.arenas.get(to)?;
        let mut hits = HashSet::new();
        let known = |slot: &Option<u32>| {
            let key = slot.and_then(|slot| owners.keys_in(slot, edge.info.owner_columns));
            let key = key.filter(|key| !key.is_null() && targets.is_known(key));
            key.map(|key| hits.insert(key)).is_some()
        };
        let known: Vec<bool> = slots.iter().map(known).collect();
        // As if they had come: each of them once.
        self.seen.get_mut(to)?.hits += hits.len() as u64;
        Some(known)
    }

    /// Learns of new arenas.
    fn look_around(&mut self) {
        if self.seen.len() < self.arenas.len() {
            self.seen.resize(self.arenas.len(), Seen::default());
            for (at, seen) in self.seen.iter_mut().enumerate() {
                seen.has_rivals = has_rivals(self.arenas, at);
            }
        }
    }

    /// Puts a row where it is, or is to be from now on.
    fn put(&mut self, row: Row<'_>, at: usize, known: Known, set: u32) -> Result<Put> {
        let (Some((_, arena)), Some(seen)) = (self.arenas.get_mut(at), self.seen.get_mut(at))
        else {
            return Ok(Put::Hidden);
        };
        let Some((slot, was_known)) = arena.read(row, known, set)? else {
            return Ok(Put::Hidden);
        };
        if was_known {
            seen.hits += 1;
            return Ok(Put::Known(slot));
        }
        seen.misses += 1;
        let place = arena.place(slot);
        if seen.has_rivals {
            is_one(self.arenas, at, slot)?;
        }
        Ok(Put::New(place))
    }
}

/// What became of a row.
enum Put {
    /// It is to be removed, and nobody is to see it.
    Hidden,
    Known(u32),
    New(Place),
}

/// The rows of one answer, in the order they came.
pub(super) struct OnShelf<'k, 's> {
    keeping: &'k Keeping<'s>,
    /// Which arena they are in, of which type.
    at: usize,
    kind: TypeId,
    known: Known,
    /// The question they came with.
    set: u32,
    watched: bool,
    slots: Vec<Option<u32>>,
    /// What they are asked by, if that is known already.
    keys: Option<Vec<Option<Keys>>>,
}

impl Shelf for OnShelf<'_, '_> {
    fn put(&mut self, row: Row<'_>) -> Result<()> {
        let mut room = self.keeping.room();
        let slot = match room.put(row, self.at, self.known, self.set)? {
            Put::Hidden => None,
            Put::Known(slot) => Some(slot),
            Put::New(place) => {
                if self.watched {
                    room.loaded.push((self.kind, place));
                }
                Some(place.slot)
            }
        };
        self.slots.push(slot);
        Ok(())
    }

    fn again(&mut self) {
        self.slots.extend(self.slots.last().copied());
    }

    fn slots(&self) -> &[Option<u32>] {
        &self.slots
    }

    fn keys(&self, columns: &[&'static ColumnInfo]) -> Cow<'_, [Option<Keys>]> {
        if let Some(keys) = &self.keys {
            return Cow::Borrowed(keys);
        }
        let room = self.keeping.room();
        let arena = room.arenas.get(self.at).map(|(_, arena)| arena);
        let keys = |slot: &Option<u32>| arena?.keys_in((*slot)?, columns);
        self.slots.iter().map(keys).collect()
    }

    fn known(&self, relation: RelationId) -> Vec<bool> {
        let mut room = self.keeping.room();
        let known = room.known(self.at, relation, &self.slots);
        known.unwrap_or_else(|| vec![false; self.slots.len()])
    }

    fn belong(&self, relation: RelationId, whole: bool, of_each: &[Vec<usize>], found: &dyn Shelf) {
        let mut room = self.keeping.room();
        let Room { arenas, lists, .. } = &mut *room;
        let arena = arenas.get(self.at).map(|(_, arena)| arena);
        let edge = arena.and_then(|arena| Some((arena, arena.edge(relation)?)));
        let Some((arena, edge)) = edge else {
            return;
        };
        let targets = arenas.iter().find(|(kind, _)| *kind == edge.target);
        let place = |number: &usize| {
            let slot = found.slots().get(*number).copied().flatten()?;
            targets.map(|(_, targets)| targets.place(slot))
        };
        for (owner, rows) in self.slots.iter().zip(of_each) {
            if let Some(owner) = owner {
                let rows = (edge.handles)(&mut rows.iter().filter_map(place));
                lists.put(edge.info, arena.place(*owner), rows, whole);
            }
        }
    }
}
