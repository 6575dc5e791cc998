//! Relations: which rows a `One` or a `Many` holds, and by which key.

use super::field::{Column, Named};
use super::through::ManyToMany;
use crate::errors::Errors;
use crate::parse::{
    Field, FieldWords, Ident, Lazy, Path, RelationWords, Shape, Type, agree, constant, list,
    nearest, snake, text, written,
};

/// A field that is a relation.
pub(crate) struct Relation {
    pub(crate) named: Named,
    pub(crate) target: Type,
    pub(crate) kind: Kind,
    /// The function that says for which rows it holds, if not for all.
    pub(crate) when: Option<Path>,
    /// What a load of rows one by one does, if the field says so.
    pub(crate) lazy: Option<Lazy>,
}

/// How a relation is reached.
pub(crate) enum Kind {
    /// Columns of this entity hold the target's key.
    BelongsTo(BelongsTo),
    /// Columns of the only target hold this entity's key.
    HasOne(Foreign),
    /// Columns of the targets hold this entity's key.
    HasMany(Foreign),
    /// A table between the two holds both keys.
    ManyToMany(ManyToMany),
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

/// `One<Option<T>>` or `Many<T>`, whose rows refer to this one.
pub(crate) struct Foreign {
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
            serde: _,
        } = field;
        no_column_words(&name, &words, errors);
        let named = Named::new(name, visibility, docs);
        let maker = Maker {
            entity,
            named: &named,
            ty: &ty,
            columns,
            errors,
        };
        let (target, (kind, when, lazy)) = match shape? {
            Shape::Value { .. } => return None,
            Shape::One { target, optional } => {
                let found = maker.one(words, &target, optional)?;
                (target, found)
            }
            Shape::Many { target } => {
                let found = maker.many(words, &target)?;
                (target, found)
            }
        };
        Some(Self {
            named,
            target,
            kind,
            when,
            lazy,
        })
    }
}

/// What a relation is, when it holds, and how lazy it is.
type Found = (Kind, Option<Path>, Option<Lazy>);

/// What is needed to find out what a relation is.
struct Maker<'a> {
    entity: &'a Ident,
    named: &'a Named,
    ty: &'a Type,
    columns: &'a [Column],
    errors: &'a Errors,
}

impl Maker<'_> {
    fn one(&self, words: FieldWords, target: &Type, optional: bool) -> Option<Found> {
        let errors = self.errors;
        let of_many = words.has_many.map(|words| words.word);
        let of_many = of_many.or(words.many_to_many.map(|words| words.word));
        if let Some(word) = of_many {
            let (seen, many) = (written(self.ty), written(target));
            errors.on(
                self.ty,
                format!("`{word}` is for a `Many`: write `Many<{many}>`, not `{seen}`"),
            );
            return None;
        }
        match (words.belongs_to, words.has_one) {
            (Some(_), Some(second)) => {
                errors.on(
                    &second.word,
                    "a row that is referred to is `belongs_to`, one that refers is `has_one`: write one of them",
                );
                None
            }
            (Some(words), None) => {
                let (columns, name) = (self.columns, &self.named.field);
                let key = key_parts(name, &words, columns, errors)?;
                nullable_as_its_key(self.ty, target, optional, &key, columns, errors);
                same_target(&words.word, words.target.as_ref(), target, self.ty, errors)?;
                let checked = as_referred_to(self.ty, target, &key, columns, errors);
                let kind = Kind::BelongsTo(BelongsTo {
                    optional,
                    key,
                    checked,
                });
                Some((kind, None, words.lazy))
            }
            (None, Some(words)) => {
                if !optional {
                    let target = written(target);
                    errors.on(
                        self.ty,
                        format!("there may be no such row: write `One<Option<{target}>>`"),
                    );
                    return None;
                }
                let foreign = self.foreign(&words, target)?;
                Some((Kind::HasOne(foreign), words.when, words.lazy))
            }
            (None, None) => {
                if !words.misunderstood {
                    let name = &self.named.field;
                    errors.on(name, unreached_one(name, self.columns));
                }
                None
            }
        }
    }

    fn many(&self, words: FieldWords, target: &Type) -> Option<Found> {
        let errors = self.errors;
        let of_one = [
            words.belongs_to.map(|words| (words.word, false)),
            words.has_one.map(|words| (words.word, true)),
        ];
        if let Some((word, optional)) = of_one.into_iter().flatten().next() {
            let (seen, target) = (written(self.ty), written(target));
            let one = match optional {
                true => format!("One<Option<{target}>>"),
                false => format!("One<{target}>"),
            };
            errors.on(
                self.ty,
                format!("`{word}` is for a `One`: write `{one}`, not `{seen}`"),
            );
            return None;
        }
        match (words.has_many, words.many_to_many) {
            (Some(_), Some(second)) => {
                errors.on(
                    &second.word,
                    "rows that refer here are `has_many`, those that a table between leads to `many_to_many`: write one \
                     of them",
                );
                None
            }
            (Some(words), None) => {
                let foreign = self.foreign(&words, target)?;
                Some((Kind::HasMany(foreign), words.when, words.lazy))
            }
            (None, Some(words)) => {
                let (when, lazy) = (words.when.clone(), words.lazy);
                let (entity, named) = (self.entity, self.named);
                let found = ManyToMany::new(entity, named, words, target, self.ty, errors)?;
                Some((Kind::ManyToMany(found), when, lazy))
            }
            (None, None) => {
                if !words.misunderstood {
                    let (target, key) = (written(target), snake(&text(self.entity)));
                    let remedy = format!("#[orm(has_many({target}, key = {key}_id))]");
                    let name = &self.named.field;
                    errors.on(
                        name,
                        format!("which rows are in `{name}`? say it with `{remedy}`"),
                    );
                }
                None
            }
        }
    }

    fn foreign(&self, words: &RelationWords, target: &Type) -> Option<Foreign> {
        let (errors, name) = (self.errors, &self.named.field);
        same_target(&words.word, words.target.as_ref(), target, self.ty, errors)?;
        if written(target) == text(self.entity) {
            key_parts(name, words, self.columns, errors)?;
        }
        let place = |field: &Ident| Ident::new(&constant(&text(field)), field.span());
        Some(Foreign {
            key: words.key.iter().map(place).collect(),
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
pub(super) fn same_target(
    word: &Ident,
    path: Option<&Path>,
    target: &Type,
    ty: &Type,
    errors: &Errors,
) -> Option<()> {
    if let Some(path) = path.filter(|path| !agree(path, target)) {
        let (path_text, ty) = (written(path), written(ty));
        errors.on(
            path,
            format!("`{word}` says `{path_text}`, and the field is `{ty}`"),
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
        &words
            .generated
            .as_ref()
            .map(|generated| generated.word.clone()),
        &words.unique.as_ref().map(|unique| unique.word.clone()),
        &words.sensitive,
        &words.scope,
        &words.index.as_ref().map(|index| index.word.clone()),
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
        ("description", &words.description),
    ] {
        if let Some(literal) = literal {
            errors.on(literal, complain(word));
        }
    }
    if let Some(function) = &words.default_with {
        errors.on(function, complain("default_with"));
    }
    for rule in words.rules.iter().flatten() {
        errors.on(&rule.word, complain("validate"));
    }
    if let Some(references) = &words.references {
        errors.on(
            &references.word,
            format!("`references` is for the column that holds the key, not for `{name}`"),
        );
    }
}
