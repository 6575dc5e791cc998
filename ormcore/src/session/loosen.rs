//! Circles of rows that go: keys that are set to NULL before, because each row is still referred to by another.

use super::erased::{AnyArena, DirtyRow, LeavingRow};
use super::statements::write_back;
use super::steps::{Arenas, FlushStep, Work, WrongIn};
use super::todo::with_length;
use crate::sql::Table;
use crate::value::Keys;
use std::collections::HashSet;

impl Work {
    /// Ends that rows that go refer to others that go before them, where the database does not do so itself.
    pub(super) fn loosen(
        &mut self,
        arenas: &Arenas,
        steps: &mut Vec<FlushStep>,
    ) -> Result<(), WrongIn> {
        for (at, (_, arena)) in arenas.iter().enumerate() {
            for column in self.columns_of_circles(at, arenas) {
                let before = self.leaving_before(at, column, arenas);
                let version = arena.table().version;
                let version = version.and_then(|version| arena.table().positions(&[version]).pop());
                let Some(todo) = self.todo.get_mut(at) else {
                    continue;
                };
                let refers = |row: &&mut LeavingRow| {
                    let key = arena.key_in(&row.before, column);
                    key.is_some_and(|key| before.contains(&Keys::Single(key)))
                };
                let mut updates = Vec::new();
                for row in todo.deletes.iter_mut().filter(refers) {
                    let version = version.map(|at| (at, row.before.part(at).to_vec()));
                    row.before = row.before.with(column, &with_length(None));
                    updates.push(DirtyRow {
                        slot: row.slot,
                        columns: vec![column],
                        now: row.before.clone(),
                        version: version.as_ref().map(|(_, part)| part.clone()),
                        resolved: Vec::new(),
                    });
                    // It is found by the version that it has then.
                    if let Some((at, part)) = version {
                        row.before = row.before.with(at, &one_more(part));
                    }
                }
                if !updates.is_empty() {
                    let step = write_back(at, &**arena, &[column], updates);
                    steps.push(step.map_err(|wrong| (at, wrong))?);
                }
            }
        }
        Ok(())
    }

    /// The columns of rows that go that may be NULL, and lead to a table whose rows go before them.
    fn columns_of_circles(&self, at: usize, arenas: &Arenas) -> Vec<usize> {
        let Some((_, arena)) = arenas.get(at).filter(|_| self.goes(at)) else {
            return Vec::new();
        };
        let leads = arena.leads().iter().filter(|lead| {
            let column = arena.table().columns.get(lead.column);
            column.is_some_and(|column| {
                let action = column.references.as_ref().and_then(|to| to.on_delete);
                column.nullable && matches!(action, None | Some("no action" | "restrict"))
            }) && self.before(at, (lead.table)(), arenas).next().is_some()
        });
        leads.map(|lead| lead.column).collect()
    }

    /// The keys that a column leads to of rows that go before.
    fn leaving_before(&self, at: usize, column: usize, arenas: &Arenas) -> HashSet<Keys> {
        let mut keys = HashSet::new();
        let leads = arenas.get(at).map_or(&[][..], |(_, arena)| arena.leads());
        for lead in leads.iter().filter(|lead| lead.column == column) {
            for (other, arena) in self.before(at, (lead.table)(), arenas) {
                let leaving = self
                    .todo
                    .get(other)
                    .into_iter()
                    .flat_map(|todo| &todo.deletes);
                keys.extend(leaving.map(|row| arena.key_of(&row.before)));
            }
        }
        keys
    }

    /// The arenas of a table whose rows go before those of another.
    fn before<'a>(
        &'a self,
        at: usize,
        table: &'static Table,
        arenas: &'a Arenas,
    ) -> impl Iterator<Item = (usize, &'a dyn AnyArena)> {
        let arenas = arenas.iter().enumerate();
        let arenas = arenas.map(|(other, (_, arena))| (other, &**arena));
        arenas.filter(move |(other, arena)| {
            arena.table() == table && self.goes(*other) && self.is_behind(*other, at)
        })
    }

    fn goes(&self, at: usize) -> bool {
        let todo = self.todo.get(at);
        todo.is_some_and(|todo| !todo.deletes.is_empty())
    }
}

/// The next version, which is a whole number, as bytes with their length before them.
fn one_more(mut part: Vec<u8>) -> Vec<u8> {
    let number = part.get_mut(4..).unwrap_or_default();
    for byte in number.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
    part
}
