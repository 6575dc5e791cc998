//! The words a struct and a field may have.

use super::column_words::{
    GeneratedWords, IndexWords, RuleWords, generated, index_of_field, index_of_struct, rules,
};
use super::elsewhere::CALLED_ELSEWHERE;
use super::relation_words::{
    RelationWords, ThroughWords, belongs_to, has_many, has_one, many_to_many,
};
use super::serde_words::{SerializeWords, serialize};
use super::words::{Arguments, Word, once, unknown, words};
use crate::errors::Errors;
use syn::{Attribute, Ident, LitStr, Path};

/// What `#[orm(…)]` says about a struct.
#[derive(Default)]
pub(crate) struct StructWords {
    pub(crate) table: Option<LitStr>,
    pub(crate) schema: Option<LitStr>,
    pub(crate) insert: Option<CompanionWords>,
    pub(crate) patch: Option<CompanionWords>,
    pub(crate) kind: Option<KindWords>,
    pub(crate) indexes: Vec<IndexWords>,
    pub(crate) description: Option<LitStr>,
    pub(crate) serialize: Option<SerializeWords>,
}

/// `kind(column = "method", value = "card")`.
pub(crate) struct KindWords {
    pub(crate) column: LitStr,
    pub(crate) value: LitStr,
    pub(crate) sql_type: Option<LitStr>,
}

/// `insert(NewUser, derive(…))` or `patch(UserPatch, derive(…))`.
pub(crate) struct CompanionWords {
    pub(crate) name: Ident,
    pub(crate) derives: Vec<Path>,
}

impl CompanionWords {
    /// Whether this is among the derives, however it is qualified.
    pub(crate) fn derives_a(&self, name: &str) -> bool {
        self.derives.iter().any(|path| {
            path.segments
                .last()
                .is_some_and(|segment| segment.ident == name)
        })
    }
}

/// What `#[orm(…)]` says about a field.
#[derive(Default)]
pub(crate) struct FieldWords {
    pub(crate) primary_key: Option<Ident>,
    pub(crate) generated: Option<GeneratedWords>,
    pub(crate) unique: Option<UniqueWords>,
    pub(crate) constraint: Option<LitStr>,
    pub(crate) sensitive: Option<Ident>,
    pub(crate) version: Option<Ident>,
    pub(crate) updated: Option<Ident>,
    pub(crate) soft_delete: Option<Ident>,
    pub(crate) scope: Option<Ident>,
    pub(crate) default: Option<LitStr>,
    pub(crate) default_with: Option<Path>,
    pub(crate) rules: Option<Vec<RuleWords>>,
    pub(crate) index: Option<IndexWords>,
    pub(crate) description: Option<LitStr>,
    pub(crate) rename: Option<LitStr>,
    pub(crate) sql_type: Option<LitStr>,
    pub(crate) references: Option<ReferenceWords>,
    pub(crate) belongs_to: Option<RelationWords>,
    pub(crate) has_one: Option<RelationWords>,
    pub(crate) has_many: Option<RelationWords>,
    pub(crate) many_to_many: Option<ThroughWords>,
    /// Whether some word was wrong, so that what is missing may only be misspelt.
    pub(crate) misunderstood: bool,
}

/// `unique`, or `unique = "users_email_idx"`.
pub(crate) struct UniqueWords {
    pub(crate) word: Ident,
    pub(crate) name: Option<LitStr>,
}

/// `references(User, on_delete = "cascade")`.
pub(crate) struct ReferenceWords {
    pub(crate) word: Ident,
    pub(crate) target: Path,
    pub(crate) on_delete: Option<LitStr>,
    pub(crate) on_update: Option<LitStr>,
}

pub(super) const ON_STRUCT: [&str; 8] = [
    "table",
    "schema",
    "kind",
    "insert",
    "patch",
    "index",
    "description",
    "serialize",
];

const ON_FIELD: [&str; 21] = [
    "primary_key",
    "generated",
    "default",
    "default_with",
    "unique",
    "index",
    "validate",
    "description",
    "constraint",
    "sensitive",
    "version",
    "updated",
    "soft_delete",
    "scope",
    "rename",
    "type",
    "references",
    "belongs_to",
    "has_one",
    "has_many",
    "many_to_many",
];

/// Reads the words on a struct.
pub(super) fn on_struct(attributes: &[Attribute], errors: &Errors) -> StructWords {
    let mut found = StructWords::default();
    for word in words(attributes, errors) {
        match word.text().as_str() {
            "table" => once(&mut found.table, &word, word.string(errors), errors),
            "schema" => once(&mut found.schema, &word, word.string(errors), errors),
            "insert" => once(
                &mut found.insert,
                &word,
                companion(&word, "New…", errors),
                errors,
            ),
            "patch" => once(
                &mut found.patch,
                &word,
                companion(&word, "…Patch", errors),
                errors,
            ),
            "kind" => once(&mut found.kind, &word, kind(&word, errors), errors),
            "index" => found.indexes.extend(index_of_struct(&word, errors)),
            "description" => once(&mut found.description, &word, word.string(errors), errors),
            "serialize" => once(
                &mut found.serialize,
                &word,
                serialize(&word, errors),
                errors,
            ),
            text if ON_FIELD.contains(&text) => {
                misplaced(&word, "on a field, not on the struct", errors);
            }
            _ => unheard(&word, "a struct", &ON_STRUCT, errors),
        }
    }
    found
}

