//! Which changed rows are written before others: what one of them gives up, another may take.

use super::erased::{AnyArena, DirtyRow};
use super::steps::{Arenas, Work};
use crate::sql::Table;
use crate::value::Encoded;
use std::collections::HashMap;

/// The changed rows of an arena, by number, each with those that wait for it.
pub(super) struct Turns {
    waiting: Vec<Vec<usize>>,
    /// For how many others each waits.
    waits: Vec<usize>,
}

impl Work {
    /// The rows of an arena that are changed before others are inserted into its table, so that what they give up is free:
    /// all that lead to no row that is new, and take nothing from one that does.
    pub(super) fn changed_first(&mut self, at: usize, arenas: &Arenas) -> Vec<DirtyRow> {
        let comes_to = |table: &Table| {
            let mut others = arenas.iter().zip(&self.todo);
            others
                .any(|((_, other), todo)| is_same(other.table(), table) && !todo.inserts.is_empty())
        };
        let Some((_, arena)) = arenas.get(at).filter(|(_, arena)| comes_to(arena.table())) else {
            return Vec::new();
        };
        let leads = arena.leads().iter().copied();
        let leads = leads.chain(arena.parts_of_leads());
        let leads = leads.filter(|lead| comes_to((lead.table)()));
        let leads: Vec<usize> = leads.map(|lead| lead.column).collect();
        let Some(todo) = self.todo.get_mut(at) else {
            return Vec::new();
        };
        let turns = Turns::of(&**arena, &todo.updates);
        let late = todo.updates.iter().map(|row| {
            let mut columns = row.columns.iter();
            columns.any(|column| leads.contains(column))
        });
        let late = late.collect();
        let late = match turns {
            Some(turns) => turns.and_those_behind(late),
            None => late,
        };
        let mut late = late.into_iter();
        let (late, early) = std::mem::take(&mut todo.updates)
            .into_iter()
            .partition(|_| late.next().unwrap_or(true));
        todo.updates = late;
        early
    }

    /// Whether rows of a table are changed.
    pub(super) fn is_changed(&self, table: &Table, arenas: &Arenas) -> bool {
        let mut arenas = arenas.iter().zip(&self.todo);
        arenas.any(|((_, arena), todo)| is_same(arena.table(), table) && !todo.updates.is_empty())
    }
}

impl Turns {
    /// None, unless rows take from others what is unique. Two that take it from each other have no turns: PostgreSQL refuses
    /// that, unless the constraint waits for the end of the statement.
    pub(super) fn of(arena: &dyn AnyArena, updates: &[DirtyRow]) -> Option<Self> {
        let mut turns = None;
        for places in unique(arena.table()) {
            let is_of_it = |place: &usize| places.contains(place);
            let changed = updates.iter().enumerate();
            let changed = changed.filter(|(_, row)| row.columns.iter().any(is_of_it));
            let mut givers: HashMap<Vec<&[u8]>, usize> = HashMap::new();
            for (number, row) in changed.clone() {
                let before = arena.before(row.slot);
                givers.extend(before.map(|before| (parts(before, &places), number)));
            }
            for (number, row) in changed {
                let whole = places.iter().all(|place| row.now.raw(*place).is_some());
                let taken = whole.then(|| parts(&row.now, &places));
                if let Some(giver) = taken.and_then(|taken| givers.get(&taken)) {
                    let turns = turns.get_or_insert_with(|| Self {
                        waiting: vec![Vec::new(); updates.len()],
                        waits: vec![0; updates.len()],
                    });
                    turns.waiting[*giver].push(number);
                    turns.waits[number] += 1;
                }
            }
        }
        turns
    }

    /// These, and all that take from them.
    fn and_those_behind(&self, mut these: Vec<bool>) -> Vec<bool> {
        let numbers = 0..these.len();
        let mut next: Vec<usize> = numbers.filter(|number| these[*number]).collect();
        while let Some(number) = next.pop() {
            for waiting in &self.waiting[number] {
                if !std::mem::replace(&mut these[*waiting], true) {
                    next.push(*waiting);
                }
            }
        }
        these
    }

    /// When it is each one's turn: those that take from others in a circle, or from such, are all last.
    pub(super) fn numbers(mut self) -> Vec<usize> {
        let mut turns = vec![None; self.waits.len()];
        let numbers = 0..self.waits.len();
        let mut free: Vec<usize> = numbers.filter(|number| self.waits[*number] == 0).collect();
        let mut turn = 0;
        while !free.is_empty() {
            let mut next = Vec::new();
            for number in std::mem::take(&mut free) {
                turns[number] = Some(turn);
                for waiting in std::mem::take(&mut self.waiting[number]) {
                    self.waits[waiting] -= 1;
                    if self.waits[waiting] == 0 {
                        next.push(waiting);
                    }
                }
            }
            (free, turn) = (next, turn + 1);
        }
        let turns = turns.into_iter();
        turns.map(|its| its.unwrap_or(turn)).collect()
    }
}

/// Where the columns are of which no two rows may have the same: of each by itself, and of several together.
fn unique(table: &'static Table) -> impl Iterator<Item = Vec<usize>> {
    let alone = table.columns.iter().enumerate();
    let alone = alone.filter(|(_, column)| column.unique);
    let together = table.indexes.iter().filter(|index| index.unique);
    let together = together.map(|index| table.positions(index.columns));
    alone.map(|(place, _)| vec![place]).chain(together)
}

fn parts<'r>(row: &'r Encoded, places: &[usize]) -> Vec<&'r [u8]> {
    places.iter().map(|place| row.part(*place)).collect()
}

/// Whether it is the same table; rows of several kinds may be in one.
pub(super) fn is_same(one: &Table, other: &Table) -> bool {
    (one.schema, one.name) == (other.schema, other.name)
}
