//! The words a value's type, its variants and its fields may have.

use super::near::list;
use super::value::Body;
use super::words::{Word, once, unknown, words};
use crate::errors::Errors;
use syn::{Attribute, Ident, LitStr};

/// What `#[orm(…)]` says about a value's type.
#[derive(Default)]
pub(crate) struct ValueWords {
    pub(crate) sql_type: Option<LitStr>,
    pub(crate) schema: Option<LitStr>,
    pub(crate) domain: Option<LitStr>,
    pub(crate) check: Option<LitStr>,
    pub(crate) text: Option<Ident>,
    pub(crate) rename_all: Option<LitStr>,
}

/// What it says about a variant or a field.
#[derive(Default)]
pub(crate) struct RenameWords {
    pub(crate) rename: Option<LitStr>,
}

const ON_ENUM: [&str; 4] = ["type", "schema", "text", "rename_all"];
const ON_NEWTYPE: [&str; 4] = ["type", "domain", "check", "schema"];
const ON_COMPOSITE: [&str; 3] = ["type", "schema", "rename_all"];

/// Reads the words on a type.
pub(super) fn on_type(attributes: &[Attribute], body: &Body, errors: &Errors) -> ValueWords {
    let (place, known): (&str, &[&str]) = match body {
        Body::Words(_) => ("an enum", &ON_ENUM),
        Body::Newtype(_) => ("a newtype", &ON_NEWTYPE),
        Body::Parts(_) => ("a composite type", &ON_COMPOSITE),
    };
    let mut found = ValueWords::default();
    for word in words(attributes, errors) {
        let text = word.text();
        if !known.contains(&text.as_str()) {
            unheard(&word, place, known, errors);
            continue;
        }
        match text.as_str() {
            "text" => once(&mut found.text, &word, word.flag(errors), errors),
            "schema" => string(&mut found.schema, &word, errors),
            "domain" => string(&mut found.domain, &word, errors),
            "check" => string(&mut found.check, &word, errors),
            "rename_all" => string(&mut found.rename_all, &word, errors),
            _ => string(&mut found.sql_type, &word, errors),
        }
    }
    found
}

/// Reads the words on a variant or a field.
pub(super) fn on_part(attributes: &[Attribute], place: &str, errors: &Errors) -> RenameWords {
    let mut found = RenameWords::default();
    for word in words(attributes, errors) {
        match word.text().as_str() {
            "rename" => string(&mut found.rename, &word, errors),
            _ => unheard(&word, place, &["rename"], errors),
        }
    }
    found
}

fn string(slot: &mut Option<LitStr>, word: &Word, errors: &Errors) {
    once(slot, word, word.string(errors), errors);
}

/// A word that some type may have, but not this one, is no misspelling of another.
fn unheard(word: &Word, place: &str, known: &[&str], errors: &Errors) {
    let text = word.text();
    let elsewhere = [&ON_ENUM[..], &ON_NEWTYPE, &ON_COMPOSITE].concat();
    if elsewhere.contains(&text.as_str()) {
        let known = list(known.iter().copied(), "or");
        errors.on(
            &word.name,
            format!("`{text}` means nothing on {place}, which may have {known}"),
        );
    } else {
        unknown(word, place, known, errors);
    }
}
