//! What a SELECT reads from: a table, what a query found before, a tree of rows; and what is joined by an alias.

use super::super::expr::{At, Hop};
use super::super::token::{Scope, Sink, Token};
use super::{Base, Expr, Select};
use crate::sql::Table;

/// Rows to ask instead of all rows of the table.
#[derive(Debug)]
pub(crate) enum Source {
    /// The rows that a query finds.
    Query(Box<Select>),
    /// The rows that a query finds, those that lead on from them, those that lead on from these …
    Tree { roots: Box<Select>, hop: Hop },
}

/// Another table, joined by a name of its own.
#[derive(Debug)]
pub(crate) struct NamedJoin {
    /// ` JOIN `, ` LEFT JOIN ` …
    pub(crate) words: &'static str,
    pub(crate) table: &'static Table,
    pub(crate) name: &'static str,
    pub(crate) on: Expr,
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

    /// `WITH …`, where it does not read from the table itself.
    pub(super) fn write_with<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        match self.source() {
            None => {}
            Some(Source::Query(query)) => {
                sink.word("WITH source AS (");
                query.write_single(At::only(self.table), sink);
                sink.word(") ");
            }
            Some(Source::Tree { roots, hop }) => {
                sink.word("WITH RECURSIVE source AS (");
                roots.write_single(At::only(self.table), sink);
                sink.word(" UNION SELECT ");
                let next = At::inside_of(self.table);
                sink.put(Token::Columns(next.scope, self.table));
                sink.word(" FROM ");
                next.write_table(sink);
                sink.word(" JOIN source ON ");
                sink.list(
                    " AND ",
                    hop.there.iter().zip(hop.here),
                    |sink, (there, here)| {
                        sink.put(Token::Column(next.scope, there));
                        sink.word(" = ");
                        sink.put(Token::Column(Scope::Source, here));
                    },
                );
                sink.word(") ");
            }
        }
    }

    /// The table, or what stands for it, and what is joined to it.
    pub(super) fn write_from<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        if self.source().is_some() {
            sink.word("source AS ");
            sink.put(Token::Name(match at.scope {
                Scope::Only => Scope::Table(self.table),
                scope => scope,
            }));
        } else {
            at.write_table(sink);
        }
        for join in self.named() {
            sink.word(join.words);
            sink.put(Token::Table(join.table));
            sink.word(" AS ");
            sink.put(Token::Name(Scope::Named(join.name)));
            sink.word(" ON ");
            join.on.write(at, sink);
        }
    }
}
