//! The structs declared beside an entity: what an insert needs, what a patch may change.

use super::field::Column;
use crate::errors::Errors;
use crate::parse::{CompanionWords, Ident, Path, text};

/// A struct to declare.
pub(crate) struct Companion {
    pub(crate) name: Ident,
    /// The user's derives.
    pub(crate) derives: Vec<Path>,
    /// Whether `Clone` is ours to derive, because the user did not.
    pub(crate) derives_clone: bool,
    /// Whether `Default` is.
    pub(crate) derives_default: bool,
    /// Whether `Debug` is ours to write, with sensitive columns hidden.
    pub(crate) writes_debug: bool,
    /// Whether some field needs the function that tells a null from a missing one.
    pub(crate) tells_null: bool,
    pub(crate) fields: Vec<CompanionField>,
}

/// One of its fields.
pub(crate) struct CompanionField {
    /// The place of its column among the entity's.
    pub(crate) column: usize,
    /// Whether the column's type stands in an `Option` of its own.
    pub(crate) wrapped: bool,
    /// Whether `None` leaves the column to the database's default.
    pub(crate) defaulted: bool,
    /// Whether `None` leaves it to a function of the program's.
    pub(crate) filled: bool,
    pub(crate) json: Json,
}

/// What serde has to be told about a field, where serde is derived.
pub(crate) struct Json {
    /// A missing field is `None`.
    pub(crate) may_be_missing: bool,
    /// A null is a value, not the same as a missing field: `Some(None)`.
    pub(crate) null_is_a_value: bool,
    /// `None` is left out when written, as it would come back as a null.
    pub(crate) leaves_none_out: bool,
}

impl Companion {
    /// What an insert needs: all columns but the generated ones, and that of the scope, which the statement knows.
    pub(super) fn insert(
        words: CompanionWords,
        entity: &Ident,
        columns: &[Column],
        errors: &Errors,
    ) -> Option<Self> {
        let serde = Serde::of(&words);
        let fields = |(at, column): (usize, &Column)| {
            let defaulted = column.default.is_some();
            let filled = column.default_with.is_some();
            let wrapped = defaulted || filled;
            (!column.generated && column.scope.is_none()).then(|| CompanionField {
                column: at,
                wrapped,
                defaulted,
                filled,
                json: Json {
                    may_be_missing: serde.reads && (wrapped || column.inner.is_some()),
                    null_is_a_value: serde.reads && wrapped && column.inner.is_some(),
                    leaves_none_out: serde.writes && wrapped && column.inner.is_some(),
                },
            })
        };
        let fields: Vec<CompanionField> = columns.iter().enumerate().filter_map(fields).collect();
        if fields.is_empty() {
            errors.on(
                &words.name,
                format!(
                    "`{}` would be empty: all columns of `{entity}` are generated",
                    words.name
                ),
            );
            return None;
        }
        Self::new(words, entity, false, fields, errors)
    }

    /// What a patch may change: all columns but the key, the scope and the generated ones, each of them optional.
    pub(super) fn patch(
        words: CompanionWords,
        entity: &Ident,
        columns: &[Column],
        errors: &Errors,
    ) -> Option<Self> {
        let serde = Serde::of(&words);
        let fields = |(at, column): (usize, &Column)| {
            let stays = column.primary_key.is_some() || column.scope.is_some();
            (!column.generated && !stays).then(|| CompanionField {
                column: at,
                wrapped: true,
                defaulted: false,
                filled: false,
                json: Json {
                    may_be_missing: serde.reads,
                    null_is_a_value: serde.reads && column.inner.is_some(),
                    leaves_none_out: serde.writes,
                },
            })
        };
        let fields: Vec<CompanionField> = columns.iter().enumerate().filter_map(fields).collect();
        if fields.is_empty() {
            let reason = format!("`{entity}` has only its key and generated columns");
            errors.on(
                &words.name,
                format!("`{}` would be empty: {reason}", words.name),
            );
            return None;
        }
        Self::new(words, entity, true, fields, errors)
    }

    fn new(
        words: CompanionWords,
        entity: &Ident,
        all_optional: bool,
        fields: Vec<CompanionField>,
        errors: &Errors,
    ) -> Option<Self> {
        if text(&words.name) == text(entity) {
            errors.on(
                &words.name,
                format!("this declares a new struct, so it cannot be called `{entity}` again"),
            );
            return None;
        }
        Some(Self {
            derives_clone: !words.derives_a("Clone"),
            derives_default: all_optional && !words.derives_a("Default"),
            writes_debug: !words.derives_a("Debug"),
            tells_null: fields.iter().any(|field| field.json.null_is_a_value),
            name: words.name,
            derives: words.derives,
            fields,
        })
    }
}

/// Which halves of serde are derived.
struct Serde {
    reads: bool,
    writes: bool,
}

impl Serde {
    fn of(words: &CompanionWords) -> Self {
        Self {
            reads: words.derives_a("Deserialize"),
            writes: words.derives_a("Serialize"),
        }
    }
}
