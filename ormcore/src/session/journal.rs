//! What a flush has done, put into the arenas; and how that is undone.

use super::arena::{Arena, encode};
use super::asked::Hooked;
use super::erased::DirtyRow;
use super::kept::{Content, Kept, Removed};
use super::pending::RawPart;
use super::reference::Place;
use super::shown::Shown;
use super::todo::with_length;
use super::tracked::Tracked;
use super::typed::Inserted;
use crate::entity::Key as _;
use crate::error::{Error, ErrorKind, Result};
use crate::sql::ColumnInfo;
use crate::value::{Encoded, Keys};
use std::any::Any;
use std::mem;

/// How something was before it was flushed.
pub(super) enum Undo {
    Inserted {
        slot: u32,
        /// The columns that it was given values for.
        columns: &'static [&'static ColumnInfo],
        hooked: Vec<Hooked>,
    },
    Updated {
        slot: u32,
        before: Box<Encoded>,
        /// The columns that the database has changed.
        returned: Vec<usize>,
        hooked: Vec<Hooked>,
    },
    Removed {
        slot: u32,
        /// Whether nobody else wanted that.
        by_hook: bool,
    },
}

impl<E: Tracked> Arena<E> {
    /// Returns the rows that have gone meanwhile.
    pub(super) fn apply_inserted(
        &mut self,
        slots: &[u32],
        rows: Box<dyn Any + Send>,
    ) -> Result<Vec<Place>> {
        let Ok(inserted) = rows.downcast::<Inserted<E>>() else {
            return Err(Error::usage("rows of another entity came back"));
        };
        if self.types.is_empty() {
            self.types = inserted.types;
        }
        let mut gone = Vec::new();
        for (slot, row) in slots.iter().zip(inserted.rows) {
            let key = row.key().keys();
            // Of a row that was inserted before, and whose key was changed since.
            if let Some(before) = self.stored_key(*slot).filter(|before| *before != key) {
                self.by_key.remove(&before, *slot);
            }
            let hooked = self.hooked_again(*slot, &row);
            let Some(entry) = self.slots.get_mut(*slot as usize) else {
                continue;
            };
            let content = Content::Row(Kept::new(row));
            let columns = match mem::replace(&mut entry.content, content) {
                Content::Pending(draft) => draft.columns(),
                Content::Row(kept) => kept.again.unwrap_or_default(),
                Content::Vacant => &[],
            };
            self.journal.push(Undo::Inserted {
                slot: *slot,
                columns,
                hooked,
            });
            // The key was free: a row that has it here is gone.
            if let Some(old) = self.by_key.get(&key).filter(|old| old != slot) {
                gone.push(self.place(old));
                match self.is_flushed(old) {
                    true => self.apply_removed(old),
                    false => self.vacate(old),
                }
            }
            self.by_key.insert(key, *slot);
        }
        Ok(gone)
    }

    pub(super) fn apply_updated(
        &mut self,
        update: DirtyRow,
        returned: &[(usize, RawPart)],
    ) -> Result<()> {
        let slot = update.slot;
        let Some(before) = self.kept_mut(slot).and_then(|kept| kept.before.take()) else {
            return Ok(());
        };
        let mut hooked = self.hooked(slot, Some(&before), &update.now, &update.resolved);
        if !self.echoes.is_empty() {
            hooked.extend(self.echoes.remove(&slot).unwrap_or_default());
        }
        self.journal.push(Undo::Updated {
            slot,
            before,
            returned: returned.iter().map(|(column, _)| *column).collect(),
            hooked,
        });
        for column in &update.resolved {
            let ty = self.types.get(*column).cloned();
            if let (Some(ty), Some(kept)) = (ty, self.kept_mut(slot)) {
                let set = kept.row.set(*column, &ty, update.now.raw(*column));
                set.map_err(unreadable)?;
            }
        }
        for (column, part) in returned {
            self.set_column(slot, *column, part)?;
        }
        Ok(())
    }

    pub(super) fn set_column(&mut self, slot: u32, column: usize, part: &RawPart) -> Result<()> {
        let Some(kept) = self.kept_mut(slot) else {
            return Ok(());
        };
        let set = kept.row.set(column, &part.ty, part.raw.as_deref());
        set.map_err(unreadable)
    }

