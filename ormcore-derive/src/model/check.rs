//! Rules that need the whole struct.

use super::field::{Column, Fields};
use super::relation::{Kind, Relation};
use crate::errors::Errors;
use crate::parse::{CompanionWords, Ident, StructWords, list, text, written};

/// The library can hold a key of so many columns.
const LONGEST_KEY: usize = 4;

/// The places of the key's columns; where there are none, of the likeliest. `understood` says that no word so far was
/// wrong, as a misspelt `primary_key` is not also a missing one.
pub(super) fn key(
    entity: &Ident,
    columns: &[Column],
    understood: bool,
    errors: &Errors,
) -> Option<Vec<usize>> {
    let is_key = |(at, column): (usize, &Column)| column.primary_key.is_some().then_some(at);
    let mut key: Vec<usize> = columns.iter().enumerate().filter_map(is_key).collect();
    let id = columns.iter().position(|column| column.named.field == "id");
    if key.is_empty() && understood {
        let field = id.map_or("what identifies a row", |_| "`id`");
        errors.on(
            entity,
            format!("`{entity}` has no primary key: put `#[orm(primary_key)]` on {field}"),
        );
    }
    if let Some(word) = key
        .get(LONGEST_KEY)
        .and_then(|at| columns[*at].primary_key.as_ref())
    {
        errors.on(
            word,
            format!("a primary key has at most {LONGEST_KEY} columns, and this is one more"),
        );
        key.truncate(LONGEST_KEY);
    }
    if let [only] = key.as_slice()
        && let Some(word) = &columns[*only].unique
    {
        errors.on(word, "a primary key is unique already: leave `unique` out");
    }
    if key.is_empty() {
        id.map(|id| vec![id])
    } else {
        Some(key)
    }
}

/// No two columns have one name in the table.
pub(super) fn column_names(columns: &[Column], errors: &Errors) {
    for (at, column) in columns.iter().enumerate() {
        if let Some(first) = columns[..at].iter().find(|first| first.name == column.name) {
            let (name, first) = (&column.name, &first.named.field);
            errors.on(
                &column.named.field,
                format!("the column of `{first}` is called `{name}` too"),
            );
        }
    }
}

/// No two fields have one constant. Whether that is so: if not, the code would declare it twice.
pub(super) fn constants(entity: &Ident, fields: &Fields, errors: &Errors) -> bool {
    let columns = fields.columns.iter().map(|column| &column.named);
    let named: Vec<_> = columns
        .chain(fields.relations.iter().map(|relation| &relation.named))
        .collect();
    let mut distinct = true;
    for (at, one) in named.iter().enumerate() {
        if let Some(first) = named[..at]
            .iter()
            .find(|first| first.constant == one.constant)
        {
            let (first, constant) = (&first.field, &one.constant);
            errors.on(
                &one.field,
                format!(
                    "`{first}` has the constant `{entity}::{constant}` already: rename one of them"
                ),
            );
            distinct = false;
        }
    }
    distinct
}

/// A key of another entity has as many columns as that entity's own. Where the other is not known, the compiler checks.
pub(super) fn key_lengths(entity: &Ident, key: &[usize], fields: &Fields, errors: &Errors) {
    for Relation {
        target,
        kind,
        named,
        ..
    } in &fields.relations
    {
        let words: Vec<&Ident> = match kind {
            Kind::HasOne(relation) | Kind::HasMany(relation) => relation.key.iter().collect(),
            Kind::ManyToMany(relation) => relation.here.iter().collect(),
            Kind::BelongsTo(relation) if written(target) == text(entity) => {
                relation.key.iter().map(|part| &part.word).collect()
            }
            Kind::BelongsTo(_) => continue,
        };
        let found = words.len();
        if found != key.len() {
            let columns = key.iter().map(|at| fields.columns[*at].name.as_str());
            let message = format!(
                "`{}` needs one column for each of the key of `{entity}`: {}",
                named.field,
                list(columns, "and")
            );
            errors.on(words.last().unwrap_or(&&named.field), message);
        }
    }
}

/// A table's name is one name.
pub(super) fn struct_words(words: &StructWords, errors: &Errors) {
    if let Some(word) = &words.table
        && let Some((schema, table)) = word.value().split_once('.')
    {
        errors.on(
            word,
            format!(
                "a table's name has no dot: write `schema = \"{schema}\", table = \"{table}\"`"
            ),
        );
    }
}

/// The patch, unless it would declare the same struct as the insert.
pub(super) fn other_than(
    patch: Option<CompanionWords>,
    insert: &Option<Ident>,
    errors: &Errors,
) -> Option<CompanionWords> {
    let patch = patch?;
    if insert.as_ref() == Some(&patch.name) {
        errors.on(
            &patch.name,
            format!("`insert` declares a struct `{}` already", patch.name),
        );
        return None;
    }
    Some(patch)
}
