//! Changing which rows belong together, in the table between two others.

use super::expr::At;
use super::token::{Scope, Sink, Token};
use super::update::write_touched;
use super::{ColumnInfo, Deleted, Operation, Statement, Table, Through};
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
        self.write_target(sink);
        sink.word(" ");
        self.write_given(true, sink);
        sink.word(" ON CONFLICT DO NOTHING");
    }

    /// Links that are marked as deleted are brought back, and only the others are new. Of several that were the same once,
    /// the last comes back, and none where one is still there.
    fn write_revive<'a, S: Sink<'a>>(&'a self, mark: &'static ColumnInfo, sink: &mut S) {
        let table = self.through.table;
        sink.word("given AS (");
        self.write_given(false, sink);
        sink.word("), back AS (UPDATE ");
        sink.put(Token::Table(table));
        sink.word(" SET ");
        sink.put(Token::Column(Scope::Only, mark));
        sink.word(" = NULL");
        write_touched(At::only(table), |_| false, sink);
        sink.word(" WHERE (");
        write_names(table.identity(), sink);
        sink.word(") IN (SELECT DISTINCT ON (");
        self.write_ends(sink);
        sink.word(") ");
        write_names(table.identity(), sink);
        sink.word(" FROM ");
        sink.put(Token::Table(table));
        sink.word(" WHERE (");
        self.write_ends(sink);
        sink.word(") IN (SELECT * FROM given)");
        Deleted::Shown.write(" AND ", At::only(table), sink);
        sink.word(" ORDER BY ");
        self.write_ends(sink);
        sink.word(", ");
        sink.put(Token::Column(Scope::Only, mark));
        sink.word(" DESC NULLS FIRST) AND ");
        sink.put(Token::Column(Scope::Only, mark));
        sink.word(" IS NOT NULL RETURNING ");
        self.write_ends(sink);
        sink.word("), made AS (");
        self.write_target(sink);
        sink.word(" SELECT others.*");
        self.write_kind(sink);
        sink.word(
            " FROM (SELECT * FROM given EXCEPT SELECT * FROM back) AS others ON CONFLICT DO NOTHING RETURNING 1) \
             SELECT 1 FROM back UNION ALL SELECT 1 FROM made",
        );
    }

    fn write_target<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        sink.word("INSERT INTO ");
        sink.put(Token::Table(self.through.table));
        sink.word(" (");
        self.write_ends(sink);
        if let Some(kind) = &self.through.table.kind {
            sink.word(", ");
            sink.put(Token::Column(Scope::Only, kind.column));
        }
        sink.word(")");
    }

    /// The kind of the rows, behind their other values.
    fn write_kind<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        if let Some(kind) = &self.through.table.kind {
            sink.word(", ");
            sink.put(Token::Literal(kind.value));
        }
    }

    /// The columns of both keys.
    fn write_ends<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        write_names(self.through.owners.columns.iter().copied(), sink);
        sink.word(", ");
        write_names(self.through.there.iter().copied(), sink);
    }

    /// The links that are asked for.
    fn write_given<'a, S: Sink<'a>>(&'a self, of_kind: bool, sink: &mut S) {
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
        if of_kind {
            self.write_kind(sink);
        }
        sink.word(" FROM ");
        write_unnest(self.through.there, targets, sink);
        sink.word(" AS given");
    }

    fn write_delete<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let [_, owner] = &self.owner;
        let [_, targets] = &self.targets;
        let (here, there) = (self.through.owners.columns, self.through.there);
        let at = At::only(self.through.table);
        if let Some(mark) = self.through.table.deleted {
            sink.word("UPDATE ");
            sink.put(Token::Table(at.table));
            sink.word(" SET ");
            sink.put(Token::Column(Scope::Only, mark));
            sink.word(" = now()");
            write_touched(at, |_| false, sink);
        } else {
            sink.word("DELETE FROM ");
            sink.put(Token::Table(at.table));
        }
        sink.word(" WHERE ");
        sink.list(" AND ", here.iter().zip(owner), |sink, (column, value)| {
            sink.put(Token::Column(Scope::Only, column));
            sink.word(" = ");
            sink.put(Token::Bind(value));
        });
        Deleted::Hidden.write(" AND ", at, sink);
        if self.change == Change::Clear {
            return;
        }
        sink.word(" AND (");
        write_names(there.iter().copied(), sink);
        sink.word(match self.change {
            Change::Set => ") NOT IN (SELECT * FROM ",
            _ => ") IN (SELECT * FROM ",
        });
        write_unnest(there, targets, sink);
        sink.word(")");
    }
}

fn write_names<'a, S: Sink<'a>>(columns: impl Iterator<Item = &'static ColumnInfo>, sink: &mut S) {
    sink.list(", ", columns, |sink, column| {
        sink.put(Token::Column(Scope::Only, column));
    });
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
        let removes = self.change != Change::Add;
        let adds = matches!(self.change, Change::Add | Change::Set);
        let mark = self.through.table.deleted;
        if adds && (removes || mark.is_some()) {
            sink.word("WITH ");
        }
        if adds && removes {
            sink.word("gone AS (");
        }
        if removes {
            self.write_delete(sink);
        }
        if adds && removes {
            sink.word(if mark.is_some() { "), " } else { ") " });
        }
        match mark.filter(|_| adds) {
            Some(mark) => self.write_revive(mark, sink),
            None if adds => self.write_insert(sink),
            None => {}
        }
    }
}
