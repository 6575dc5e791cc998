//! UPDATE.

use super::expr::At;
use super::select::write_where;
use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Expr, Operation, Returning, Statement, Table};
use smallvec::SmallVec;

/// New values for some columns of some rows.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) table: &'static Table,
    pub(crate) set: Vec<(&'static ColumnInfo, Expr)>,
    pub(crate) filter: SmallVec<[Expr; 1]>,
    pub(crate) returning: Returning,
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
        let at = At::only(self.table);
        sink.word("UPDATE ");
        sink.put(Token::Table(self.table));
        sink.word(" SET ");
        sink.list(", ", &self.set, |sink, (column, value)| {
            sink.put(Token::Column(Scope::Only, column));
            sink.word(" = ");
            value.write(at, sink);
        });
        write_where(&self.filter, at, sink);
        if self.returning == Returning::Rows {
            sink.word(" RETURNING ");
            sink.put(Token::Columns(Scope::Only, self.table));
        }
    }
}
