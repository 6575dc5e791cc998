//! Where a session keeps the rows of one entity, and what it knows about each.

use super::journal::Undo;
use super::pending::{Pending, Provisional};
use super::reference::Place;
use super::refusal::{expired, gone, pending, stale};
use super::tracked::{Draft, Lead, Tracked};
use crate::db::Row;
use crate::entity::{Entity, Key};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::ColumnInfo;
use crate::value::{Encoded, KeyMap, KeyValue, Type};
use std::collections::HashMap;

/// All the rows of an entity that a session knows.
pub(super) struct Arena<E: Tracked> {
    session: u64,
    pub(super) slots: Vec<Slot<E>>,
    free: Vec<u32>,
    pub(super) by_key: KeyMap,
    /// The columns that hold another row's key.
    pub(super) leads: Vec<Lead>,
    /// The places of the key's columns.
    key: Vec<usize>,
    /// The columns' types as rows came with them; none before the first.
    pub(super) types: Vec<Type>,
    /// The slots that a flush may have to write, in the order it came to that.
    pub(super) touched: Vec<u32>,
    /// What was flushed since the last commit.
    pub(super) journal: Vec<Undo>,
    provisional: Provisional,
    /// Whose keys are not real yet.
    pub(super) promised: HashMap<KeyValue, u32>,
    promises: HashMap<u32, KeyValue>,
    /// By which numbers keys were made up.
    numbers: HashMap<Place, u32>,
}

pub(super) struct Slot<E> {
    /// How many rows were here before.
    pub(super) generation: u32,
    /// Whether it is among those touched.
    listed: bool,
    pub(super) content: Content<E>,
}

pub(super) enum Content<E> {
    Vacant,
    Pending(Box<dyn Pending<E>>),
    Row(Kept<E>),
}

/// A row that is, or was, in the database.
pub(super) struct Kept<E> {
    pub(super) row: E,
    /// Its columns as the database has them, if they may have changed here.
    pub(super) before: Option<Box<Encoded>>,
    pub(super) removed: Removed,
    /// Whether it has to be read again before it is used.
    pub(super) expired: bool,
    /// Which question it came with last; 0 for none.
    pub(super) set: u32,
    /// It was inserted, and that was undone with everything else: these columns are to be inserted again.
    pub(super) again: Option<&'static [&'static ColumnInfo]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removed {
    No,
    /// With the next flush.
    Wanted,
    /// It is gone, unless that is rolled back.
    Done,
}

/// What a read does with a row that is known already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It stays as it is, unless it has expired.
    Stays,
    /// It becomes what was read, unless it was changed: it is locked now.
    CleanIsRead,
    /// It becomes what was read, also where it was changed.
    IsRead,
}

impl<E: Tracked> Arena<E> {
    pub(super) fn new(session: u64) -> Self {
        Self {
            session,
            slots: Vec::new(),
            free: Vec::new(),
            by_key: KeyMap::default(),
            leads: E::leads(),
            key: E::TABLE.positions(E::TABLE.key),
            types: Vec::new(),
            touched: Vec::new(),
            journal: Vec::new(),
            provisional: Provisional::new(),
            promised: HashMap::new(),
            promises: HashMap::new(),
            numbers: HashMap::new(),
        }
    }

    pub(super) fn place(&self, slot: u32) -> Place {
        let generation = self.slots.get(slot as usize);
        Place {
            session: self.session,
            slot,
            generation: generation.map_or(0, |slot| slot.generation),
        }
    }

    /// What a handle leads to.
    pub(super) fn content(&self, place: Place) -> Result<&Content<E>> {
        let slot = self.slots.get(place.slot as usize);
        match slot.filter(|slot| slot.generation == place.generation) {
            Some(slot) => Ok(&slot.content),
            None => Err(stale::<E>(place)),
        }
    }

    /// The row a handle leads to.
    pub(super) fn row(&self, place: Place) -> Result<&Kept<E>> {
        match self.content(place)? {
            Content::Vacant => Err(stale::<E>(place)),
            Content::Pending(_) => Err(pending::<E>(place)),
            Content::Row(kept) => kept.usable(place),
        }
    }

