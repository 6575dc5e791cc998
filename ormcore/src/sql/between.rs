//! The rows of a table between two others, as those write them who change which rows belong together.

use super::expr::At;
use super::guard::write_scope;
use super::token::{Scope, Sink, Token};
use super::update::write_touched;
use super::{ColumnInfo, Deleted, Expr, Through};
use crate::value::Param;

/// Links, as somebody gives them.
pub(super) trait Links {
    fn through(&self) -> &'static Through;

    /// What else their rows say, and what stands there.
    fn more(&self) -> &[(&'static ColumnInfo, Expr)] {
        &[]
    }

    /// The links that are to be there, as a question. `whole`: with what else their rows say behind both keys.
    fn write_given<'a, S: Sink<'a>>(&'a self, whole: bool, sink: &mut S);

    /// Adds those that are not there. Behind others, the statement's WITH is there already.
    fn write_added<'a, S: Sink<'a>>(&'a self, is_first: bool, sink: &mut S) {
        match self.through().table.deleted {
            Some(mark) => {
                sink.word(if is_first { "WITH " } else { ", " });
                self.write_revived(mark, sink);
            }
            None => {
                sink.word(if is_first { "" } else { " " });
                self.write_target(sink);
                sink.word(" ");
                self.write_given(true, sink);
                sink.word(" ON CONFLICT DO NOTHING");
            }
        }
    }

    /// Links that are marked as deleted are brought back, and only the others are new. Of several that were the same once,
    /// the last comes back, and none where one is still there.
    fn write_revived<'a, S: Sink<'a>>(&'a self, mark: &'static ColumnInfo, sink: &mut S) {
        let table = self.through().table;
        let at = At::only(table);
        sink.word("given AS (");
        self.write_given(false, sink);
        sink.word("), back AS (UPDATE ");
        sink.put(Token::Table(table));
        sink.word(" SET ");
        sink.put(Token::Column(Scope::Only, mark));
        sink.word(" = NULL");
        write_touched(at, |_| false, sink);
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
        Deleted::Shown.write(" AND ", at, sink);
        write_scope(" AND ", at, sink);
        sink.word(" ORDER BY ");
        self.write_ends(sink);
        sink.word(", ");
        sink.put(Token::Column(Scope::Only, mark));
        sink.word(" DESC NULLS FIRST) AND ");
        sink.put(Token::Column(Scope::Only, mark));
        sink.word(" IS NOT NULL");
        write_scope(" AND ", at, sink);
        sink.word(" RETURNING ");
        self.write_ends(sink);
        sink.word("), made AS (");
        self.write_target(sink);
        sink.word(" SELECT others.*");
        self.write_more(sink);
        sink.word(
            " FROM (SELECT * FROM given EXCEPT SELECT * FROM back) AS others ON CONFLICT DO NOTHING RETURNING 1) \
             SELECT 1 FROM back UNION ALL SELECT 1 FROM made",
        );
    }

    fn write_target<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        sink.word("INSERT INTO ");
        sink.put(Token::Table(self.through().table));
        sink.word(" (");
        self.write_ends(sink);
        if let Some(kind) = &self.through().table.kind {
            sink.word(", ");
            sink.put(Token::Column(Scope::Only, kind.column));
        }
        for (column, _) in self.more() {
            sink.word(", ");
            sink.put(Token::Column(Scope::Only, column));
        }
        sink.word(")");
    }

    /// The kind of the rows, and what else they say, behind both keys.
    fn write_more<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let table = self.through().table;
        if let Some(kind) = &table.kind {
            sink.word(", ");
            sink.put(Token::Literal(kind.value));
        }
        for (column, value) in self.more() {
            sink.word(", CAST(");
            value.write(At::only(table), sink);
            sink.word(" AS ");
            sink.put(Token::Cast(column.ty));
            sink.word(")");
        }
    }

    /// The columns of both keys, and of the scope.
    fn write_ends<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        write_names(self.through().ends(), sink);
    }

    /// Removes links, or marks them as deleted: those of which the conditions hold that follow.
    fn write_removed<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let at = At::only(self.through().table);
        match at.table.deleted {
            Some(mark) => {
                sink.word("UPDATE ");
                sink.put(Token::Table(at.table));
                sink.word(" SET ");
                sink.put(Token::Column(Scope::Only, mark));
                sink.word(" = now()");
                write_touched(at, |_| false, sink);
            }
            None => {
                sink.word("DELETE FROM ");
                sink.put(Token::Table(at.table));
            }
        }
        sink.word(" WHERE ");
    }
}

impl Through {
    /// The columns of the owner's key, of the scope, and of the target's key.
    pub(crate) fn ends(&self) -> impl Iterator<Item = &'static ColumnInfo> {
        self.owners.columns.iter().copied().chain(self.theirs())
    }

    /// The columns of the target's key alone.
    pub(super) fn theirs(&self) -> impl Iterator<Item = &'static ColumnInfo> {
        let shared = |column: &&ColumnInfo| !self.is_shared(column);
        self.there.iter().copied().filter(shared)
    }

    /// Whether a column of the target's key is one of the owner's, or of the scope.
    pub(crate) fn is_shared(&self, column: &ColumnInfo) -> bool {
        let mut ours = self.owners.columns.iter();
        ours.any(|own| std::ptr::eq(*own, column))
    }

    /// Whether it is a column of the table that says more than who is linked, and in which scope.
    pub(crate) fn says_more(&self, column: &ColumnInfo) -> bool {
        let is_it = |other: &ColumnInfo| std::ptr::eq(other, column);
        let scope = self.table.scope.map(|scope| scope.column);
        self.table.columns.iter().any(|other| is_it(other)) && !self.ends().chain(scope).any(is_it)
    }

    /// Where the scope of links is behind the owner's key: that has so many parts, and may name it itself.
    pub(crate) fn scope_behind(&self, parts: usize) -> bool {
        let scope = self.owners.scope.map(|scope| scope.column);
        let of_key = self.owners.columns.iter().take(parts);
        scope.is_some_and(|scope| !of_key.copied().any(|part| std::ptr::eq(part, scope)))
    }
}

pub(super) fn write_names<'a, S: Sink<'a>>(
    columns: impl Iterator<Item = &'static ColumnInfo>,
    sink: &mut S,
) {
    sink.list(", ", columns, |sink, column| {
        sink.put(Token::Column(Scope::Only, column));
    });
}

pub(super) fn write_unnest<'a, S: Sink<'a>>(
    columns: impl Iterator<Item = &'static ColumnInfo>,
    lists: &'a [Param],
    sink: &mut S,
) {
    sink.word("unnest(");
    sink.list(", ", columns.zip(lists), |sink, (column, list)| {
        sink.put(Token::Bind(list));
        sink.word("::");
        sink.put(Token::Cast(column.ty.array()));
    });
    sink.word(")");
}
