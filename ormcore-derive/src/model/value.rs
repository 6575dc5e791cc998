//! What a value is to PostgreSQL.

use super::built_in::is_built_in;
use crate::errors::Errors;
use crate::parse::{
    Body, Case, Ident, LitStr, Type, ValueDeclaration, ValuePart, ValueWords, snake, text,
};

/// A type that a column can have.
pub(crate) struct Value {
    pub(crate) name: Ident,
    pub(crate) kind: ValueKind,
}

/// What kind of type it is.
pub(crate) enum ValueKind {
    /// Words: of an enum of PostgreSQL, or, where there is none, text.
    Enum {
        defined: Option<Defined>,
        variants: Vec<(Ident, String)>,
    },
    /// Another type's values.
    Newtype { inner: Box<Type>, sql_type: Written },
    /// Several values as one.
    Composite {
        defined: Defined,
        fields: Vec<(Ident, String, Type)>,
    },
}

/// The type of a newtype's column.
pub(crate) enum Written {
    /// The inner type's.
    Inner,
    /// One by this name in SQL.
    Named(String),
    /// A domain.
    Domain {
        defined: Defined,
        check: Option<String>,
    },
}

/// A type with a name of its own.
pub(crate) struct Defined {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
}

/// PostgreSQL cuts longer names off, and refuses longer labels.
const LONGEST: usize = 63;

impl Value {
    /// Finds out what a declaration means.
    pub(crate) fn new(declaration: ValueDeclaration, errors: &Errors) -> Self {
        let ValueDeclaration { name, words, body } = declaration;
        let case = case(&words, errors);
        let kind = match body {
            Body::Words(variants) => {
                let variants = parts(variants.into_iter(), case, "word", errors);
                ValueKind::Enum {
                    defined: enum_type(&name, &words, errors),
                    variants,
                }
            }
            Body::Newtype(inner) => ValueKind::Newtype {
                inner,
                sql_type: newtype(&words, errors),
            },
            Body::Parts(fields) => {
                let (named, types): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
                let named = parts(named.into_iter(), case, "field", errors);
                let fields = named.into_iter().zip(types);
                ValueKind::Composite {
                    defined: defined(&name, words.sql_type.as_ref(), &words, errors),
                    fields: fields
                        .map(|((field, name), ty)| (field, name, ty))
                        .collect(),
                }
            }
        };
        Self { name, kind }
    }
}

fn case(words: &ValueWords, errors: &Errors) -> Case {
    let Some(word) = &words.rename_all else {
        return Case::Snake;
    };
    Case::named(&word.value()).unwrap_or_else(|| {
        let known = crate::parse::list(Case::NAMES, "or");
        errors.on(word, format!("`rename_all` is {known}"));
        Case::Snake
    })
}

/// The names of variants or fields, as PostgreSQL has them.
fn parts(
    named: impl Iterator<Item = ValuePart>,
    case: Case,
    what: &str,
    errors: &Errors,
) -> Vec<(Ident, String)> {
    let mut found: Vec<(Ident, String)> = Vec::new();
    for ValuePart { name, words } in named {
        let label = match &words.rename {
            Some(rename) => rename.value(),
            None => case.of(&text(&name)),
        };
        if let Some((first, _)) = found.iter().find(|(_, other)| *other == label) {
            errors.on(&name, format!("the {what} of `{first}` is `{label}` too"));
        }
        short(&label, &name, errors);
        found.push((name, label));
    }
    found
}

fn enum_type(name: &Ident, words: &ValueWords, errors: &Errors) -> Option<Defined> {
    let Some(as_text) = &words.text else {
        return Some(defined(name, words.sql_type.as_ref(), words, errors));
    };
    for word in [&words.sql_type, &words.schema].into_iter().flatten() {
        errors.on(
            word,
            format!(
                "with `{as_text}` the column is text, and PostgreSQL has no type for `{name}`: leave one of them out"
            ),
        );
    }
    None
}

fn newtype(words: &ValueWords, errors: &Errors) -> Written {
    let Some(domain) = &words.domain else {
        for (word, other) in [(&words.check, "check"), (&words.schema, "schema")] {
            if let Some(word) = word {
                errors.on(
                    word,
                    format!("`{other}` is about a domain: add `domain = \"…\"`"),
                );
            }
        }
        return match &words.sql_type {
            Some(sql_type) => Written::Named(sql_type.value()),
            None => Written::Inner,
        };
    };
    if let Some(sql_type) = &words.sql_type {
        errors.on(
            sql_type,
            "a column has one type: leave `type` or `domain` out",
        );
    }
    Written::Domain {
        defined: named(domain, words, errors),
        check: words.check.as_ref().map(LitStr::value),
    }
}

/// The type of a name that was given, or of the Rust type's own.
fn defined(name: &Ident, given: Option<&LitStr>, words: &ValueWords, errors: &Errors) -> Defined {
    if let Some(given) = given {
        return named(given, words, errors);
    }
    let snake = snake(&text(name));
    short(&snake, name, errors);
    free(&snake, name, words, errors);
    Defined {
        schema: words.schema.as_ref().map(LitStr::value),
        name: snake,
    }
}

fn named(given: &LitStr, words: &ValueWords, errors: &Errors) -> Defined {
    let name = given.value();
    if let Some((schema, name)) = name.split_once('.') {
        errors.on(
            given,
            format!(
                "a type's name has no dot: write `schema = \"{schema}\"` and the name `\"{name}\"`"
            ),
        );
    }
    short(&name, given, errors);
    free(&name, given, words, errors);
    Defined {
        schema: words.schema.as_ref().map(LitStr::value),
        name,
    }
}

fn short(name: &str, place: &impl quote::ToTokens, errors: &Errors) {
    if name.len() > LONGEST {
        errors.on(
            place,
            format!("PostgreSQL's names have at most {LONGEST} bytes, and `{name}` has more"),
        );
    }
}

/// PostgreSQL finds a type of its own first where no schema is written.
fn free(name: &str, place: &impl quote::ToTokens, words: &ValueWords, errors: &Errors) {
    if words.schema.is_none() && is_built_in(name) {
        errors.on(
            place,
            format!(
                "PostgreSQL has a type `{name}` of its own: choose another name with `type = \"…\"`, or `domain = \"…\"` of a \
                 newtype, or say which `schema = \"…\"` it is in"
            ),
        );
    }
}
