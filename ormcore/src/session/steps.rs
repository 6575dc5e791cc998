//! A flush as a list of statements, made before the first of them is sent.

use super::edits::{Edit, last_words};
use super::erased::{AnyArena, DirtyRow, ReadRows, Todo, Wrong};
use super::order::parents_first;
use super::pending::RawPart;
use super::returned::Returned;
use super::statements::{hopeless, write_back};
use super::turns::Turns;
use crate::error::Error;
use crate::sql::{self, LinkRows, NewKeys, Remove, Said, WriteBack};
use crate::value::{KeyValue, Keys, Param, Type};
use std::any::TypeId;
use std::collections::{HashMap, HashSet};

/// The arenas of a session.
pub(super) type Arenas = [(TypeId, Box<dyn AnyArena>)];

/// A row: its arena and its slot.
pub(super) type At = (usize, u32);

/// One statement, and what it is about.
pub(super) struct FlushStep {
    pub(super) arena: usize,
    pub(super) slots: Vec<u32>,
    pub(super) kind: FlushKind,
    pub(super) error: Option<Error>,
}

pub(super) enum FlushKind {
    Insert {
        statement: sql::Insert,
        rows: Box<dyn ReadRows>,
    },
    Update {
        statement: WriteBack,
        updates: Vec<DirtyRow>,
        keys: Vec<Keys>,
        returned: Returned,
        /// The places of what is returned besides the key.
        places: Vec<usize>,
    },
    /// A key that was not there yet when its row was inserted.
    Follow {
        statement: WriteBack,
        column: usize,
        parts: Vec<RawPart>,
        keys: Vec<Keys>,
        returned: Returned,
        places: Vec<usize>,
    },
    Link {
        statement: LinkRows,
    },
    Remove {
        statement: Remove,
        keys: Vec<Keys>,
        returned: Returned,
    },
}

/// What there is to do, arena by arena.
pub(super) struct Work {
    pub(super) todo: Vec<Todo>,
    /// The places of the arenas, those that are referred to first.
    pub(super) order: Vec<usize>,
    /// Rows by the keys that were promised for them.
    pub(super) promised: HashMap<(usize, KeyValue), At>,
    /// Rows that have to have a key before they are inserted.
    pub(super) wanted: HashSet<At>,
    /// The keys they have got, and those of rows that had one.
    pub(super) made: HashMap<At, RawPart>,
    /// Rows for which a key was promised, and which are in the database.
    pub(super) stored: HashSet<At>,
    /// Which statement of its table each new row is in.
    pub(super) ranks: HashMap<At, usize>,
    /// Keys that are set behind the inserts: whose, in which column, and of whom.
    pub(super) following: Vec<(At, usize, At)>,
    /// Rows of tables between, that come or go.
    pub(super) edits: Vec<Edit>,
}

/// Something is wrong with one row of this arena.
pub(super) type WrongIn = (usize, Wrong);

impl Work {
    pub(super) fn of(arenas: &Arenas, edits: &[Edit]) -> Result<Self, WrongIn> {
        let mut todo = Vec::with_capacity(arenas.len());
        for (at, (_, arena)) in arenas.iter().enumerate() {
            todo.push(arena.todo(true).map_err(|wrong| (at, wrong))?);
        }
        let work = Self {
            todo,
            order: Vec::new(),
            promised: HashMap::new(),
            wanted: HashSet::new(),
            made: HashMap::new(),
            stored: HashSet::new(),
            ranks: HashMap::new(),
            following: Vec::new(),
            edits: last_words(edits, arenas),
        };
        work.keep_promises(arenas)?;
        Ok(work)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.todo.iter().all(Todo::is_empty) && self.edits.is_empty()
    }

