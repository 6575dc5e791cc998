//! How many rows are wanted, and what is said when there are others: with the statement that was asked.

use crate::db::{self, Source};
use crate::entity::Entity;
use crate::error::{Error, ErrorKind};
use crate::sql::{Statement, Table};
use std::panic::Location;

/// How many rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Any,
    OneIfAny,
    One,
    /// At least one, of which the first is taken.
    First,
}

impl Wanted {
    /// What is wrong with so many rows.
    pub(super) fn objection(self, rows: usize) -> Option<ErrorKind> {
        match (self, rows) {
            (Self::Any, _) | (_, 1) | (Self::OneIfAny, 0) => None,
            (_, 0) => Some(ErrorKind::NotFound),
            (Self::First, _) => None,
            (Self::OneIfAny | Self::One, _) => Some(ErrorKind::TooManyRows),
        }
    }
}

/// There are none of an entity's rows, or too many.
#[cold]
pub(super) fn of_entity(kind: ErrorKind, table: &'static Table) -> Error {
    let (entity, name) = (table.entity, table.name);
    let message = match kind {
        ErrorKind::TooManyRows => {
            format!("more than one `{entity}` matches; ask for `.first()` or `.all()`")
        }
        _ => format!("no such `{entity}` in table `{name}`"),
    };
    Error::new(kind, message)
}

/// An error about what a statement answered.
#[cold]
pub(super) fn told(
    error: Error,
    statement: &impl Statement,
    source: Source<'_>,
    caller: &'static Location<'static>,
) -> Error {
    error
        .with_statement(&db::text(source, statement))
        .at(caller)
}

/// There is no such row.
#[cold]
pub(super) fn not_found<E: Entity>(
    statement: &impl Statement,
    source: Source<'_>,
    caller: &'static Location<'static>,
) -> Error {
    let error = of_entity(ErrorKind::NotFound, E::TABLE);
    told(error, statement, source, caller)
}