    pub(super) fn apply_removed(&mut self, slot: u32) {
        let by_hook = self.is_removed_by_hook(slot);
        let Some(kept) = self.kept_mut(slot) else {
            return;
        };
        kept.removed = Removed::Done;
        if let Some(key) = self.stored_key(slot) {
            self.by_key.remove(&key, slot);
        }
        self.journal.push(Undo::Removed { slot, by_hook });
    }

    /// The rows that hold one of these keys in this column.
    pub(super) fn referring(&self, column: usize, keys: &[Keys]) -> Vec<u32> {
        let info = E::TABLE.columns.get(column).copied();
        let slots = 0..u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        let refers = |slot: &u32| {
            let there = self
                .kept(*slot)
                .is_some_and(|kept| kept.removed != Removed::Done);
            let held = info.filter(|_| there);
            let held = held.and_then(|info| self.keys_at(*slot, &[info]));
            held.is_some_and(|held| keys.contains(&held))
        };
        slots.filter(refers).collect()
    }

    /// The database has set a column to NULL.
    pub(super) fn apply_cleared(&mut self, slot: u32, column: usize) {
        let Some(ty) = self.types.get(column).cloned() else {
            return;
        };
        let part = RawPart { ty, raw: None };
        let whole = self.kept(slot).map(|kept| encode(&kept.row, &self.types).0);
        if let Some(whole) = whole {
            self.journal.push(Undo::Updated {
                slot,
                before: Box::new(whole),
                returned: Vec::new(),
                hooked: Vec::new(),
            });
        }
        // A column that may be NULL takes it.
        let _ = self.set_column(slot, column, &part);
        let before = self.kept_mut(slot).and_then(|kept| kept.before.as_mut());
        if let Some(before) = before {
            **before = before.with(column, &with_length(None));
        }
    }

    /// The rows that were written since the last commit, or removed.
    pub(super) fn rows_written(&self, removed: bool) -> Vec<(u32, Encoded)> {
        let slot = |undo: &Undo| match undo {
            Undo::Removed { slot, .. } => removed.then_some(*slot),
            Undo::Inserted { slot, .. } | Undo::Updated { slot, .. } => (!removed).then_some(*slot),
        };
        let mut slots: Vec<u32> = self.journal.iter().filter_map(slot).collect();
        slots.sort_unstable();
        slots.dedup();
        let rows = slots.into_iter().filter_map(|slot| {
            let kept = self.kept(slot)?;
            let is_its = (kept.removed == Removed::Done) == removed;
            is_its.then(|| (slot, encode(&kept.row, &self.types).0))
        });
        rows.collect()
    }

    /// Everything touched was written; what turned out to be as it was is no longer watched.
    pub(super) fn settle(&mut self) {
        self.asked = None;
        self.echoes.clear();
        for slot in self.unlist() {
            let unchanged = self.kept(slot).is_some_and(|kept| {
                kept.removed == Removed::No && kept.before.is_some() && kept.again.is_none()
            });
            if unchanged {
                self.undo_changes(slot);
            }
        }
    }

    /// Everything as it was at the mark, also what was not flushed.
    pub(super) fn undo_all(&mut self, mark: usize) {
        self.echoes.clear();
        for slot in self.unlist() {
            match self.slots.get(slot as usize).map(|slot| &slot.content) {
                Some(Content::Pending(_)) => self.vacate(slot),
                Some(Content::Row(kept)) if kept.again.is_some() => self.vacate(slot),
                Some(Content::Row(_)) => self.undo_changes(slot),
                _ => {}
            }
        }
        while self.journal.len() > mark {
            match self.journal.pop() {
                None => break,
                Some(Undo::Inserted { slot, .. }) => self.vacate(slot),
                Some(Undo::Updated { slot, before, .. }) => self.restore(slot, &before),
                Some(Undo::Removed { slot, .. }) => {
                    self.bring_back(slot, Removed::No);
                    self.undo_changes(slot);
                }
            }
        }
    }

