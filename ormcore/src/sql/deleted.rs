//! Rows that are not meant wherever their table is named: those of other kinds, and those that are marked as deleted.

use super::expr::At;
use super::token::{Sink, Token};
use super::{ColumnInfo, Table};

/// Whether a statement sees the rows that are marked as deleted. Where a table has no such mark, all see all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Deleted {
    /// Only the others: what everybody means who says nothing.
    #[default]
    Hidden,
    /// These too.
    Shown,
    /// Only these.
    Only,
}

impl Deleted {
    /// The mark, and what is said about it.
    fn condition(self, table: &Table) -> Option<(&'static ColumnInfo, &'static str)> {
        let words = match self {
            Self::Hidden => " IS NULL",
            Self::Shown => return None,
            Self::Only => " IS NOT NULL",
        };
        Some((table.deleted?, words))
    }

    /// Whether rows of the table are left out: these, or those of other kinds.
    pub(super) fn hides(self, table: &Table) -> bool {
        table.kind.is_some() || self.condition(table).is_some()
    }

    /// The conditions, behind some words, and whether there are any.
    pub(super) fn write<'a, S: Sink<'a>>(
        self,
        mut before: &'static str,
        at: At,
        sink: &mut S,
    ) -> bool {
        if let Some(kind) = &at.table.kind {
            sink.word(before);
            sink.put(Token::Column(at.scope, kind.column));
            sink.word(" = ");
            sink.put(Token::Literal(kind.value));
            before = " AND ";
        }
        if let Some((mark, words)) = self.condition(at.table) {
            sink.word(before);
            sink.put(Token::Column(at.scope, mark));
            sink.word(words);
        }
        self.hides(at.table)
    }
}