    /// The same, about to be changed.
    pub(super) fn row_mut(&mut self, place: Place) -> Result<&mut E> {
        if self.row(place)?.before.is_none() {
            let before = self.encoded(place)?;
            self.list(place.slot);
            if let Some(kept) = self.kept_mut(place.slot) {
                kept.before = Some(Box::new(before));
            }
        }
        match self.kept_mut(place.slot) {
            Some(kept) => Ok(&mut kept.row),
            None => Err(stale::<E>(place)),
        }
    }

    fn encoded(&self, place: Place) -> Result<Encoded> {
        let (encoded, _) = encode(&self.row(place)?.row, &self.types);
        Ok(encoded)
    }

    pub(super) fn kept(&self, slot: u32) -> Option<&Kept<E>> {
        match &self.slots.get(slot as usize)?.content {
            Content::Row(kept) => Some(kept),
            _ => None,
        }
    }

    pub(super) fn kept_mut(&mut self, slot: u32) -> Option<&mut Kept<E>> {
        match &mut self.slots.get_mut(slot as usize)?.content {
            Content::Row(kept) => Some(kept),
            _ => None,
        }
    }

    /// The row's handle, and whether it was known. One that is to be removed is not found.
    #[inline]
    pub(super) fn read(
        &mut self,
        row: Row<'_>,
        known: Known,
        set: u32,
    ) -> Result<Option<(u32, bool)>> {
        let key = row.keys(E::TABLE, &self.key)?;
        if let Some(slot) = self.by_key.get(&key) {
            let Some(kept) = self.kept_mut(slot) else {
                return Ok(None);
            };
            if kept.removed != Removed::No {
                return Ok(None);
            }
            let is_read = match known {
                Known::Stays => false,
                Known::CleanIsRead => kept.before.is_none(),
                Known::IsRead => true,
            };
            kept.set = set;
            if kept.expired || is_read {
                kept.row = E::from_row(&row)?;
                (kept.before, kept.expired) = (None, false);
            }
            return Ok(Some((slot, true)));
        }
        self.learn(&row);
        let entity = E::from_row(&row)?;
        let slot = self.put(Content::Row(Kept {
            set,
            ..Kept::new(entity)
        }));
        self.by_key.insert(key, slot);
        Ok(Some((slot, false)))
    }

    /// Puts in a row that was read together with others: its slot, and whether it was known.
    pub(super) fn adopt(&mut self, entity: E, set: u32) -> Option<(u32, bool)> {
        let key = entity.key().keys();
        if let Some(slot) = self.by_key.get(&key) {
            let kept = self.kept_mut(slot)?;
            kept.set = set;
            if kept.expired {
                (kept.row, kept.before, kept.expired) = (entity, None, false);
            }
            return (kept.removed == Removed::No).then_some((slot, true));
        }
        let slot = self.put(Content::Row(Kept {
            set,
            ..Kept::new(entity)
        }));
        self.by_key.insert(key, slot);
        Some((slot, false))
    }

    /// Learns the columns' types from the first row.
    #[inline]
    pub(super) fn learn(&mut self, row: &Row<'_>) {
        if self.types.is_empty() {
            let columns = 0..E::TABLE.columns.len();
            self.types = columns.filter_map(|at| row.ty(at).cloned()).collect();
        }
    }

    /// A new row, for the next flush.
    pub(super) fn add<D: Draft<Entity = E>>(&mut self, draft: D) -> u32 {
        let slot = self.put(Content::Pending(Box::new(draft)));
        self.list(slot);
        slot
    }

    /// The key of a row, or the one that stands for it until it has one.
    pub(super) fn promise(&mut self, place: Place) -> Result<E::Key> {
        let slot = place.slot;
        let draft = match self.content(place)? {
            Content::Row(kept) => return Ok(kept.row.key()),
            Content::Vacant => return Err(stale::<E>(place)),
            Content::Pending(draft) => draft.copy(),
        };
        // Whoever asks twice gets the same.
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(place).or_insert(next);
        let provisional = self.provisional.of(number);
        let Some(key) = draft.key(provisional) else {
            return Err(Error::usage(format!(
                "the key of a new `{}` is made in a way that only the database knows; flush before it is used",
                E::TABLE.entity
            )));
        };
        if let [made] = provisional.parts.as_slice() {
            self.promised.insert(made.clone(), slot);
            self.promises.insert(slot, made.clone());
        }
        Ok(key)
    }

