//! Relations: which rows a `One` or a `Many` holds, and by which key.

use super::field::{Column, Named};
use crate::errors::Errors;
use crate::parse::{
    Field, FieldWords, Ident, RelationWords, Shape, Type, agree, constant, list, nearest, snake,
    text, written,
};

/// A field that is a relation.
pub(crate) struct Relation {
    pub(crate) named: Named,
    pub(crate) target: Type,
    pub(crate) kind: Kind,
}

/// How a relation is reached.
pub(crate) enum Kind {
    /// Columns of this entity hold the target's key.
    BelongsTo(BelongsTo),
    /// Columns of the target hold this entity's key.
    HasMany(HasMany),
}

/// `One<T>`.
pub(crate) struct BelongsTo {
    /// Whether there may be no such row.
    pub(crate) optional: bool,
    pub(crate) key: Vec<KeyPart>,
    /// Whether the `references` of its column checks the key's type already.
    pub(crate) checked: bool,
}

/// A column that holds a part of the target's key.
pub(crate) struct KeyPart {
    /// Its place among the columns.
    pub(crate) column: usize,
    /// The word in the attribute.
    pub(crate) word: Ident,
}

/// `Many<T>`.
pub(crate) struct HasMany {
    /// The constants of the target's columns, placed at the words in the attribute.
    pub(crate) key: Vec<Ident>,
}

impl Relation {
    pub(super) fn new(
        entity: &Ident,
        field: Field,
        columns: &[Column],
        errors: &Errors,
    ) -> Option<Self> {
        let Field {
            name,
            visibility,
            docs,
            ty,
            shape,
            words,
        } = field;
        no_column_words(&name, &words, errors);
        let FieldWords {
            belongs_to,
            has_many,
            misunderstood,
            ..
        } = words;
        let (target, kind) = match shape? {
            Shape::Value { .. } => return None,
            Shape::One { target, optional } => {
                if let Some(words) = has_many {
                    let (seen, many) = (written(&ty), written(&target));
                    errors.on(
                        &ty,
                        format!(
                            "`{}` is for a `Many`: write `Many<{many}>`, not `{seen}`",
                            words.word
                        ),
                    );
                    return None;
                }
                let Some(words) = belongs_to else {
                    if !misunderstood {
                        errors.on(&name, unreached_one(&name, columns));
                    }
                    return None;
                };
                let key = key_parts(&name, &words, columns, errors)?;
                nullable_as_its_key(&ty, &target, optional, &key, columns, errors);
                same_target(&words, &target, &ty, errors)?;
                let checked = as_referred_to(&ty, &target, &key, columns, errors);
                (
                    target,
                    Kind::BelongsTo(BelongsTo {
                        optional,
                        key,
                        checked,
                    }),
                )
            }
            Shape::Many { target } => {
                if let Some(words) = belongs_to {
                    let (seen, one) = (written(&ty), written(&target));
                    errors.on(
                        &ty,
                        format!(
                            "`{}` is for a `One`: write `One<{one}>`, not `{seen}`",
                            words.word
                        ),
                    );
                    return None;
                }
                let Some(words) = has_many else {
                    if !misunderstood {
                        let (target, key) = (written(&target), snake(&text(entity)));
                        let remedy = format!("#[orm(has_many({target}, key = {key}_id))]");
                        errors.on(
                            &name,
                            format!("which rows are in `{name}`? say it with `{remedy}`"),
                        );
                    }
                    return None;
                };
                same_target(&words, &target, &ty, errors)?;
                if written(&target) == text(entity) {
                    key_parts(&name, &words, columns, errors)?;
                }
                let place = |field: &Ident| Ident::new(&constant(&text(field)), field.span());
                (
                    target,
                    Kind::HasMany(HasMany {
                        key: words.key.iter().map(place).collect(),
                    }),
                )
            }
        };
        Some(Self {
            named: Named::new(name, visibility, docs),
            target,
            kind,
        })
    }
}

