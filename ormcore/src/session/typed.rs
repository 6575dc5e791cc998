//! The arena of one entity as one of any: what a session asks of it, answered with the entity's type.

use super::arena::{Arena, encode};
use super::edges::parts_of_leads;
use super::erased::{AnyArena, DirtyRow, Insertion, ReadRows, Replace, Todo, Wrong};
use super::kept::{Content, Removed};
use super::pending::{Pending, RawPart};
use super::promises::Promised;
use super::reference::Place;
use super::shown::Shown;
use super::tracked::{Lead, Tracked};
use crate::db::Row;
use crate::entity::{Check, Key};
use crate::error::Result;
use crate::sql::{ColumnInfo, Table};
use crate::value::{Encoded, KeyValue, Keys, Type};
use std::any::Any;
use std::collections::HashSet;

/// Rows that were inserted.
pub(super) struct Inserted<E> {
    pub(super) rows: Vec<E>,
    pub(super) types: Vec<Type>,
}

impl<E: Tracked> ReadRows for Inserted<E> {
    fn read(&mut self, row: Row<'_>) -> Result<()> {
        if self.types.is_empty() {
            let columns = 0..E::TABLE.columns.len();
            self.types = columns.filter_map(|at| row.ty(at).cloned()).collect();
        }
        self.rows.push(E::from_row(&row)?);
        Ok(())
    }

    fn count(&self) -> usize {
        self.rows.len()
    }

    fn key(&self) -> Option<RawPart> {
        let [at] = E::TABLE.positions(E::TABLE.key)[..] else {
            return None;
        };
        let (row, ty) = (self.rows.first()?, self.types.get(at)?);
        let mut encoded = Encoded::default();
        encoded.push(|out| row.put(at, ty, out)).ok()?;
        Some(RawPart {
            ty: ty.clone(),
            raw: encoded.raw(0).map(<[u8]>::to_vec),
        })
    }

    fn into_rows(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

impl<E: Tracked> AnyArena for Arena<E> {
    fn table(&self) -> &'static Table {
        E::TABLE
    }

    fn leads(&self) -> &[Lead] {
        &self.leads
    }

    fn parts_of_leads(&self) -> Vec<Lead> {
        parts_of_leads::<E>()
    }

    fn place(&self, slot: u32) -> Place {
        Arena::place(self, slot)
    }

    fn is_live(&self, place: Place, leaving: bool) -> bool {
        match self.content(place) {
            Ok(Content::Pending(_)) => true,
            Ok(Content::Row(kept)) => match kept.removed {
                Removed::No => true,
                Removed::Wanted => leaving,
                Removed::Done => false,
            },
            Ok(Content::Vacant) | Err(_) => false,
        }
    }

    fn is_stored(&self, slot: u32) -> bool {
        self.kept(slot).is_some()
    }

    fn forget(&mut self, place: Place) {
        if self.is_live(place, false) {
            self.vacate(place.slot);
        }
    }

    fn todo(&self, strict: bool) -> Result<Todo, Wrong> {
        self.find_todo(strict)
    }

    fn check(&self, todo: &Todo, check: &mut Check) -> Vec<u32> {
        self.find_invalid(todo, check)
    }

    fn given(&self, slot: u32) -> Vec<&'static ColumnInfo> {
        match self.draft(slot) {
            Some(draft) => draft.given(),
            None => self.again(slot),
        }
    }

    fn promised(&self) -> Vec<Promised> {
        self.all_promised()
    }

    fn broken(&self) -> &HashSet<KeyValue> {
        &self.broken
    }

    fn ranks(&self, slots: &[u32]) -> Vec<usize> {
        self.ranked(slots)
    }

    fn show_keys(&self, slots: &[u32], see: &mut dyn FnMut(u32, usize, KeyValue)) {
        for slot in slots {
            // Nothing is put in their place, and so nothing can fail.
            if let Some(mut draft) = self.draft(*slot).map(Pending::copy) {
                let _ = draft.resolve(&mut |column, key| {
                    see(*slot, column, key);
                    None
                });
            } else if let Some(kept) = self.kept(*slot) {
                let (now, _) = encode(&kept.row, &self.types);
                for lead in &self.leads {
                    if let Some(key) = self.lead_key(&now, lead.column) {
                        see(*slot, lead.column, key);
                    }
                }
            }
        }
    }

