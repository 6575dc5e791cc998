//! What was wrong with a flush: which rows, and which columns.

use super::reference::{Place, Ref};
use super::steps::{Arenas, FlushStep};
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
    /// Those of the rows that are not there any more.
    gone: Vec<Place>,
    /// Whether some of the rows have until later what others take.
    held: bool,
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
            gone: Vec::new(),
            held: false,
        }
    }

    /// Rows that are not as they were read.
    pub(super) fn stale(
        table: &'static Table,
        changed: Vec<Place>,
        gone: Vec<Place>,
        columns: Vec<&'static str>,
    ) -> Self {
        let rows = changed.into_iter().chain(gone.iter().copied()).collect();
        let kind = ErrorKind::StaleVersion;
        Self {
            gone,
            ..Self::new(table, rows, columns, kind)
        }
    }

    /// It is about these of its rows, and others that have until later what these take.
    pub(super) fn narrow(&mut self, rows: Vec<Place>, others: Vec<Place>) {
        if rows.is_empty() {
            return;
        }
        let others: Vec<Place> = others
            .into_iter()
            .filter(|other| !rows.contains(other))
            .collect();
        self.held = !others.is_empty();
        self.rows = rows.into_iter().chain(others).collect();
    }

    pub(super) fn table(&self) -> &'static Table {
        self.table
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

    /// The rows it is about, if they are rows of `E`: those that PostgreSQL tells of, or else all that were written with them.
    ///
    /// Two that want the same unique value are both here, and so is one that gives it up later in the same flush.
    #[must_use]
    pub fn rows<E: Tracked>(&self) -> Vec<Ref<E>> {
        self.refs(&self.rows)
    }

    /// Those of them that are not there any more, because somebody else removed them. What else is
    /// [stale](ErrorKind::StaleVersion) was changed.
    #[must_use]
    pub fn gone<E: Tracked>(&self) -> Vec<Ref<E>> {
        self.refs(&self.gone)
    }

    fn refs<E: Tracked>(&self, places: &[Place]) -> Vec<Ref<E>> {
        let is_its = ptr::eq(self.table, <E as Entity>::TABLE);
        let places = places.iter().filter(|_| is_its);
        places.map(|place| Ref::new(*place)).collect()
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
            rows if self.held => format!(
                "the flush of {} rows of `{entity}`, some of which take what others of them have until later (flush those \
                 before, or make the constraint DEFERRABLE INITIALLY DEFERRED)",
                rows.len()
            ),
            rows => format!("the flush of {} rows of `{entity}`", rows.len()),
        }
    }
}

/// The rows of a step that failed, and why.
pub(super) fn of_step(step: &FlushStep, error: &Error, arenas: &Arenas) -> Option<Failure> {
    let (_, arena) = arenas.get(step.arena)?;
    let table = arena.table();
    let columns = violated(error, table).into_iter();
    let rows = step.slots.iter().map(|slot| arena.place(*slot));
    let columns = columns.map(|column| column.field).collect();
    Some(Failure::new(table, rows.collect(), columns, error.kind()))
}
