//! DELETE.

use super::expr::At;
use super::select::write_where;
use super::token::{Sink, Token};
use super::{Expr, Operation, Statement, Table};

/// Rows to remove.
#[derive(Debug)]
pub(crate) struct Delete {
    pub(crate) table: &'static Table,
    pub(crate) filter: Vec<Expr>,
}

impl Statement for Delete {
    fn operation(&self) -> Operation {
        Operation::Delete
    }

    fn summary(&self) -> String {
        format!("DELETE {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn filters(&self) -> usize {
        self.filter.len()
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.word("DELETE FROM ");
        sink.put(Token::Table(self.table));
        write_where(&self.filter, At::only(self.table), sink);
    }
}
