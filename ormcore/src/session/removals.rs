//! Removals: whose come before everything else, and their statements.

use super::erased::{AnyArena, Todo};
use super::returned::Returned;
use super::steps::{Arenas, FlushKind, FlushStep, Work};
use super::turns::is_same;
use crate::sql::{Remove, Table};
use crate::value::{Encoded, Keys, list_of};
use std::collections::HashSet;

/// Rows refer to others that go.
struct Need {
    child: usize,
    parent: usize,
    /// They go too; otherwise they are changed.
    leaves: bool,
}

impl Work {
    /// Whose rows are removed before others are inserted and changed, so that what must be unique is free again: wherever
    /// there are such others, unless a row that is changed refers to what goes, or did so.
    pub(super) fn removed_first(&self, arenas: &Arenas) -> Vec<bool> {
        let comes = |todo: &Todo| !(todo.inserts.is_empty() && todo.updates.is_empty());
        // Rows of several kinds may be in one table.
        let comes_to = |table| {
            let mut others = arenas.iter().zip(&self.todo);
            others.any(|((_, other), todo)| is_same(other.table(), table) && comes(todo))
        };
        let arenas_and_todo = arenas.iter().zip(&self.todo);
        let makes_room = arenas_and_todo
            .map(|((_, arena), todo)| !todo.deletes.is_empty() && comes_to(arena.table()));
        let mut first: Vec<bool> = makes_room.collect();
        if !first.contains(&true) {
            return first;
        }
        let needs = self.needs(arenas);
        // A changed row is moved away before, or would go along.
        let mut later = vec![false; first.len()];
        for need in needs.iter().filter(|need| !need.leaves) {
            later[need.parent] = true;
        }
        // Those that go stand before those that they refer to, on either side.
        while let Some(need) = needs
            .iter()
            .find(|need| need.leaves && later[need.child] && !later[need.parent])
        {
            later[need.parent] = true;
        }
        for (first, later) in first.iter_mut().zip(&later) {
            *first &= !later;
        }
        while let Some(need) = needs
            .iter()
            .find(|need| need.leaves && first[need.parent] && !first[need.child])
        {
            first[need.child] = true;
        }
        first
    }

    /// Who refers to what goes, as the database has it.
    fn needs(&self, arenas: &Arenas) -> Vec<Need> {
        let mut needs = Vec::new();
        for (parent, ((_, to), todo)) in arenas.iter().zip(&self.todo).enumerate() {
            let leaving = todo.deletes.iter();
            let leaving: HashSet<Keys> = leaving.map(|row| to.key_of(&row.before)).collect();
            if leaving.is_empty() {
                continue;
            }
            for (child, ((_, from), todo)) in arenas.iter().zip(&self.todo).enumerate() {
                // The columns with their keys, or with those of rows that go along: which those are is known only there.
                let mut own = Vec::new();
                let mut along = false;
                for lead in from.leads() {
                    match (lead.table)() {
                        table if is_same(table, to.table()) => own.push(lead.column),
                        table => along |= goes_along(table, to.table(), &mut Vec::new()),
                    }
                }
                if own.is_empty() && !along {
                    continue;
                }
                let refers = |row: &Encoded| {
                    let mut keys = own.iter().filter_map(|column| from.key_in(row, *column));
                    along || keys.any(|key| leaving.contains(&Keys::Single(key)))
                };
                let mut changed = todo.updates.iter();
                if changed.any(|row| from.stored(row.slot).as_ref().is_some_and(refers)) {
                    let leaves = false;
                    needs.push(Need {
                        child,
                        parent,
                        leaves,
                    });
                }
                if todo.deletes.iter().any(|row| refers(&row.before)) {
                    let leaves = true;
                    needs.push(Need {
                        child,
                        parent,
                        leaves,
                    });
                }
            }
        }
        needs
    }

    /// Removes rows, those that refer to others first.
    pub(super) fn remove_where(
        &self,
        arenas: &Arenas,
        is: impl Fn(usize) -> bool,
        steps: &mut Vec<FlushStep>,
    ) {
        for at in self.order.iter().copied().rev().filter(|at| is(*at)) {
            if let Some((_, arena)) = arenas.get(at) {
                self.remove(at, &**arena, steps);
            }
        }
    }

    fn remove(&self, at: usize, arena: &dyn AnyArena, steps: &mut Vec<FlushStep>) {
        let Some(todo) = self.todo.get(at).filter(|todo| !todo.deletes.is_empty()) else {
            return;
        };
        let table = arena.table();
        let found_by: Vec<_> = table.key.iter().copied().chain(table.version).collect();
        let lists = table.positions(&found_by).into_iter();
        let lists =
            lists.map(|place| list_of(todo.deletes.iter().map(|row| row.before.part(place))));
        steps.push(FlushStep {
            arena: at,
            slots: todo.deletes.iter().map(|row| row.slot).collect(),
            kind: FlushKind::Remove {
                statement: Remove {
                    table,
                    lists: lists.collect(),
                    found_by,
                },
                keys: todo
                    .deletes
                    .iter()
                    .map(|row| arena.key_of(&row.before))
                    .collect(),
                returned: Returned::new(table.key.to_vec(), table.key.len()),
            },
            error: None,
        });
    }
}

/// Whether rows of a table go when those of another do, by themselves.
fn goes_along(table: &'static Table, with: &'static Table, seen: &mut Vec<&'static Table>) -> bool {
    // A row that is only marked as deleted takes nobody along.
    if with.deleted.is_some() || seen.contains(&table) {
        return false;
    }
    seen.push(table);
    let references = table
        .columns
        .iter()
        .filter_map(|column| column.references.as_ref());
    let mut cascades = references.filter(|to| to.on_delete == Some("cascade"));
    cascades.any(|to| is_same((to.table)(), with) || goes_along((to.table)(), with, seen))
}
