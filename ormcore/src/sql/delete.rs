//! DELETE, and the mark that stands for it.

use super::expr::At;
use super::select::write_where;
use super::token::{Scope, Sink, Token};
use super::update::write_touched;
use super::{ColumnInfo, Deleted, Expr, Operation, Returning, Said, Statement, Table};

/// Rows to remove.
#[derive(Debug)]
pub(crate) struct Delete {
    pub(crate) table: &'static Table,
    pub(crate) filter: Vec<Expr>,
    pub(crate) returning: Returning,
    /// Whether they are removed where others would only be marked as deleted; those that are marked already too.
    pub(crate) hard: bool,
    /// What is said about the scope, if not what whoever sends it says.
    pub(crate) said: Option<Said>,
}

impl Delete {
    /// The column that marks a row as deleted, if that is what is done.
    fn mark(&self) -> Option<&'static ColumnInfo> {
        self.table.deleted.filter(|_| !self.hard)
    }
}

impl Statement for Delete {
    fn operation(&self) -> Operation {
        Operation::Delete
    }

    fn summary(&self) -> String {
        let verb = self.mark().map_or("DELETE", |_| "UPDATE");
        format!("{verb} {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn filters(&self) -> usize {
        self.filter.len()
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.saying(self.said.as_ref(), |sink| self.write_delete(sink));
    }
}

impl Delete {
    fn write_delete<'a>(&'a self, sink: &mut impl Sink<'a>) {
        let at = At::only(self.table);
        if let Some(mark) = self.mark() {
            sink.word("UPDATE ");
            sink.put(Token::Table(self.table));
            sink.word(" SET ");
            sink.put(Token::Column(Scope::Only, mark));
            sink.word(" = now()");
            write_touched(at, |_| false, sink);
            write_where(&self.filter, Some(Deleted::Hidden), at, sink);
        } else {
            sink.word("DELETE FROM ");
            sink.put(Token::Table(self.table));
            write_where(&self.filter, Some(Deleted::Shown), at, sink);
        }
        self.returning.write(at, sink);
    }
}
