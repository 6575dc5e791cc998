//! What a flush is to write is checked by the rules of its columns, before anything is sent.

use super::Session;
use super::arena::Arena;
use super::erased::Todo;
use super::failure::Failure;
use super::steps::Work;
use super::tracked::Tracked;
use crate::entity::Check;
use crate::error::{Error, ErrorKind, Result};
use std::panic::Location;

impl Session {
    /// Refuses what rules refuse, of all rows at once. Nothing was sent, and everything is as it was.
    pub(super) fn valid(&mut self, work: &Work, caller: &'static Location<'static>) -> Result<()> {
        let (mut fields, mut failure) = (Vec::new(), None);
        for ((_, arena), todo) in self.arenas.iter().zip(&work.todo) {
            let mut check = Check::default();
            let rows = arena.check(todo, &mut check);
            if rows.is_empty() {
                continue;
            }
            let found = check.fields(arena.table());
            failure.get_or_insert_with(|| {
                let mut columns: Vec<_> = found.iter().map(|field| field.field).collect();
                columns.sort_unstable();
                columns.dedup();
                let rows = rows.iter().map(|slot| arena.place(*slot)).collect();
                Failure::new(arena.table(), rows, columns, ErrorKind::Invalid)
            });
            fields.extend(found);
        }
        let Some(failure) = failure else {
            return Ok(());
        };
        let error = Error::invalid(fields).about(&failure.text()).at(caller);
        self.failure = Some(failure);
        Err(error)
    }
}

impl<E: Tracked> Arena<E> {
    /// Looks at new rows, and at the columns that changed in others. Returns those of which something is refused.
    pub(super) fn find_invalid(&self, todo: &Todo, check: &mut Check) -> Vec<u32> {
        let mut refused = Vec::new();
        if !E::CHECKED {
            return refused;
        }
        let mut look = |slot: u32, look: &dyn Fn(&mut Check)| {
            let before = check.count();
            check.of_row(refused.len());
            look(check);
            if check.count() > before {
                refused.push(slot);
            }
        };
        for slot in todo.inserts.iter().copied() {
            look(slot, &|check| match (self.draft(slot), self.kept(slot)) {
                (Some(draft), _) => draft.check(check),
                (None, Some(kept)) => {
                    (0..E::TABLE.columns.len()).for_each(|at| kept.row.check(at, check));
                }
                (None, None) => {}
            });
        }
        for update in &todo.updates {
            if let Some(kept) = self.kept(update.slot) {
                let columns = update.columns.iter();
                look(update.slot, &|check| {
                    columns.clone().for_each(|at| kept.row.check(*at, check));
                });
            }
        }
        if refused.len() == 1 {
            check.of_one();
        }
        refused
    }
}
