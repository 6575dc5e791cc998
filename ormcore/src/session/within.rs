//! A session keeps to one scope: there a key is one row's, and a handle leads to no other tenant's.

use super::Session;
use super::erased::Wrong;
use super::steps::{Work, WrongIn};
use super::tracked::Tracked;
use crate::error::{Error, Result};
use crate::sql::{Insert, Rows, Said, Table};
use crate::value::{ColumnValues, Param};

impl Session {
    /// Refuses to read rows that have a scope, unless the session's handle says which; a question may not say another.
    pub(super) fn keeps_to_one_scope<E: Tracked>(&self, question: Option<&Said>) -> Result<()> {
        let keeps = matches!(self.db.said(), Some(Said::One(_))) && question.is_none();
        if E::TABLE.scope.is_none() || keeps {
            return Ok(());
        }
        Err(several(E::TABLE))
    }

    /// The first row to be written that has a scope, unless the session's handle says which.
    pub(super) fn of_no_scope(&self, work: &Work) -> Option<WrongIn> {
        if let Some(Said::One(_)) = self.db.said() {
            return None;
        }
        let arenas = self.arenas.iter().zip(&work.todo).enumerate();
        arenas
            .filter(|(_, ((_, arena), _))| arena.table().scope.is_some())
            .find_map(|(at, ((_, arena), todo))| {
                let error = several(arena.table());
                let (slot, columns) = (todo.first()?, Vec::new());
                let wrong = Wrong {
                    slot,
                    columns,
                    error,
                };
                Some((at, wrong))
            })
    }

    /// Gives so many new rows the session's scope, unless the database does.
    pub(super) fn give_scope(&self, insert: &mut Insert, rows: usize) -> Result<()> {
        let Some(scope) = insert.table.scope.filter(|scope| !scope.column.generated) else {
            return Ok(());
        };
        let Some(Said::One(value)) = self.db.said() else {
            return Err(several(insert.table));
        };
        let value = value.for_row(insert.table, scope)?.clone();
        insert.columns.push(scope.column);
        match &mut insert.rows {
            Rows::One(values) => values.push(Param::other(value)),
            Rows::Many(arrays) => {
                arrays.push(ColumnValues::Plain(Param::other(vec![value; rows])));
            }
        }
        Ok(())
    }
}

#[cold]
fn several(table: &'static Table) -> Error {
    Error::usage(format!(
        "rows of `{}` have a scope, and a session keeps to one: begin it on a handle that says which, \
         `db.scope(…).session()`, and let its questions say none",
        table.entity
    ))
}

#[cold]
pub(super) fn links_of_one_scope(table: &'static Table) -> Error {
    Error::usage(format!(
        "links of `{}` to others are of one scope, and are not written by a session; write them on `s.executor()`",
        table.entity
    ))
}
