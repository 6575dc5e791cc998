//! `#[orm(serialize)]`, and what serde's own attributes say about how a struct is written.

use super::words::{Arguments, Word, once, unknown};
use super::{list, text};
use crate::errors::Errors;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Ident, LitStr, Path, Token, token};

/// `serialize`, or `serialize(ids = "string")`.
#[derive(Clone, Copy)]
pub(crate) struct SerializeWords {
    /// Whether numbers that are keys are written as strings.
    pub(crate) ids_as_text: bool,
}

/// What serde is told about a field.
pub(crate) struct SerdeField {
    /// What it is called.
    pub(crate) name: String,
    /// Whether it is left out.
    pub(crate) skip: bool,
    /// The function that says when it is.
    pub(crate) skip_if: Option<Path>,
}

/// What only matters when something is read.
const READ: [&str; 9] = [
    "alias",
    "default",
    "deserialize_with",
    "skip_deserializing",
    "deny_unknown_fields",
    "expecting",
    "borrow",
    "bound",
    "crate",
];

pub(super) fn serialize(word: &Word, errors: &Errors) -> Option<SerializeWords> {
    if word.is_alone() {
        return Some(SerializeWords { ids_as_text: false });
    }
    let example = "serialize(ids = \"string\")";
    let Arguments { words, .. } = word.arguments(example, errors)?;
    let mut ids = None;
    for inner in words {
        match inner.text().as_str() {
            "ids" => once(&mut ids, &inner, inner.string(errors), errors),
            _ => unknown(&inner, "`serialize`", &["ids"], errors),
        }
    }
    if let Some(ids) = ids.as_ref().filter(|ids| ids.value() != "string") {
        errors.on(
            ids,
            format!("keys are written as they are, or as strings: `{example}`"),
        );
    }
    Some(SerializeWords {
        ids_as_text: ids.is_some(),
    })
}

/// What serde makes of a field's name.
pub(super) type Renamed = fn(&str) -> String;

/// What serde calls them, and what it does: fields are taken to be in snake case.
const CASES: [(&str, Renamed); 8] = [
    ("lowercase", str::to_owned),
    ("UPPERCASE", str::to_ascii_uppercase),
    ("PascalCase", pascal),
    ("camelCase", |name| {
        let name = pascal(name);
        let (first, rest) = name.split_at(usize::from(
            name.starts_with(|first: char| first.is_ascii()),
        ));
        first.to_ascii_lowercase() + rest
    }),
    ("snake_case", str::to_owned),
    ("SCREAMING_SNAKE_CASE", str::to_ascii_uppercase),
    ("kebab-case", |name| name.replace('_', "-")),
    ("SCREAMING-KEBAB-CASE", |name| {
        name.to_ascii_uppercase().replace('_', "-")
    }),
];

fn pascal(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

/// How the fields of a struct are called, if serde is told.
pub(super) fn on_struct(attributes: &[Attribute], errors: &Errors) -> Option<Renamed> {
    let mut renamed = None;
    each(attributes, errors, &mut |meta, word| match word {
        "rename_all" => {
            let Some(name) = written(&meta)? else {
                return Ok(true);
            };
            let case = name.value();
            let known = CASES.iter().find(|(known, _)| *known == case);
            match known {
                Some((_, case)) => renamed = Some(*case),
                None => {
                    let known = list(CASES.iter().map(|(known, _)| *known), "or");
                    errors.on(&name, format!("`rename_all` is one of {known}"));
                }
            }
            Ok(true)
        }
        // A document has no place for the struct's own name.
        "rename" => written(&meta).map(|_| true),
        _ => Ok(false),
    });
    renamed
}

/// What serde is told about a field of this name.
pub(super) fn on_field(
    attributes: &[Attribute],
    name: &Ident,
    case: Option<Renamed>,
    errors: &Errors,
) -> SerdeField {
    let name = text(name);
    let mut field = SerdeField {
        name: case.map_or_else(|| name.clone(), |case| case(&name)),
        skip: false,
        skip_if: None,
    };
    each(attributes, errors, &mut |meta, word| {
        match word {
            "rename" => {
                if let Some(name) = written(&meta)? {
                    field.name = name.value();
                }
            }
            "skip" | "skip_serializing" => field.skip = true,
            "skip_serializing_if" => {
                let path: LitStr = meta.value()?.parse()?;
                field.skip_if = Some(path.parse_with(Path::parse_mod_style)?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    });
    field
}

/// Shows each word of `#[serde(…)]` to `known`, which says whether it knows it.
fn each(
    attributes: &[Attribute],
    errors: &Errors,
    known: &mut dyn FnMut(ParseNestedMeta<'_>, &str) -> syn::Result<bool>,
) {
    let serde = attributes.iter();
    for attribute in serde.filter(|attribute| attribute.path().is_ident("serde")) {
        let read = attribute.parse_nested_meta(|meta| {
            let path = meta.path.clone();
            let word = path.get_ident().map(ToString::to_string).unwrap_or_default();
            if READ.contains(&word.as_str()) {
                return passed_over(&meta);
            }
            match known(meta, &word)? {
                true => Ok(()),
                false => Err(syn::Error::new_spanned(
                    &path,
                    format!(
                        "`#[orm(serialize)]` knows serde's `rename`, `rename_all`, `skip`, `skip_serializing` and \
                         `skip_serializing_if`, and not `{word}`: derive `serde::Serialize` instead, with \
                         `skip_serializing_if = \"Many::is_unloaded\"` or `\"One::is_unloaded\"` on relations"
                    ),
                )),
            }
        });
        if let Err(error) = read {
            errors.add(error);
        }
    }
}

fn passed_over(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(Token![=]) {
        meta.value()?.parse::<syn::Expr>()?;
    } else if meta.input.peek(token::Paren) {
        let content;
        syn::parenthesized!(content in meta.input);
        content.parse::<proc_macro2::TokenStream>()?;
    }
    Ok(())
}

/// The name in `rename = "…"` or `rename(serialize = "…", deserialize = "…")`, where only the first is written.
fn written(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<LitStr>> {
    if !meta.input.peek(token::Paren) {
        return Ok(Some(meta.value()?.parse()?));
    }
    let mut name = None;
    meta.parse_nested_meta(|inner| {
        let value: LitStr = inner.value()?.parse()?;
        if inner.path.is_ident("serialize") {
            name = Some(value);
        }
        Ok(())
    })?;
    Ok(name)
}
