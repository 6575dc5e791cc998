//! Keys that stand for others, and in which order their rows are inserted.

use super::arena::Arena;
use super::erased::Wrong;
use super::pending::RawPart;
use super::steps::{Arenas, At, Work, WrongIn};
use super::todo::wrong;
use super::tracked::Tracked;
use crate::entity::Key as _;
use crate::error::Error;
use crate::value::{KeyValue, Keys};
use std::any::TypeId;

/// A key that stands for that of a row.
pub(super) struct Promised {
    pub(super) key: KeyValue,
    pub(super) slot: u32,
    /// The real one, where the row has it.
    pub(super) real: Option<RawPart>,
    /// Whether the row is in the database.
    pub(super) is_stored: bool,
}

impl<E: Tracked> Arena<E> {
    pub(super) fn all_promised(&self) -> Vec<Promised> {
        let promised = self.promised.iter();
        let promised = promised.map(|(key, slot)| (key.clone(), *slot));
        // Whoever refers to a row that is to be inserted again may have to wait for it.
        let touched = self.touched.iter().copied();
        let again =
            touched.filter(|slot| self.kept(*slot).is_some_and(|kept| kept.again.is_some()));
        let again = again.filter_map(|slot| match self.kept(slot)?.row.key().keys() {
            Keys::Single(key) => Some((key, slot)),
            Keys::Several(_) => None,
        });
        let all = promised.chain(again);
        all.map(|(key, slot)| Promised {
            key,
            slot,
            real: self.real_key(slot),
            is_stored: self.kept(slot).is_some_and(|kept| kept.again.is_none()),
        })
        .collect()
    }

    fn real_key(&self, slot: u32) -> Option<RawPart> {
        let [at] = self.key_places() else {
            return None;
        };
        let key = self.kept(slot)?.row.key().keys().into_only()?;
        let (ty, raw) = key.encode(self.types.get(*at)).ok()?;
        Some(RawPart { ty, raw })
    }

    /// Rows that are inserted again are in the first statement, the others in one for each kind of struct.
    pub(super) fn ranked(&self, slots: &[u32]) -> Vec<usize> {
        let mut kinds: Vec<TypeId> = Vec::new();
        let ranks = slots.iter().map(|slot| {
            let Some(draft) = self.draft(*slot) else {
                return 0;
            };
            let kind = draft.as_any().type_id();
            let known = kinds.iter().position(|other| *other == kind);
            1 + known.unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            })
        });
        ranks.collect()
    }
}

impl Work {
    /// Takes note of the keys that stand for others.
    pub(super) fn know_promised(&mut self, arenas: &Arenas) {
        for (at, (_, arena)) in arenas.iter().enumerate() {
            for promised in arena.promised() {
                let row = (at, promised.slot);
                self.made.extend(promised.real.map(|real| (row, real)));
                self.stored.extend(promised.is_stored.then_some(row));
                self.promised.insert((at, promised.key), row);
            }
        }
        if self.promised.is_empty() {
            return;
        }
        for ((at, (_, arena)), todo) in arenas.iter().enumerate().zip(&self.todo) {
            let ranks = arena.ranks(&todo.inserts).into_iter();
            let rows = todo.inserts.iter().map(|slot| (at, *slot));
            self.ranks.extend(rows.zip(ranks));
        }
    }

    /// Whether the rows of one arena are inserted after those of another.
    pub(super) fn is_behind(&self, one: usize, other: usize) -> bool {
        let place = |arena| self.order.iter().position(|at| *at == arena);
        place(one) > place(other)
    }

    /// Whether one row is inserted after another.
    pub(super) fn is_later(&self, one: At, other: At) -> bool {
        let place = |row: At| {
            let arena = self.order.iter().position(|at| *at == row.0);
            (arena, self.ranks.get(&row).copied())
        };
        self.ranks.contains_key(&one) && !self.stored.contains(&one) && place(one) > place(other)
    }

    /// A key that was promised for a row which is not there any more leads nowhere.
    pub(super) fn keep_promises(&self, arenas: &Arenas) -> Result<(), WrongIn> {
        if arenas.iter().all(|(_, arena)| arena.broken().is_empty()) {
            return Ok(());
        }
        let broken = |holder: usize, column: usize, key: &KeyValue| {
            let (_, arena) = arenas.get(holder)?;
            let lead = arena.leads().iter().find(|lead| lead.column == column)?;
            let table = (lead.table)();
            let of_its = |(_, other): &&(TypeId, Box<dyn super::erased::AnyArena>)| {
                other.table() == table && other.broken().contains(key)
            };
            arenas.iter().find(of_its).map(|(_, other)| (arena, other))
        };
        for (at, (_, arena)) in arenas.iter().enumerate() {
            let Some(todo) = self.todo.get(at) else {
                continue;
            };
            let mut found: Option<Wrong> = None;
            let mut see = |slot: u32, column: usize, key: KeyValue| {
                if let Some((arena, target)) = broken(at, column, &key) {
                    let info = arena.table().columns.get(column).copied();
                    let message = format!(
                        "`{}::{}` has the key of a new `{}` that is not in the session any more",
                        arena.table().entity,
                        info.map_or("", |info| info.field),
                        target.table().entity
                    );
                    found.get_or_insert_with(|| wrong(slot, info, Error::usage(message)));
                }
            };
            arena.show_keys(&todo.inserts, &mut see);
            for update in &todo.updates {
                for column in &update.columns {
                    if let Some(key) = arena.key_in(&update.now, *column) {
                        see(update.slot, *column, key);
                    }
                }
            }
            if let Some(wrong) = found {
                return Err((at, wrong));
            }
        }
        Ok(())
    }
}
