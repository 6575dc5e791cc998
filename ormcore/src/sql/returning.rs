//! RETURNING.

use super::Expr;
use super::expr::At;
use super::token::{Scope, Sink, Token};
use crate::value::Param;

/// What comes back of a write.
#[derive(Debug)]
pub(crate) enum Returning {
    /// Only how many rows there were.
    Nothing,
    /// The rows as they were stored, in the order given.
    Rows,
    /// Only their primary keys, in the order given: one row, with an array for each column of the key. So many.
    Keys(Param),
    /// Expressions on the rows as they were stored, in the order given.
    Terms(Vec<Expr>),
}

/// What rows go by that were written in a part of the statement.
pub(super) const STORED: Scope = Scope::Named("stored");
/// Whether such a row was inserted; no column of ours can be called so.
pub(super) const INSERTED: &str = "\"ormcore inserted\"";

impl Returning {
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// What it is to a shape; the terms are still to be said.
    pub(super) fn number(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Rows => 1,
            Self::Keys(_) => 2,
            Self::Terms(_) => 3,
        }
    }

    /// The clause, in a statement that is nothing but the write.
    pub(super) fn write<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        match self {
            Self::Nothing => {}
            Self::Keys(_) => {
                sink.word(" RETURNING ");
                sink.list(", ", at.table.key, |sink, column| {
                    sink.put(Token::Column(at.scope, column));
                });
            }
            Self::Rows => {
                sink.word(" RETURNING ");
                sink.put(Token::Columns(at.scope, at.table));
            }
            Self::Terms(terms) => {
                sink.word(" RETURNING ");
                sink.list(", ", terms, |sink, term| term.write(at, sink));
            }
        }
    }
}

/// Whether a row of an upsert was inserted: nobody has deleted or replaced what is new. One that was in the way was locked.
pub(super) fn write_inserted<'a>(scope: Scope, sink: &mut impl Sink<'a>) {
    if scope == STORED {
        sink.word("stored.");
        sink.word(INSERTED);
    } else {
        sink.word("(xmax = 0)");
    }
}
