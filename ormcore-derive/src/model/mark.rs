//! Columns that say something about the row itself.

use super::field::Column;
use crate::errors::Errors;
use crate::parse::{FieldWords, Ident, Type, written};

/// What a column says about its row, and the word that says so.
pub(crate) struct Mark {
    pub(crate) kind: MarkKind,
    word: Ident,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkKind {
    /// How often it changed.
    Version,
    /// When it changed last.
    Updated,
    /// When it was marked as deleted.
    Deleted,
}

impl MarkKind {
    /// What a new row has there.
    pub(super) fn default(self) -> &'static str {
        match self {
            Self::Version => "1",
            Self::Updated => "now()",
            Self::Deleted => "NULL",
        }
    }
}

impl Mark {
    /// The mark, if a word makes the column one.
    pub(super) fn new(
        words: &FieldWords,
        ty: &Type,
        inner: Option<&Type>,
        errors: &Errors,
    ) -> Option<Self> {
        let all = [
            (MarkKind::Version, &words.version),
            (MarkKind::Updated, &words.updated),
            (MarkKind::Deleted, &words.soft_delete),
        ];
        let mut given = all
            .into_iter()
            .filter_map(|(kind, word)| Some((kind, word.as_ref()?)));
        let (kind, word) = given.next()?;
        if let Some((_, second)) = given.next() {
            errors.on(
                second,
                format!("a column cannot be both `{word}` and `{second}`"),
            );
        }
        if words.primary_key.is_some() {
            errors.on(word, format!("a primary key stays, and `{word}` changes"));
        }
        let seen = written(ty);
        match (kind, inner) {
            (MarkKind::Version, Some(inner)) => errors.on(
                ty,
                format!(
                    "a version is never NULL: write `{}`, not `{seen}`",
                    written(inner)
                ),
            ),
            (MarkKind::Deleted, None) => errors.on(
                ty,
                format!(
                    "a row that is not deleted has NULL there: write `Option<{seen}>`, not `{seen}`"
                ),
            ),
            _ => {}
        }
        let word = word.clone();
        Some(Self { kind, word })
    }
}

/// Each mark is on one column only.
pub(super) fn once(columns: &[Column], errors: &Errors) {
    for (at, column) in columns.iter().enumerate() {
        let Some(mark) = &column.mark else { continue };
        let same = |other: &&Column| {
            let other = other.mark.as_ref();
            other.is_some_and(|other| other.kind == mark.kind)
        };
        if let Some(first) = columns[..at].iter().find(same) {
            let (word, first) = (&mark.word, &first.named.field);
            errors.on(word, format!("`{first}` is `{word}` already"));
        }
    }
}
