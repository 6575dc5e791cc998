//! What was wrong with a flush: which rows, and which columns.

use super::reference::{Place, Ref};
use super::steps::{Arenas, FlushKind, FlushStep};
use super::tracked::Tracked;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind};
use crate::sql::{Table, violated};
use std::ptr;

/// What was wrong with the last flush: [`Session::failure`](super::Session::failure).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    table: &'static Table,
    rows: Vec<Place>,
    columns: Vec<&'static str>,
    kind: ErrorKind,
}

impl Failure {
    pub(super) fn new(
        table: &'static Table,
        rows: Vec<Place>,
        columns: Vec<&'static str>,
        kind: ErrorKind,
    ) -> Self {
        Self {
            table,
            rows,
            columns,
            kind,
        }
    }

    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The entity whose rows are meant.
    #[must_use]
    pub fn entity(&self) -> &'static str {
        self.table.entity
    }

    /// The fields it is about, as far as PostgreSQL tells.
    #[must_use]
    pub fn columns(&self) -> &[&'static str] {
        &self.columns
    }

    /// The rows it is about, if they are rows of `E`: one, where PostgreSQL tells which, or all that were written with it.
    #[must_use]
    pub fn rows<E: Tracked>(&self) -> Vec<Ref<E>> {
        let is_its = ptr::eq(self.table, <E as Entity>::TABLE);
        let rows = self.rows.iter().filter(|_| is_its);
        rows.map(|place| Ref::new(*place)).collect()
    }

    /// The only row it is about, if it is one of `E`.
    #[must_use]
    pub fn row<E: Tracked>(&self) -> Option<Ref<E>> {
        match self.rows::<E>().as_slice() {
            [row] => Some(*row),
            _ => None,
        }
    }

    /// What is to be said before the error.
    pub(super) fn text(&self) -> String {
        let entity = self.table.entity;
        match self.rows.as_slice() {
            [row] => format!("the flush of the `{entity}` of Ref({})", row.slot),
            rows => format!("the flush of {} rows of `{entity}`", rows.len()),
        }
    }
}

/// Which rows of a step failed, and why.
pub(super) fn of_step(step: &FlushStep, error: &Error, arenas: &Arenas) -> Option<Failure> {
    let (_, arena) = arenas.get(step.arena)?;
    let table = arena.table();
    let columns = violated(error, table);
    let mut slots = step.slots.clone();
    if slots.len() > 1
        && let Some(slot) = told_by_detail(step, error, arenas)
    {
        slots = vec![slot];
    }
    let rows = slots.into_iter().map(|slot| arena.place(slot));
    let columns = columns.into_iter().map(|column| column.field).collect();
    Some(Failure::new(table, rows.collect(), columns, error.kind()))
}

/// PostgreSQL quotes the values of the key that was in the way. Those that are numbers or text are found again.
fn told_by_detail(step: &FlushStep, error: &Error, arenas: &Arenas) -> Option<u32> {
    let (_, arena) = arenas.get(step.arena)?;
    let quoted = error.detail()?.split_once(")=(")?.1;
    let table = arena.table();
    let columns = match error.kind() {
        // The key of the row that is still referred to.
        ErrorKind::ForeignKeyViolation if matches!(step.kind, FlushKind::Remove { .. }) => {
            table.key.to_vec()
        }
        _ => violated(error, table),
    };
    let [column] = columns.as_slice() else {
        return None;
    };
    let mut slots = step.slots.iter().copied().filter(|slot| {
        let text = arena.text(*slot, column);
        text.is_some_and(|text| {
            quoted
                .strip_prefix(&*text)
                .is_some_and(|rest| rest.starts_with(')'))
        })
    });
    match (slots.next(), slots.next()) {
        (Some(slot), None) => Some(slot),
        _ => None,
    }
}