    fn own_key(&self, slot: u32) -> Option<Keys> {
        if let Some(kept) = self.kept(slot) {
            return Some(kept.row.key().keys());
        }
        let mut provisional = self.provisional.unused();
        let key = self.draft(slot)?.key(&mut provisional)?;
        provisional.parts.is_empty().then(|| key.keys())
    }

    fn insertions(
        &self,
        slots: &[u32],
        made: &dyn Fn(u32) -> Option<RawPart>,
        replace: &mut Replace<'_>,
    ) -> Result<Vec<Insertion>, Wrong> {
        self.make_insertions(slots, made, replace)
    }

    fn key_in(&self, encoded: &Encoded, column: usize) -> Option<KeyValue> {
        self.lead_key(encoded, column)
    }

    fn stored(&self, slot: u32) -> Option<Encoded> {
        let kept = self.kept(slot)?;
        let before = kept.before.as_ref();
        Some(before.map_or_else(
            || encode(&kept.row, &self.types).0,
            |before| (**before).clone(),
        ))
    }

    fn before(&self, slot: u32) -> Option<&Encoded> {
        self.kept(slot)?.before.as_deref()
    }

    fn written(&self, removed: bool) -> Vec<(u32, Encoded)> {
        self.rows_written(removed)
    }

    fn key_of(&self, encoded: &Encoded) -> Keys {
        let key = E::TABLE.positions(E::TABLE.key).into_iter();
        key.filter_map(|at| self.lead_key(encoded, at)).collect()
    }

    fn reader(&self) -> Box<dyn ReadRows> {
        Box::new(Inserted::<E> {
            rows: Vec::new(),
            types: Vec::new(),
        })
    }

    fn inserted(&mut self, slots: &[u32], rows: Box<dyn Any + Send>) -> Result<Vec<Place>> {
        self.apply_inserted(slots, rows)
    }

    fn updated(&mut self, update: DirtyRow, returned: &[(usize, RawPart)]) -> Result<()> {
        self.apply_updated(update, returned)
    }

    fn set(&mut self, slot: u32, column: usize, part: &RawPart) -> Result<()> {
        self.set_column(slot, column, part)
    }

    fn removed(&mut self, slot: u32) {
        self.apply_removed(slot);
    }

    fn remove_referring(&mut self, column: usize, keys: &[Keys]) -> Vec<(Place, Keys)> {
        let slots = self.referring(column, keys);
        let own = slots.iter();
        let own = own.filter_map(|slot| Some((Arena::place(self, *slot), self.own_key(*slot)?)));
        let own = own.collect();
        slots.into_iter().for_each(|slot| self.apply_removed(slot));
        own
    }

    fn clear_referring(&mut self, column: usize, keys: &[Keys]) {
        for slot in self.referring(column, keys) {
            self.apply_cleared(slot, column);
        }
    }

    fn keys_in(&self, slot: u32, columns: &[&'static ColumnInfo]) -> Option<Keys> {
        self.keys_at(slot, columns)
    }

    fn is_known(&self, key: &Keys) -> bool {
        Arena::is_known(self, key)
    }

    fn find(&self, key: &Keys) -> Option<Place> {
        self.place_of(key)
    }

    fn remember(&mut self) {
        self.remember_rows();
    }

    fn recall(&mut self) {
        self.recall_rows();
    }

    fn added(&mut self) -> Vec<Place> {
        self.added_rows()
    }

    fn note_echoes(&mut self) {
        self.note_echoes_of_hooks();
    }

    fn flushed(&mut self) {
        self.settle();
    }

    fn mark(&self) -> usize {
        self.journal.len()
    }

    fn roll_back(&mut self, mark: usize) {
        self.undo_all(mark);
    }

    fn unflush(&mut self, mark: usize) {
        self.flush_again(mark);
    }

    fn committed(&mut self, expire: bool) {
        self.keep(expire);
    }

    fn expire(&mut self) {
        self.expire_all();
    }

    fn expire_shown(&mut self, shown: &Shown, since: u32) {
        self.expire_undone(shown, since);
    }
}
