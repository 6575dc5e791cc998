//! The column that names the scope of a row.

use super::field::Column;
use crate::errors::Errors;
use crate::parse::{FieldWords, Ident, Type, written};

/// The word that makes the column one, if it is there; complains about words that cannot stand beside it.
pub(super) fn word(
    words: &FieldWords,
    ty: &Type,
    inner: Option<&Type>,
    errors: &Errors,
) -> Option<Ident> {
    let word = words.scope.clone()?;
    if let Some(inner) = inner {
        let (whole, inner) = (written(ty), written(inner));
        errors.on(
            ty,
            format!("every row is of some scope: write `{inner}`, not `{whole}`"),
        );
    }
    if let Some(default) = &words.default {
        errors.on(
            default,
            "a new row is of the scope of its statement: leave `default` out",
        );
    }
    // The table of the tenants themselves may well make their numbers.
    if let (Some(generated), None) = (&words.generated, &words.primary_key) {
        errors.on(
            &generated.word,
            "a new row is of the scope of its statement: leave `generated` out",
        );
    }
    let others = [&words.version, &words.updated, &words.soft_delete];
    if let Some(other) = others.into_iter().flatten().next() {
        errors.on(
            other,
            format!("the column is `scope`, and cannot be `{other}` too"),
        );
    }
    Some(word)
}

/// A row has one scope.
pub(super) fn once(columns: &[Column], errors: &Errors) {
    let mut scopes = columns.iter().filter(|column| column.scope.is_some());
    let Some(first) = scopes.next() else { return };
    for word in scopes.filter_map(|column| column.scope.as_ref()) {
        let first = &first.named.field;
        errors.on(
            word,
            format!("`{first}` is `scope` already, and a row has one scope"),
        );
    }
}