    /// What was flushed since the mark is to be flushed again. Edits since then stay.
    pub(super) fn flush_again(&mut self, mark: usize) {
        for (slot, echo) in mem::take(&mut self.echoes) {
            self.unhook(slot, &echo);
        }
        while self.journal.len() > mark {
            match self.journal.pop() {
                None => break,
                Some(Undo::Inserted {
                    slot,
                    columns,
                    hooked,
                }) => {
                    self.unhook(slot, &hooked);
                    let Some(kept) = self.kept_mut(slot) else {
                        continue;
                    };
                    (kept.again, kept.before) = (Some(columns), None);
                    // What was removed again was never there.
                    match kept.removed {
                        Removed::No => self.list(slot),
                        Removed::Wanted | Removed::Done => self.vacate(slot),
                    }
                }
                Some(Undo::Updated {
                    slot,
                    before,
                    returned,
                    hooked,
                }) => {
                    self.unhook(slot, &hooked);
                    self.restore_columns(slot, &before, returned.into_iter());
                    if let Some(kept) = self.kept_mut(slot) {
                        (kept.before, kept.expired) = (Some(before), false);
                    }
                    self.list(slot);
                }
                Some(Undo::Removed { slot, by_hook }) => {
                    let removed = match by_hook {
                        true => Removed::No,
                        false => Removed::Wanted,
                    };
                    self.bring_back(slot, removed);
                }
            }
        }
    }

    /// What was flushed stays.
    pub(super) fn keep(&mut self, expire: bool) {
        self.echoes.clear();
        for undo in mem::take(&mut self.journal) {
            if let Undo::Removed { slot, .. } = undo {
                self.vacate(slot);
            }
        }
        if expire {
            self.expire_all();
        }
    }

    pub(super) fn expire_all(&mut self) {
        for slot in &mut self.slots {
            if let Content::Row(kept) = &mut slot.content {
                let is_stored = kept.before.is_none() && kept.again.is_none();
                kept.expired |= is_stored && kept.removed == Removed::No;
            }
        }
    }

    /// Rows that were not changed here have to be read again where what they showed is undone.
    pub(super) fn expire_undone(&mut self, shown: &Shown, since: u32) {
        for slot in &mut self.slots {
            if let Content::Row(kept) = &mut slot.content {
                let clean = kept.before.is_none() && kept.removed == Removed::No;
                kept.expired |= clean && kept.read > since && shown.has(kept.read);
            }
        }
    }

    fn bring_back(&mut self, slot: u32, removed: Removed) {
        let Some(kept) = self.kept_mut(slot) else {
            return;
        };
        kept.removed = removed;
        if let Some(key) = self.stored_key(slot) {
            self.by_key.insert(key, slot);
        }
        self.list(slot);
    }

    /// A row as the database has it.
    pub(super) fn undo_changes(&mut self, slot: u32) {
        let before = self.kept_mut(slot).and_then(|kept| {
            kept.removed = Removed::No;
            kept.before.take()
        });
        if let Some(before) = before {
            self.restore(slot, &before);
        }
    }

    fn restore(&mut self, slot: u32, before: &Encoded) {
        self.restore_columns(slot, before, 0..before.len());
        if let Some(kept) = self.kept_mut(slot) {
            kept.before = None;
        }
    }

    pub(super) fn restore_columns(
        &mut self,
        slot: u32,
        before: &Encoded,
        columns: impl Iterator<Item = usize>,
    ) {
        for column in columns {
            let ty = self.types.get(column).cloned();
            if let (Some(ty), Some(kept)) = (ty, self.kept_mut(slot)) {
                // It was read from such bytes.
                let _ = kept.row.set(column, &ty, before.raw(column));
            }
        }
    }
}

impl DirtyRow {
    /// Puts a real key in the place of one that was promised.
    pub(super) fn resolve(&mut self, column: usize, part: &RawPart) {
        self.resolved.push(column);
        self.now = self.now.with(column, &with_length(part.raw.as_deref()));
    }
}

fn unreadable(error: crate::value::DecodeError) -> Error {
    Error::new(ErrorKind::Decode, "a row that was written cannot be read").with_source(error)
}
