//! Links of many rows, as a session writes them.

use super::between::{Links, write_names, write_unnest};
use super::expr::At;
use super::guard::write_guard;
use super::token::Sink;
use super::{Deleted, Operation, Statement, Table, Through};
use crate::value::Param;

/// Rows of a table between two others.
#[derive(Debug)]
pub(crate) struct LinkRows {
    pub(crate) through: &'static Through,
    /// Whether they are added, or removed.
    pub(crate) adds: bool,
    /// The owners' keys, their scope, and the targets' keys: an array for each column.
    pub(crate) lists: Vec<Param>,
}

impl LinkRows {
    fn write_delete<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        self.write_removed(sink);
        sink.word("(");
        write_names(self.through.ends(), sink);
        sink.word(") IN (SELECT * FROM ");
        write_unnest(self.through.ends(), &self.lists, sink);
        sink.word(")");
        let at = At::only(self.through.table);
        write_guard(Deleted::Hidden, " AND ", at, sink);
    }
}

impl Links for LinkRows {
    fn through(&self) -> &'static Through {
        self.through
    }

    fn write_given<'a, S: Sink<'a>>(&'a self, whole: bool, sink: &mut S) {
        sink.word("SELECT given.*");
        if whole {
            self.write_more(sink);
        }
        sink.word(" FROM ");
        write_unnest(self.through.ends(), &self.lists, sink);
        sink.word(" AS given");
    }
}

impl Statement for LinkRows {
    fn operation(&self) -> Operation {
        match self.adds {
            true => Operation::Insert,
            false => Operation::Delete,
        }
    }

    fn summary(&self) -> String {
        let verb = match (self.adds, self.through.table.deleted) {
            (true, None) => "INSERT",
            (true, Some(_)) => "UPDATE INSERT",
            (false, None) => "DELETE",
            (false, Some(_)) => "UPDATE",
        };
        format!("{verb} {}", self.through.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.through.table)
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        match self.adds {
            true => self.write_added(true, sink),
            false => self.write_delete(sink),
        }
    }
}