    /// The key that was promised for it is not needed any more.
    pub(super) fn keep_promise(&mut self, slot: u32) {
        if let Some(promised) = self.promises.remove(&slot) {
            self.promised.remove(&promised);
        }
    }

    /// Its row is not there any more: the handle leads nowhere.
    pub(super) fn vacate(&mut self, slot: u32) {
        self.keep_promise(slot);
        if let Some(kept) = self.kept(slot) {
            let key = kept.row.key().keys();
            self.by_key.remove(&key, slot);
        }
        if let Some(entry) = self.slots.get_mut(slot as usize) {
            entry.content = Content::Vacant;
            entry.generation = entry.generation.wrapping_add(1);
            self.free.push(slot);
        }
    }

    /// Whether it was flushed since the last commit.
    pub(super) fn is_flushed(&self, slot: u32) -> bool {
        self.journal.iter().any(|undo| match undo {
            Undo::Inserted { slot: of, .. }
            | Undo::Updated { slot: of, .. }
            | Undo::Removed { slot: of } => *of == slot,
        })
    }

    /// Takes the row out; its handle leads nowhere.
    pub(super) fn take_out(&mut self, slot: u32) -> Option<E> {
        let key = self.kept(slot)?.row.key().keys();
        let entry = self.slots.get_mut(slot as usize)?;
        let content = std::mem::replace(&mut entry.content, Content::Vacant);
        self.by_key.remove(&key, slot);
        self.vacate(slot);
        match content {
            Content::Row(kept) => Some(kept.row),
            _ => None,
        }
    }

    /// Marks a slot for the next flush.
    pub(super) fn list(&mut self, slot: u32) {
        if let Some(entry) = self.slots.get_mut(slot as usize)
            && !std::mem::replace(&mut entry.listed, true)
        {
            self.touched.push(slot);
        }
    }

    /// Takes the marks off.
    pub(super) fn unlist(&mut self) -> Vec<u32> {
        for slot in &self.touched {
            if let Some(entry) = self.slots.get_mut(*slot as usize) {
                entry.listed = false;
            }
        }
        std::mem::take(&mut self.touched)
    }

    fn put(&mut self, content: Content<E>) -> u32 {
        if let Some(slot) = self.free.pop()
            && let Some(entry) = self.slots.get_mut(slot as usize)
        {
            entry.content = content;
            return slot;
        }
        let slot = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        self.slots.push(Slot {
            generation: 0,
            listed: false,
            content,
        });
        slot
    }
}

impl<E: Tracked> Kept<E> {
    pub(super) fn new(row: E) -> Self {
        Self {
            row,
            before: None,
            removed: Removed::No,
            expired: false,
            set: 0,
            again: None,
        }
    }

    fn usable(&self, place: Place) -> Result<&Self> {
        if self.removed != Removed::No {
            return Err(gone::<E>(place));
        }
        if self.expired {
            return Err(expired::<E>(place));
        }
        Ok(self)
    }
}

/// A row's columns, and the first that the database cannot hold.
pub(super) fn encode<E: Tracked>(row: &E, types: &[Type]) -> (Encoded, Option<(usize, Error)>) {
    let (mut encoded, mut failed) = (Encoded::default(), None);
    for (at, ty) in types.iter().enumerate() {
        if let Err(error) = encoded.push(|out| row.put(at, ty, out)) {
            let column = E::TABLE.columns.get(at).map_or("", |column| column.field);
            let message = format!("`{}::{column}` cannot be sent", E::TABLE.entity);
            let error = Error::new(ErrorKind::Encode, message).with_source(error);
            failed.get_or_insert((at, error));
        }
    }
    (encoded, failed)
}

/// Where a column is in its table.
pub(super) fn position<E: Entity>(column: &'static ColumnInfo) -> Option<usize> {
    let mut columns = E::TABLE.columns.iter();
    columns.position(|other| std::ptr::eq(*other, column))
}
