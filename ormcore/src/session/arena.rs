//! Where a session keeps the rows of one entity, and what it knows about each.

use super::asked::{AskedRows, Hooked};
use super::journal::Undo;
use super::kept::{Content, Kept, Known, Removed, Slot};
use super::pending::Provisional;
use super::reference::Place;
use super::refusal::{pending, stale};
use super::tracked::{Draft, Lead, Tracked};
use crate::db::Row;
use crate::entity::{Entity, Key};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::ColumnInfo;
use crate::value::{Encoded, Entry, KeyMap, KeyValue, Keys, Type};
use std::collections::{HashMap, HashSet};

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
    pub(super) provisional: Provisional,
    /// Rows by the keys that were promised for them. A key stays good when the row has got its real one.
    pub(super) promised: HashMap<KeyValue, u32>,
    /// Keys that were promised for rows that are not there any more.
    pub(super) broken: HashSet<KeyValue>,
    promises: HashMap<u32, KeyValue>,
    /// A row that was encoded, for its memory.
    encoded: Encoded,
    /// By which numbers keys were made up.
    numbers: HashMap<Place, u32>,
    /// What was asked for before hooks changed it, while they do.
    pub(super) asked: Option<AskedRows<E>>,
    /// What hooks behind a flush have changed in rows, until that is flushed.
    pub(super) echoes: HashMap<u32, Vec<Hooked>>,
}

impl<E: Tracked> Arena<E> {
    pub(super) fn new(session: u64, scope: Option<(usize, KeyValue)>) -> Self {
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
            provisional: Provisional::new(scope),
            promised: HashMap::new(),
            broken: HashSet::new(),
            promises: HashMap::new(),
            encoded: Encoded::default(),
            numbers: HashMap::new(),
            asked: None,
            echoes: HashMap::new(),
        }
    }

    /// The places of the key's columns.
    pub(super) fn key_places(&self) -> &[usize] {
        &self.key
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
            self.list(place.slot);
        }
        let slot = self.slots.get_mut(place.slot as usize);
        let Some(Content::Row(kept)) = slot.map(|slot| &mut slot.content) else {
            return Err(stale::<E>(place));
        };
        if kept.before.is_none() {
            encode_into(&mut self.encoded, &kept.row, &self.types);
            kept.before = Some(Box::new(self.encoded.clone()));
        }
        Ok(&mut kept.row)
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
        let key = E::Key::read(&row, &self.key)?;
        let entry = match self.by_key.entry(key.keys()) {
            Entry::At(slot) => return self.read_again(slot, || E::from_row(&row), known, set),
            free => free,
        };
        learn::<E>(&mut self.types, &row);
        let kept = Kept {
            set,
            read: set,
            ..Kept::new(E::from_row(&row)?)
        };
        let slot = put(&mut self.slots, &mut self.free, Content::Row(kept));
        entry.fill(slot);
        Ok(Some((slot, false)))
    }

    /// The same with a row that was read already.
    pub(super) fn file(&mut self, row: E, known: Known, set: u32) -> Result<Option<(u32, bool)>> {
        let entry = match self.by_key.entry(row.key().keys()) {
            Entry::At(slot) => return self.read_again(slot, || Ok(row), known, set),
            free => free,
        };
        let kept = Kept {
            set,
            read: set,
            ..Kept::new(row)
        };
        let slot = put(&mut self.slots, &mut self.free, Content::Row(kept));
        entry.fill(slot);
        Ok(Some((slot, false)))
    }

    fn read_again(
        &mut self,
        slot: u32,
        row: impl FnOnce() -> Result<E>,
        known: Known,
        set: u32,
    ) -> Result<Option<(u32, bool)>> {
        let Some(kept) = self.kept_mut(slot) else {
            return Ok(None);
        };
        if kept.removed != Removed::No {
            return Ok(None);
        }
        kept.set = set;
        if kept.is_read_by(known) {
            kept.row = row()?;
            (kept.before, kept.expired, kept.read) = (None, false, set);
        }
        Ok(Some((slot, true)))
    }

    /// Where the row with this key is, if that is all there is to know of it: nowhere, if it is to be removed.
    #[expect(
        clippy::option_option,
        reason = "known to be there, known to be gone, to be read"
    )]
    pub(super) fn standing(&self, key: &Keys, known: Known) -> Option<Option<u32>> {
        let slot = self.by_key.get(key)?;
        match self.kept(slot) {
            Some(kept) if kept.removed != Removed::No => Some(None),
            Some(kept) if kept.is_read_by(known) => None,
            Some(_) => Some(Some(slot)),
            None => Some(None),
        }
    }

    /// A row that is known came with this question too.
    pub(super) fn came(&mut self, slot: u32, set: u32) {
        if let Some(kept) = self.kept_mut(slot) {
            kept.set = set;
        }
    }

    /// Learns the columns' types from rows that were read elsewhere.
    pub(super) fn know(&mut self, types: Vec<Type>) {
        if self.types.is_empty() {
            self.types = types;
        }
    }

    /// Makes room for so many more rows.
    pub(super) fn reserve(&mut self, rows: usize) {
        self.slots.reserve(rows);
        self.by_key.reserve(rows);
    }

    /// A new row, for the next flush.
    pub(super) fn add<D: Draft<Entity = E>>(&mut self, mut draft: D) -> u32 {
        draft.fill();
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
        let key = draft.key(provisional);
        // Nothing refers to such a key part by part.
        let whole = E::TABLE.key.len() == 1 || provisional.parts.is_empty();
        let Some(key) = key.filter(|_| whole) else {
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

    /// The key that a row is found by. What was changed in it here does not count: no row changes its key.
    pub(super) fn stored_key(&self, slot: u32) -> Option<Keys> {
        let kept = self.kept(slot)?;
        Some(match &kept.before {
            None => kept.row.key().keys(),
            Some(before) => {
                let parts = self.key.iter();
                parts.filter_map(|at| self.lead_key(before, *at)).collect()
            }
        })
    }

    /// Its row is not there any more: the handle leads nowhere.
    pub(super) fn vacate(&mut self, slot: u32) {
        if let Some(promised) = self.promises.remove(&slot) {
            self.promised.remove(&promised);
            self.broken.insert(promised);
        }
        if let Some(key) = self.stored_key(slot) {
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
            | Undo::Removed { slot: of, .. } => *of == slot,
        })
    }

    /// Takes the row out; its handle leads nowhere.
    pub(super) fn take_out(&mut self, slot: u32) -> Option<E> {
        let key = self.stored_key(slot)?;
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
        put(&mut self.slots, &mut self.free, content)
    }
}

