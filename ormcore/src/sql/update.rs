//! UPDATE.

use super::expr::At;
use super::select::write_where;
use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Deleted, Expr, Operation, Returning, Said, Statement, Table};
use smallvec::SmallVec;

/// New values for some columns of some rows.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) table: &'static Table,
    pub(crate) set: Vec<(&'static ColumnInfo, Expr)>,
    pub(crate) filter: SmallVec<[Expr; 1]>,
    pub(crate) returning: Returning,
    /// Whether rows are changed that are marked as deleted.
    pub(crate) deleted: Deleted,
    /// What is said about the scope, if not what whoever sends it says.
    pub(crate) said: Option<Said>,
}

impl Statement for Update {
    fn operation(&self) -> Operation {
        Operation::Update
    }

    fn summary(&self) -> String {
        format!("UPDATE {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn filters(&self) -> usize {
        self.filter.len()
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.saying(self.said.as_ref(), |sink| self.write_update(sink));
    }
}

impl Update {
    fn write_update<'a>(&'a self, sink: &mut impl Sink<'a>) {
        let at = At::only(self.table);
        sink.word("UPDATE ");
        sink.put(Token::Table(self.table));
        sink.word(" SET ");
        write_set(&self.set, at, sink);
        write_where(&self.filter, Some(self.deleted), at, sink);
        self.returning.write(at, sink);
    }
}

/// What changes: what was asked for, and what every change of a row changes.
pub(super) fn write_set<'a, S: Sink<'a>>(
    set: &'a [(&'static ColumnInfo, Expr)],
    at: At,
    sink: &mut S,
) {
    sink.list(", ", set, |sink, (column, value)| {
        sink.put(Token::Column(Scope::Only, column));
        sink.word(" = ");
        value.write(at, sink);
    });
    let is_set = |column: &ColumnInfo| set.iter().any(|(other, _)| std::ptr::eq(*other, column));
    write_touched(at, is_set, sink);
}

/// The version of a row, and the moment of its last change, behind other changes.
pub(super) fn write_touched<'a, S: Sink<'a>>(
    at: At,
    is_set: impl Fn(&ColumnInfo) -> bool,
    sink: &mut S,
) {
    let asked_for = |column: &&'static ColumnInfo| !is_set(column);
    if let Some(version) = at.table.version.filter(asked_for) {
        sink.word(", ");
        sink.put(Token::Column(Scope::Only, version));
        sink.word(" = ");
        sink.put(Token::Column(at.scope, version));
        sink.word(" + 1");
    }
    if let Some(updated) = at.table.updated.filter(asked_for) {
        sink.word(", ");
        sink.put(Token::Column(Scope::Only, updated));
        sink.word(" = now()");
    }
}
