//! A session keeps to one scope: there a key is one row's, and a handle leads to no other tenant's.

use super::Session;
use super::arena::position;
use super::edits::Edit;
use super::erased::{AnyArena, Wrong};
use super::steps::{FlushKind, FlushStep, Work, WrongIn};
use super::tracked::Tracked;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::sql::{Insert, Rows, Said, Table, Through, Unscoped};
use crate::value::{ColumnValues, KeyValue, Param};

impl Session {
    /// Refuses to read rows that have a scope, unless the session's handle says which; a question may not say another.
    pub(super) fn keeps_to_one_scope<E: Tracked>(&self, question: Option<&Said>) -> Result<()> {
        keeps_to_one(&self.db, E::TABLE, question)
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

    /// Refuses to link rows of another scope than the session's, where links have one.
    pub(super) fn links_within_scope(&self, edit: &Edit) -> Result<()> {
        let Some(scope) = edit.through.owners.scope else {
            return Ok(());
        };
        let Some(Said::One(value)) = self.db.said() else {
            return Err(several(edit.through.owners));
        };
        let value = value.for_row(edit.through.owners, scope)?;
        let arenas = edit
            .rows()
            .map(|(at, slot)| Some((self.arenas.get(at)?, slot)));
        let [Some(((_, owner), one)), Some(((_, target), other))] = arenas else {
            return Ok(());
        };
        let is_of_it = |arena: &dyn AnyArena, slot| {
            let own = arena.table().scope.filter(|own| own.is_like(scope));
            own.is_none_or(|own| match arena.keys_in(slot, &[own.column]) {
                Some(named) => named.parts() == [value.clone()],
                // A new row gets the session's, unless the database makes it another.
                None => !own.column.generated,
            })
        };
        match is_of_it(&**owner, one) && is_of_it(&**target, other) {
            true => Ok(()),
            false => Err(Unscoped::Across(owner.table(), target.table()).into()),
        }
    }

    /// Gives new rows the session's scope.
    pub(super) fn give_scopes(&self, steps: &mut [FlushStep]) -> Result<()> {
        for step in steps {
            if let FlushKind::Insert { statement, .. } = &mut step.kind {
                self.give_scope(statement, step.slots.len())?;
            }
        }
        Ok(())
    }

    /// Gives so many new rows the session's scope, unless the database does.
    fn give_scope(&self, insert: &mut Insert, rows: usize) -> Result<()> {
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

/// The same for a session on this handle.
pub(super) fn keeps_to_one(db: &Db, table: &'static Table, question: Option<&Said>) -> Result<()> {
    let keeps = matches!(db.said(), Some(Said::One(_))) && question.is_none();
    if table.scope.is_none() || keeps {
        return Ok(());
    }
    Err(several(table))
}

#[cold]
fn several(table: &'static Table) -> Error {
    Error::usage(format!(
        "rows of `{}` have a scope, and a session keeps to one: begin it on a handle that says which, \
         `db.scope(…).session()`, and let its questions say none",
        table.entity
    ))
}

/// The scope that links of this table have, if it says one that they can have.
pub(super) fn scope_of<'s>(through: &Through, said: Option<&'s Said>) -> Option<&'s KeyValue> {
    let (Some(scope), Some(Said::One(value))) = (through.owners.scope, said) else {
        return None;
    };
    value.for_row(through.owners, scope).ok()
}

/// The scope that new rows are given in the sessions of this handle, and the place of its column.
pub(super) fn scope_of_new<E: Tracked>(db: &Db) -> Option<(usize, KeyValue)> {
    let scope = E::TABLE.scope.filter(|scope| !scope.column.generated)?;
    let Some(Said::One(value)) = db.said() else {
        return None;
    };
    let value = value.for_row(E::TABLE, scope).ok()?;
    Some((position::<E>(scope.column)?, value.clone()))
}
