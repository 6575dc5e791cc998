//! What a SELECT reads from: a table, what a query found before, a tree of rows; and what is joined by an alias.

use super::super::expr::{At, Hop};
use super::super::token::{Scope, Sink, Token};
use super::ranked::write_reached;
use super::{Base, Expr, Ranked, Select};
use crate::sql::guard::{is_guarded, write_guard, write_rest, write_scope};
use crate::sql::{ColumnInfo, Deleted, Table, Through};

/// Rows to ask instead of all rows of the table.
#[derive(Debug)]
pub(crate) enum Source {
    /// The rows that a query finds.
    Query(Box<Select>),
    /// The rows that go by this name, here or in a statement around this one.
    Given(&'static str),
    /// The rows that a query finds, those that lead on from them, those that lead on from these …
    Tree {
        /// It asks for nothing but the columns.
        roots: Box<Select>,
        /// Those that tell a row from others, and those that lead on: not all types know what is equal.
        columns: Vec<&'static ColumnInfo>,
        hop: Hop,
        /// The table that leads on, where the rows do not themselves.
        through: Option<&'static Through>,
        /// What holds for those that are led to.
        when: Option<Expr>,
    },
    /// So many rows of each owner.
    Ranked(Box<Ranked>),
}

/// Another table, joined by a name of its own.
#[derive(Debug)]
pub(crate) struct NamedJoin {
    /// ` JOIN `, ` LEFT JOIN ` …
    pub(crate) words: &'static str,
    pub(crate) table: &'static Table,
    /// The rows that go by this name, instead of the table's.
    pub(crate) rows: Option<&'static str>,
    pub(crate) name: &'static str,
    pub(crate) on: Expr,
}

/// Rows that go by a name.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) name: &'static str,
    /// What their columns are called, unless they have the names of a table's.
    pub(crate) columns: Vec<&'static ColumnInfo>,
    pub(crate) rows: GivenRows,
}

/// Which rows they are.
#[derive(Debug)]
pub(crate) enum GivenRows {
    /// Those that a query finds.
    Query(Box<Select>),
    /// Those of several queries, or of the caller's own SQL, which may name columns of this table.
    Words(&'static Table, Expr),
}

impl Given {
    fn write<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        sink.put(Token::Name(Scope::Named(self.name)));
        if !self.columns.is_empty() {
            sink.word(" (");
            sink.list(", ", &self.columns, |sink, column| {
                sink.put(Token::Column(Scope::Only, column));
            });
            sink.word(")");
        }
        sink.word(" AS ");
        match &self.rows {
            GivenRows::Query(query) => {
                sink.word("(");
                query.write_single(At::only(query.base.table), sink);
                sink.word(")");
            }
            GivenRows::Words(table, words) => words.write(At::only(table), sink),
        }
    }

    /// The caller's own SQL may ask for the rows that it is about to find.
    fn may_recur(&self) -> bool {
        matches!(self.rows, GivenRows::Words(_, Expr::Fragment(_)))
    }
}

impl Base {
    /// How expressions name the table's columns: with its name when there are others to be told from.
    pub(super) fn at(&self, at: At) -> At {
        match at.scope {
            Scope::Only if !self.named().is_empty() => At {
                scope: Scope::Table(at.table),
                table: at.table,
            },
            _ => at,
        }
    }