/// The columns a key names.
fn key_parts(
    relation: &Ident,
    words: &RelationWords,
    columns: &[Column],
    errors: &Errors,
) -> Option<Vec<KeyPart>> {
    let part = |word: &Ident| {
        let found = columns
            .iter()
            .position(|column| text(&column.named.field) == text(word));
        if found.is_none() {
            errors.on(word, no_such_column(relation, word, columns));
        }
        found.map(|column| KeyPart {
            column,
            word: word.clone(),
        })
    };
    let parts: Vec<Option<KeyPart>> = words.key.iter().map(part).collect();
    parts.into_iter().collect()
}

fn no_such_column(relation: &Ident, word: &Ident, columns: &[Column]) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|column| text(&column.named.field))
        .collect();
    if text(word) == text(relation) {
        return format!("`{word}` is the relation itself; `key` names the column it goes by");
    }
    match nearest(&text(word), names.iter().map(String::as_str)) {
        Some(near) => format!("no column `{word}`; did you mean `{near}`?"),
        None => format!(
            "no column `{word}`; there is {}",
            list(names.iter().map(String::as_str), "or")
        ),
    }
}

/// A row refers to nothing exactly when a column of the key may be NULL.
fn nullable_as_its_key(
    ty: &Type,
    target: &Type,
    optional: bool,
    key: &[KeyPart],
    columns: &[Column],
    errors: &Errors,
) {
    let target = written(target);
    let nullable = key.iter().find(|part| columns[part.column].inner.is_some());
    match (nullable, key.first()) {
        (Some(part), _) if !optional => {
            errors.on(
                ty,
                format!("`{}` may be NULL: write `One<Option<{target}>>`", part.word),
            );
        }
        (None, Some(part)) if optional => {
            errors.on(
                ty,
                format!("`{}` is never NULL: write `One<{target}>`", part.word),
            );
        }
        _ => {}
    }
}

/// The path in the attribute may be left out, but it may not be another.
fn same_target(words: &RelationWords, target: &Type, ty: &Type, errors: &Errors) -> Option<()> {
    if let Some(path) = words.target.as_ref().filter(|path| !agree(path, target)) {
        let (path_text, ty) = (written(path), written(ty));
        errors.on(
            path,
            format!(
                "`{}` says `{path_text}`, and the field is `{ty}`",
                words.word
            ),
        );
        return None;
    }
    Some(())
}

/// A column refers to one entity and not, for its relation, to another. Whether it refers to any.
fn as_referred_to(
    ty: &Type,
    target: &Type,
    key: &[KeyPart],
    columns: &[Column],
    errors: &Errors,
) -> bool {
    let [part] = key else { return false };
    let Some(reference) = &columns[part.column].references else {
        return false;
    };
    if !agree(&reference.target, target) {
        let (referred, ty_text) = (written(&reference.target), written(ty));
        errors.on(
            ty,
            format!(
                "`{}` references `{referred}`, and the field is `{ty_text}`",
                part.word
            ),
        );
    }
    true
}

fn unreached_one(name: &Ident, columns: &[Column]) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|column| text(&column.named.field))
        .collect();
    let key = nearest(&text(name), names.iter().map(String::as_str)).unwrap_or("…");
    format!("which row is `{name}`? say it with `#[orm(belongs_to(key = {key}))]`")
}

fn no_column_words(name: &Ident, words: &FieldWords, errors: &Errors) {
    let complain = |word: &str| format!("`{word}` is for columns, and `{name}` is a relation");
    for word in [
        &words.primary_key,
        &words.generated,
        &words.unique.as_ref().map(|unique| unique.word.clone()),
        &words.sensitive,
    ]
    .into_iter()
    .flatten()
    {
        errors.on(word, complain(&word.to_string()));
    }
    for (word, literal) in [
        ("default", &words.default),
        ("rename", &words.rename),
        ("type", &words.sql_type),
        ("constraint", &words.constraint),
    ] {
        if let Some(literal) = literal {
            errors.on(literal, complain(word));
        }
    }
    if let Some(references) = &words.references {
        errors.on(
            &references.word,
            format!("`references` is for the column that holds the key, not for `{name}`"),
        );
    }
}