/// Reads the words on a field.
pub(super) fn on_field(attributes: &[Attribute], errors: &Errors) -> FieldWords {
    let mut found = FieldWords::default();
    let complaints = errors.len();
    for word in words(attributes, errors) {
        match word.text().as_str() {
            "primary_key" => once(&mut found.primary_key, &word, word.flag(errors), errors),
            "generated" => once(
                &mut found.generated,
                &word,
                generated(&word, errors),
                errors,
            ),
            "unique" => once(&mut found.unique, &word, unique(&word, errors), errors),
            "constraint" => once(&mut found.constraint, &word, word.string(errors), errors),
            "sensitive" => once(&mut found.sensitive, &word, word.flag(errors), errors),
            "version" => once(&mut found.version, &word, word.flag(errors), errors),
            "updated" => once(&mut found.updated, &word, word.flag(errors), errors),
            "soft_delete" => once(&mut found.soft_delete, &word, word.flag(errors), errors),
            "scope" => once(&mut found.scope, &word, word.flag(errors), errors),
            "default" => once(&mut found.default, &word, word.string(errors), errors),
            "default_with" => {
                let expected = "`default_with` names a function that makes a value: `default_with = Uuid::now_v7`";
                let path = word.path(expected, errors);
                once(&mut found.default_with, &word, path, errors);
            }
            "validate" => once(&mut found.rules, &word, rules(&word, errors), errors),
            "index" => once(
                &mut found.index,
                &word,
                index_of_field(&word, errors),
                errors,
            ),
            "description" => once(&mut found.description, &word, word.string(errors), errors),
            "rename" => once(&mut found.rename, &word, word.string(errors), errors),
            "type" => once(&mut found.sql_type, &word, word.string(errors), errors),
            "references" => once(
                &mut found.references,
                &word,
                references(&word, errors),
                errors,
            ),
            "belongs_to" => once(
                &mut found.belongs_to,
                &word,
                belongs_to(&word, errors),
                errors,
            ),
            "has_one" => once(&mut found.has_one, &word, has_one(&word, errors), errors),
            "has_many" => once(&mut found.has_many, &word, has_many(&word, errors), errors),
            "many_to_many" => once(
                &mut found.many_to_many,
                &word,
                many_to_many(&word, errors),
                errors,
            ),
            text if ON_STRUCT.contains(&text) => {
                misplaced(&word, "on the struct, not on a field", errors);
            }
            _ => unheard(&word, "a field", &ON_FIELD, errors),
        }
    }
    found.misunderstood = errors.len() > complaints;
    found
}

fn unique(word: &Word, errors: &Errors) -> Option<UniqueWords> {
    let name = match word.is_alone() {
        true => None,
        false => Some(word.string(errors)?),
    };
    let word = word.name.clone();
    Some(UniqueWords { word, name })
}

fn kind(word: &Word, errors: &Errors) -> Option<KindWords> {
    let example = "kind(column = \"method\", value = \"card\")";
    let Arguments { path, words } = word.arguments(example, errors)?;
    let (mut column, mut value, mut sql_type) = (None, None, None);
    let complaints = errors.len();
    for inner in words {
        match inner.text().as_str() {
            "column" => once(&mut column, &inner, inner.string(errors), errors),
            "value" => once(&mut value, &inner, inner.string(errors), errors),
            "type" => once(&mut sql_type, &inner, inner.string(errors), errors),
            _ => unknown(&inner, "`kind`", &["column", "value", "type"], errors),
        }
    }
    if errors.len() == complaints && (path.is_some() || column.is_none() || value.is_none()) {
        let expected =
            "`kind` needs the column that tells the kinds of rows apart, and what it has in these:";
        errors.on(&word.name, format!("{expected} `{example}`"));
    }
    Some(KindWords {
        column: column?,
        value: value?,
        sql_type,
    })
}

fn companion(word: &Word, name: &str, errors: &Errors) -> Option<CompanionWords> {
    let example = format!("{}({name}, derive(…))", word.name);
    let Arguments { path, words } = word.arguments(&example, errors)?;
    let mut derives = None;
    for inner in words {
        match inner.text().as_str() {
            "derive" => once(&mut derives, &inner, inner.paths(errors), errors),
            _ => unknown(&inner, &format!("`{}`", word.name), &["derive"], errors),
        }
    }
    let expected = format!(
        "`{}` needs the name of the struct to declare: `{example}`",
        word.name
    );
    match path {
        None => {
            errors.on(&word.name, expected);
            None
        }
        Some(path) => {
            let name = path.get_ident().cloned();
            if name.is_none() {
                errors.on(&path, expected);
            }
            Some(CompanionWords {
                name: name?,
                derives: derives.unwrap_or_default(),
            })
        }
    }
}

fn references(word: &Word, errors: &Errors) -> Option<ReferenceWords> {
    let example = "references(User, on_delete = \"cascade\")";
    let Arguments { path, words } = word.arguments(example, errors)?;
    let mut on_delete = None;
    let mut on_update = None;
    for inner in words {
        match inner.text().as_str() {
            "on_delete" => once(&mut on_delete, &inner, inner.string(errors), errors),
            "on_update" => once(&mut on_update, &inner, inner.string(errors), errors),
            _ => unknown(&inner, "`references`", &["on_delete", "on_update"], errors),
        }
    }
    if path.is_none() {
        errors.on(
            &word.name,
            format!("`references` needs the entity it refers to: `{example}`"),
        );
    }
    Some(ReferenceWords {
        word: word.name.clone(),
        target: path?,
        on_delete,
        on_update,
    })
}

pub(super) fn misplaced(word: &Word, place: &str, errors: &Errors) {
    errors.on(&word.name, format!("`{}` belongs {place}", word.name));
}

fn unheard(word: &Word, place: &str, known: &[&str], errors: &Errors) {
    match CALLED_ELSEWHERE
        .iter()
        .find(|(name, _)| *name == word.text())
    {
        Some((name, remedy)) => errors.on(&word.name, format!("unknown word `{name}`; {remedy}")),
        None => unknown(word, place, known, errors),
    }
}