    /// Finds out in which order tables are written, and which rows need a key before they are inserted.
    pub(super) fn arrange(&mut self, arenas: &Arenas) {
        let tables = arenas
            .iter()
            .map(|(_, arena)| (arena.table(), arena.leads()));
        self.order = parents_first(&tables.collect::<Vec<_>>());
        self.know_promised(arenas);
        let mut wanted: HashSet<At> = self.edits.iter().flat_map(Edit::rows).collect();
        if self.promised.is_empty() && wanted.is_empty() {
            return;
        }
        for (at, (_, arena)) in arenas.iter().enumerate() {
            let Some(todo) = self.todo.get(at) else {
                continue;
            };
            let mut see = |slot: u32, column: usize, key: KeyValue| {
                if let Some(target) = self.promised_to(arenas, at, column, key) {
                    wanted.insert(target);
                    if self.is_later(target, (at, slot)) {
                        wanted.insert((at, slot));
                    }
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
        }
        // Rows of one table may refer to each other only where one statement inserts them all.
        for (at, (_, arena)) in arenas.iter().enumerate() {
            let mut leads = arena.leads().iter();
            let to_itself = leads.any(|lead| (lead.table)() == arena.table());
            if to_itself && wanted.iter().any(|(of, _)| *of == at) {
                let todo = self.todo.get(at).into_iter();
                wanted.extend(todo.flat_map(|todo| &todo.inserts).map(|slot| (at, *slot)));
            }
        }
        self.wanted = wanted;
    }

    /// The row that was promised this key, which stands in this column.
    pub(super) fn promised_to(
        &self,
        arenas: &Arenas,
        arena: usize,
        column: usize,
        key: KeyValue,
    ) -> Option<At> {
        let (_, holder) = arenas.get(arena)?;
        let lead = holder.leads().iter().find(|lead| lead.column == column)?;
        let table = (lead.table)();
        let target = arenas
            .iter()
            .position(|(_, arena)| arena.table() == table)?;
        self.promised.get(&(target, key)).copied()
    }

    /// The questions for keys, each with the rows that they are for.
    pub(super) fn questions(&self, arenas: &Arenas) -> Vec<(Vec<At>, NewKeys)> {
        let mut questions = Vec::new();
        for at in self
            .order
            .iter()
            .copied()
            .filter(|_| !self.wanted.is_empty())
        {
            let Some((_, arena)) = arenas.get(at) else {
                continue;
            };
            let wanted = self.keyless(at, arenas);
            if !wanted.is_empty() {
                let statement = NewKeys {
                    table: arena.table(),
                    columns: arena.table().key.to_vec(),
                    count: Param::from_i64(wanted.len() as i64),
                };
                questions.push((wanted, statement));
            }
        }
        questions
    }

    /// The keys that were asked for.
    pub(super) fn answer(&mut self, rows: &[At], keys: Vec<RawPart>) {
        self.made.extend(rows.iter().copied().zip(keys));
    }

    /// The statements, in order; links are of the scope that is said.
    pub(super) fn steps(
        &mut self,
        arenas: &Arenas,
        said: Option<&Said>,
    ) -> Result<Vec<FlushStep>, WrongIn> {
        let mut steps = Vec::new();
        self.loosen(arenas, &mut steps)?;
        // They make room for those that come, and no row goes before its links.
        self.link(false, arenas, said, &mut steps)?;
        let first = self.removed_first(arenas);
        self.remove_where(arenas, |at| first.get(at) == Some(&true), &mut steps);
        for at in self.order.clone() {
            let updates = self.changed_first(at, arenas);
            self.update(at, updates, arenas, &mut steps)?;
        }
        for at in self.order.clone() {
            let Some((_, arena)) = arenas.get(at) else {
                continue;
            };
            self.insert(at, &**arena, arenas, &mut steps)
                .map_err(|wrong| (at, wrong))?;
        }
        self.follow(arenas, &mut steps);
        for at in self.order.clone() {
            let todo = self.todo.get_mut(at);
            let updates = todo.map(|todo| std::mem::take(&mut todo.updates));
            self.update(at, updates.unwrap_or_default(), arenas, &mut steps)?;
        }
        self.link(true, arenas, said, &mut steps)?;
        self.remove_where(arenas, |at| first.get(at) == Some(&false), &mut steps);
        Ok(steps)
    }

    fn insert(
        &mut self,
        at: usize,
        arena: &dyn AnyArena,
        arenas: &Arenas,
        steps: &mut Vec<FlushStep>,
    ) -> Result<(), Wrong> {
        let Some(todo) = self.todo.get(at) else {
            return Ok(());
        };
        let mut following = Vec::new();
        let made = |slot| self.made.get(&(at, slot)).cloned();
        let mut replace = |slot: u32, column: usize, key: KeyValue| {
            let target = self.promised_to(arenas, at, column, key)?;
            if self.is_later(target, (at, slot)) {
                following.push(((at, slot), column, target));
                let ty = Type::INT8;
                return Some(RawPart { ty, raw: None });
            }
            self.made.get(&target).cloned()
        };
        let insertions = arena.insertions(&todo.inserts, &made, &mut replace);
        let insertions = insertions.map_err(|wrong| match following.last() {
            Some((_, column, _)) => hopeless(arena.table(), *column, wrong.slot),
            None => wrong,
        })?;
        let must = |column: usize| {
            let column = arena.table().columns.get(column);
            column.is_some_and(|column| !column.nullable)
        };
        if let Some(((_, slot), column, _)) = following.iter().find(|(_, column, _)| must(*column))
        {
            return Err(hopeless(arena.table(), *column, *slot));
        }
        steps.extend(insertions.into_iter().map(|new| new.into_step(at, arena)));
        self.following.extend(following);
        Ok(())
    }

    /// The key of a new row, made beforehand or its own.
    pub(super) fn key_of(&self, arena: &dyn AnyArena, row: At) -> Option<Keys> {
        let (Some(part), [key]) = (self.made.get(&row), arena.table().key) else {
            return arena.own_key(row.1);
        };
        let key = (key.key)(&part.ty, part.raw.as_deref()).ok()?;
        Some(Keys::Single(key))
    }

    /// Rows that changed, in one statement for all that changed in the same columns, unless they take from each other.
    fn update(
        &self,
        at: usize,
        mut updates: Vec<DirtyRow>,
        arenas: &Arenas,
        steps: &mut Vec<FlushStep>,
    ) -> Result<(), WrongIn> {
        let Some((_, arena)) = arenas.get(at).filter(|_| !updates.is_empty()) else {
            return Ok(());
        };
        // Only a key that was promised stands for another.
        let promising = if self.made.is_empty() {
            &mut []
        } else {
            &mut *updates
        };
        for update in promising {
            for column in update.columns.clone() {
                let key = arena.key_in(&update.now, column);
                let target = key.and_then(|key| self.promised_to(arenas, at, column, key));
                if let Some(part) = target.and_then(|target| self.made.get(&target)) {
                    update.resolve(column, part);
                }
            }
        }
        let turns = Turns::of(&**arena, &updates).map(Turns::numbers);
        let mut groups: Vec<(usize, Vec<usize>, Vec<DirtyRow>)> = Vec::new();
        for (number, update) in updates.into_iter().enumerate() {
            let turn = turns.as_ref().and_then(|turns| turns.get(number));
            let turn = turn.copied().unwrap_or(0);
            match groups
                .iter_mut()
                .find(|(its, columns, _)| *its == turn && *columns == update.columns)
            {
                Some((_, _, group)) => group.push(update),
                None => groups.push((turn, update.columns.clone(), vec![update])),
            }
        }
        groups.sort_by_key(|(turn, _, _)| *turn);
        for (_, columns, group) in groups {
            let step = write_back(at, &**arena, &columns, group);
            steps.push(step.map_err(|wrong| (at, wrong))?);
        }
        Ok(())
    }
}
