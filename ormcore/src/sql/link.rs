//! Changing what one row is linked to, in the table between two others.

use super::between::{Links, write_names, write_unnest};
use super::expr::At;
use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Deleted, Expr, Operation, Said, Statement, Table, Through};
use crate::value::Param;

/// A change to what one owner is linked to.
#[derive(Debug)]
pub(crate) struct LinkChange {
    pub(crate) through: &'static Through,
    /// The owner's key, once for each time it is named.
    pub(crate) owner: [Vec<Param>; 2],
    pub(crate) change: Change,
    /// The targets' keys, an array for each column that is theirs alone, once for each time they are named.
    pub(crate) targets: [Vec<Param>; 2],
    /// What the rows of new links say besides.
    pub(crate) more: Vec<(&'static ColumnInfo, Expr)>,
    /// The owner's scope, where links have one.
    pub(crate) said: Option<Said>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Add,
    Remove,
    /// These and no others.
    Set,
    Clear,
}

impl LinkChange {
    fn write_delete<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let [_, owner] = &self.owner;
        let [_, targets] = &self.targets;
        let here = self.through.owners.columns;
        self.write_removed(sink);
        sink.list(" AND ", here.iter().zip(owner), |sink, (column, value)| {
            sink.put(Token::Column(Scope::Only, column));
            sink.word(" = ");
            sink.put(Token::Bind(value));
        });
        Deleted::Hidden.write(" AND ", At::only(self.through.table), sink);
        if self.change == Change::Clear {
            return;
        }
        sink.word(" AND (");
        write_names(self.through.theirs(), sink);
        sink.word(match self.change {
            Change::Set => ") NOT IN (SELECT * FROM ",
            _ => ") IN (SELECT * FROM ",
        });
        write_unnest(self.through.theirs(), targets, sink);
        sink.word(")");
    }
}

impl Links for LinkChange {
    fn through(&self) -> &'static Through {
        self.through
    }

    fn more(&self) -> &[(&'static ColumnInfo, Expr)] {
        &self.more
    }

    fn write_given<'a, S: Sink<'a>>(&'a self, whole: bool, sink: &mut S) {
        let [owner, _] = &self.owner;
        let [targets, _] = &self.targets;
        sink.word("SELECT ");
        for (column, value) in self.through.owners.columns.iter().zip(owner) {
            sink.put(Token::Bind(value));
            sink.word("::");
            sink.put(Token::Cast(column.ty));
            sink.word(", ");
        }
        sink.word("given.*");
        if whole {
            self.write_more(sink);
        }
        sink.word(" FROM ");
        write_unnest(self.through.theirs(), targets, sink);
        sink.word(" AS given");
    }
}

impl Statement for LinkChange {
    fn operation(&self) -> Operation {
        match self.change {
            Change::Add | Change::Set => Operation::Insert,
            Change::Remove | Change::Clear => Operation::Delete,
        }
    }

    fn summary(&self) -> String {
        let verb = match (self.change, self.through.table.deleted) {
            (Change::Add, None) => "INSERT",
            (Change::Set, None) => "DELETE INSERT",
            (Change::Add | Change::Set, Some(_)) => "UPDATE INSERT",
            (Change::Remove | Change::Clear, None) => "DELETE",
            (Change::Remove | Change::Clear, Some(_)) => "UPDATE",
        };
        format!("{verb} {}", self.through.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.through.table)
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.saying(self.said.as_ref(), |sink| match self.change {
            Change::Add => self.write_added(true, sink),
            Change::Remove | Change::Clear => self.write_delete(sink),
            Change::Set => {
                sink.word("WITH gone AS (");
                self.write_delete(sink);
                sink.word(")");
                self.write_added(false, sink);
            }
        });
    }
}