    /// `WITH …`, where it does not read from tables alone.
    pub(super) fn write_with<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let source = self.source();
        let recurs = matches!(source, Some(Source::Tree { .. }));
        let mut before = match recurs || self.given().iter().any(Given::may_recur) {
            true => "WITH RECURSIVE ",
            false => "WITH ",
        };
        for given in self.given() {
            sink.word(before);
            given.write(sink);
            before = ", ";
        }
        match source {
            None | Some(Source::Given(_) | Source::Ranked(_)) => {}
            Some(Source::Query(query)) => {
                sink.word(before);
                sink.word("source AS (");
                query.write_single(At::only(self.table), sink);
                sink.word(")");
                before = ", ";
            }
            Some(Source::Tree {
                roots,
                columns,
                hop,
                through,
                when,
            }) => {
                sink.word(before);
                sink.word("source AS (");
                write_roots(roots, sink);
                self.write_onward(columns, hop, *through, when.as_ref(), sink);
                sink.word(")");
                before = ", ";
            }
        }
        if before == ", " {
            sink.word(" ");
        }
    }

    fn write_onward<'a, S: Sink<'a>>(
        &'a self,
        columns: &'a [&'static ColumnInfo],
        hop: &'a Hop,
        through: Option<&'static Through>,
        when: Option<&'a Expr>,
        sink: &mut S,
    ) {
        sink.word(" UNION SELECT ");
        let next = At::inside_of(self.table);
        sink.list(", ", columns, |sink, column| {
            sink.put(Token::Column(next.scope, column));
        });
        sink.word(" FROM ");
        write_reached(through, next, 0, sink);
        let matching = through.map_or(next.scope, |_| Scope::Link(0));
        sink.word(" JOIN source ON ");
        let before = At {
            scope: Scope::Source,
            table: self.table,
        };
        let reached = At {
            scope: matching,
            table: through.map_or(self.table, |through| through.table),
        };
        hop.write(before, reached, sink);
        if let Some(when) = when {
            sink.word(" AND ");
            when.write(next, sink);
        }
        let deleted = match self.deleted {
            Deleted::Hidden => Deleted::Hidden,
            Deleted::Shown | Deleted::Only => Deleted::Shown,
        };
        let before = match write_guard(deleted, " WHERE ", next, sink) {
            true => " AND ",
            false => " WHERE ",
        };
        if let Some(through) = through {
            let link = At {
                scope: Scope::Link(0),
                table: through.table,
            };
            write_guard(Deleted::Hidden, before, link, sink);
        }
    }

    /// The rows that a tree has found.
    fn write_tree<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let (table, own) = (self.table, At::only(self.table));
        let identity = |sink: &mut S| {
            sink.list(", ", table.identity(), |sink, column| {
                sink.put(Token::Column(own.scope, column));
            });
        };
        sink.word("(SELECT ");
        sink.put(Token::Columns(own.scope, table));
        sink.word(" FROM ");
        sink.put(Token::Table(table));
        sink.word(" WHERE (");
        identity(sink);
        sink.word(") IN (SELECT ");
        identity(sink);
        sink.word(" FROM ");
        sink.put(Token::Name(Scope::Source));
        sink.word(")");
        write_scope(" AND ", own, sink);
        sink.word(")");
    }

    /// The table, or what stands for it, and what is joined to it.
    pub(super) fn write_from<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        if let Some(source) = self.source() {
            match source {
                Source::Ranked(ranked) => ranked.write_rows(sink),
                Source::Given(name) => sink.put(Token::Name(Scope::Named(name))),
                Source::Query(_) => sink.put(Token::Name(Scope::Source)),
                Source::Tree { .. } => self.write_tree(sink),
            }
            sink.word(" AS ");
            sink.put(Token::Name(match at.scope {
                Scope::Only => Scope::Table(self.table),
                scope => scope,
            }));
        } else if self.named().is_empty() || !is_guarded(self.deleted, self.table, sink) {
            at.write_table(sink);
        } else {
            // A join may have room for rows that are not there, but not for those that are left out.
            write_rest(self.deleted, self.table, sink);
            sink.word(" AS ");
            sink.put(Token::Name(at.scope));
        }
        for join in self.named() {
            sink.word(join.words);
            match join.rows {
                Some(rows) => sink.put(Token::Name(Scope::Named(rows))),
                None => write_rest(Deleted::Hidden, join.table, sink),
            }
            sink.word(" AS ");
            sink.put(Token::Name(Scope::Named(join.name)));
            sink.word(" ON ");
            join.on.write(at, sink);
        }
    }
}

/// Only a statement without an end of its own, or a beginning, can stand in front of UNION as it is.
fn write_roots<'a, S: Sink<'a>>(roots: &'a Select, sink: &mut S) {
    let Base {
        table,
        order,
        limit,
        offset,
        more,
        ..
    } = &roots.base;
    let plain = order.is_empty() && limit.is_none() && offset.is_none() && more.is_none();
    sink.word(if plain { "" } else { "(" });
    roots.write_single(At::only(table), sink);
    sink.word(if plain { "" } else { ")" });
}