/// Learns the columns' types from the first row.
#[inline]
pub(super) fn learn<E: Tracked>(types: &mut Vec<Type>, row: &Row<'_>) {
    if types.is_empty() {
        let columns = 0..E::TABLE.columns.len();
        *types = columns.filter_map(|at| row.ty(at).cloned()).collect();
    }
}

#[inline]
fn put<E>(slots: &mut Vec<Slot<E>>, free: &mut Vec<u32>, content: Content<E>) -> u32 {
    if let Some(slot) = free.pop()
        && let Some(entry) = slots.get_mut(slot as usize)
    {
        entry.content = content;
        return slot;
    }
    let slot = u32::try_from(slots.len()).unwrap_or(u32::MAX);
    slots.push(Slot {
        generation: 0,
        listed: false,
        content,
    });
    slot
}

/// A row's columns, and the first that the database cannot hold.
pub(super) fn encode<E: Tracked>(row: &E, types: &[Type]) -> (Encoded, Option<(usize, Error)>) {
    let mut encoded = Encoded::default();
    let failed = encode_into(&mut encoded, row, types);
    (encoded, failed)
}

/// The same into memory that is there already.
pub(super) fn encode_into<E: Tracked>(
    encoded: &mut Encoded,
    row: &E,
    types: &[Type],
) -> Option<(usize, Error)> {
    let mut failed = None;
    encoded.clear();
    for (at, ty) in types.iter().enumerate() {
        if let Err(error) = encoded.push(|out| row.put(at, ty, out)) {
            let column = E::TABLE.columns.get(at).map_or("", |column| column.field);
            let message = format!("`{}::{column}` cannot be sent", E::TABLE.entity);
            let error = Error::new(ErrorKind::Encode, message).with_source(error);
            failed.get_or_insert((at, error));
        }
    }
    failed
}

/// Where a column is in its table.
pub(super) fn position<E: Entity>(column: &'static ColumnInfo) -> Option<usize> {
    let mut columns = E::TABLE.columns.iter();
    columns.position(|other| std::ptr::eq(*other, column))
}
