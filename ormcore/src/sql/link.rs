//! Changing which rows belong together, in the table between two others.

use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Operation, Statement, Table, Through};
use crate::value::Param;

/// A change to what one owner is linked to.
#[derive(Debug)]
pub(crate) struct LinkChange {
    pub(crate) through: &'static Through,
    /// The owner's key, once for each time it is named.
    pub(crate) owner: [Vec<Param>; 2],
    pub(crate) change: Change,
    /// The targets' keys, an array for each column, once for each time they are named.
    pub(crate) targets: [Vec<Param>; 2],
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
    fn write_insert<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let [owner, _] = &self.owner;
        let [targets, _] = &self.targets;
        let (here, there) = (self.through.owners.columns, self.through.there);
        sink.word("INSERT INTO ");
        sink.put(Token::Table(self.through.table));
        sink.word(" (");
        sink.list(", ", here.iter().chain(there), |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
        });
        sink.word(") SELECT ");
        for (column, value) in here.iter().zip(owner) {
            sink.put(Token::Bind(value));
            sink.word("::");
            sink.put(Token::Cast(column.ty));
            sink.word(", ");
        }
        sink.word("given.* FROM ");
        write_unnest(there, targets, sink);
        sink.word(" AS given ON CONFLICT DO NOTHING");
    }

    fn write_delete<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let [_, owner] = &self.owner;
        let [_, targets] = &self.targets;
        let (here, there) = (self.through.owners.columns, self.through.there);
        sink.word("DELETE FROM ");
        sink.put(Token::Table(self.through.table));
        sink.word(" WHERE ");
        sink.list(" AND ", here.iter().zip(owner), |sink, (column, value)| {
            sink.put(Token::Column(Scope::Only, column));
            sink.word(" = ");
            sink.put(Token::Bind(value));
        });
        if self.change == Change::Clear {
            return;
        }
        sink.word(" AND (");
        sink.list(", ", there, |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
        });
        sink.word(match self.change {
            Change::Set => ") NOT IN (SELECT * FROM ",
            _ => ") IN (SELECT * FROM ",
        });
        write_unnest(there, targets, sink);
        sink.word(")");
    }
}

fn write_unnest<'a, S: Sink<'a>>(
    columns: &'static [&'static ColumnInfo],
    lists: &'a [Param],
    sink: &mut S,
) {
    sink.word("unnest(");
    sink.list(", ", columns.iter().zip(lists), |sink, (column, list)| {
        sink.put(Token::Bind(list));
        sink.word("::");
        sink.put(Token::Cast(column.ty.array()));
    });
    sink.word(")");
}

impl Statement for LinkChange {
    fn operation(&self) -> Operation {
        match self.change {
            Change::Add | Change::Set => Operation::Insert,
            Change::Remove | Change::Clear => Operation::Delete,
        }
    }

    fn summary(&self) -> String {
        let verb = match self.change {
            Change::Add => "INSERT",
            Change::Set => "DELETE INSERT",
            Change::Remove | Change::Clear => "DELETE",
        };
        format!("{verb} {}", self.through.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.through.table)
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        match self.change {
            Change::Add => self.write_insert(sink),
            Change::Remove | Change::Clear => self.write_delete(sink),
            Change::Set => {
                sink.word("WITH gone AS (");
                self.write_delete(sink);
                sink.word(") ");
                self.write_insert(sink);
            }
        }
    }
}
