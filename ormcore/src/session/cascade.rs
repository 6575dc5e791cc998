//! What the database does by itself when rows are removed or refer to others, done in the arenas too.

use super::Session;
use super::erased::AnyArena;
use super::reference::{Place, Ref};
use super::tracked::Tracked;
use crate::sql::{ColumnInfo, Table};
use crate::value::Keys;
use std::any::TypeId;

/// Rows that were removed: their arena, their slots and their keys.
pub(super) type Gone = (usize, Vec<u32>, Vec<Keys>);

impl Session {
    /// Rows were removed: they are in no list any more, and those that referred to them follow.
    pub(super) fn follow_removals(&mut self, removed: Vec<Gone>) {
        for (at, slots, keys) in removed {
            if let Some((_, arena)) = self.arenas.get(at) {
                let table = arena.table();
                let places: Vec<Place> = slots.iter().map(|slot| arena.place(*slot)).collect();
                places
                    .into_iter()
                    .for_each(|place| self.lists.leave(table, place));
                self.cascade(table, keys);
            }
        }
    }

    /// Rows of this table were removed: those that refer to them go too, or refer to nothing, as their columns say.
    fn cascade(&mut self, table: &'static Table, keys: Vec<Keys>) {
        let mut removed = vec![(table, keys)];
        while let Some((table, keys)) = removed.pop() {
            // A row that is only marked as deleted is still there for those that refer to it.
            if keys.is_empty() || table.deleted.is_some() {
                continue;
            }
            for (_, arena) in &mut self.arenas {
                let (referring, columns) = (arena.table(), leading_to(&**arena, table));
                for (at, column) in columns {
                    let action = column.references.as_ref().and_then(|to| to.on_delete);
                    match action {
                        Some("cascade") => {
                            let gone = arena.remove_referring(at, &keys);
                            let (places, gone): (Vec<_>, Vec<_>) = gone.into_iter().unzip();
                            for place in places {
                                self.lists.leave(referring, place);
                            }
                            removed.push((referring, gone));
                        }
                        Some("set null") => arena.clear_referring(at, &keys),
                        _ => {}
                    }
                }
            }
        }
    }

    /// A row was read again: the lists of those it refers to have it.
    pub(super) fn relist_row<E: Tracked>(&mut self, row: Ref<E>) {
        let kind = TypeId::of::<E>();
        if let Some(at) = self.arenas.iter().position(|(other, _)| *other == kind) {
            self.relist(at, row.place.slot);
        }
    }

    /// A row was written: the lists of those it refers to have it.
    pub(super) fn relist(&mut self, at: usize, slot: u32) {
        let relations = self.lists.relations();
        let Some((_, arena)) = self.arenas.get(at) else {
            return;
        };
        let (table, child) = (arena.table(), arena.place(slot));
        let mut moves = Vec::new();
        for info in relations {
            let through = info.through().is_some();
            if info.refers || through || (info.target)() != table || info.when.is_some() {
                continue;
            }
            let owner_table = info.owner_columns.first();
            let owners = self.arenas.iter().find(|(_, arena)| {
                let column = owner_table.map(|column| std::ptr::from_ref(*column));
                let mut columns = arena.table().columns.iter();
                columns.any(|other| Some(std::ptr::from_ref(*other)) == column)
            });
            let key = arena.keys_in(slot, info.matching());
            let parent = owners
                .zip(key)
                .and_then(|((_, owners), key)| owners.find(&key));
            moves.push((info.matching(), parent));
        }
        for (columns, parent) in moves {
            self.moved(table, child, columns, parent);
        }
    }
}

/// The columns of an arena's table that refer to this one.
fn leading_to(arena: &dyn AnyArena, table: &'static Table) -> Vec<(usize, &'static ColumnInfo)> {
    let leads = arena.leads().iter();
    let leads = leads.filter(|lead| (lead.table)() == table);
    let columns = arena.table().columns;
    leads
        .filter_map(|lead| Some((lead.column, *columns.get(lead.column)?)))
        .collect()
}
