//! The words in `belongs_to(…)`, `has_one(…)`, `has_many(…)` and `many_to_many(…)`.

use super::attributes::misplaced;
use super::near::{list, nearest};
use super::words::{Arguments, Word, once, unknown};
use crate::errors::Errors;
use syn::{Ident, LitStr, Path};

/// `belongs_to(key = author_id)` or `has_many(Post, key = author_id)`.
pub(crate) struct RelationWords {
    pub(crate) word: Ident,
    pub(crate) target: Option<Path>,
    pub(crate) key: Vec<Ident>,
    pub(crate) when: Option<Path>,
    pub(crate) lazy: Option<Lazy>,
}

/// `many_to_many(Tag, through = "post_tags")`.
pub(crate) struct ThroughWords {
    pub(crate) word: Ident,
    pub(crate) target: Option<Path>,
    pub(crate) through: ThroughTable,
    pub(crate) here: Option<Vec<Ident>>,
    pub(crate) there: Option<Vec<Ident>>,
    pub(crate) when: Option<Path>,
    pub(crate) lazy: Option<Lazy>,
}

/// The table between, by its name or by its entity.
pub(crate) enum ThroughTable {
    Named(LitStr),
    Entity(Path),
}

/// What a load of rows one by one does.
#[derive(Clone, Copy)]
pub(crate) enum Lazy {
    One,
    Peers,
    Raise,
}

const LAZY: [&str; 3] = ["one", "peers", "raise"];

const SAID_LATER: &str = "which rows are loaded, and how, is said in a query: \
                          `.with(User::POSTS.filter(…).order_by(…).limit(3).joined())`";
const BY_KEY: &str = "write `key = …`, with the field that holds the key";
const EACH_BY_ITSELF: &str =
    "each side that has a field declares it by itself, and needs no name for the other";
const WHEN: &str = "write `when = is_live`, and `fn is_live() -> Condition<Post>`";

/// What other libraries say of relations.
const CALLED_ELSEWHERE: [(&str, &str); 18] = [
    ("foreign_key", BY_KEY),
    ("fk", BY_KEY),
    ("from", BY_KEY),
    ("to", BY_KEY),
    ("back_populates", EACH_BY_ITSELF),
    ("backref", EACH_BY_ITSELF),
    ("inverse", EACH_BY_ITSELF),
    ("inverse_of", EACH_BY_ITSELF),
    ("filter", WHEN),
    ("condition", WHEN),
    ("primaryjoin", WHEN),
    ("order_by", SAID_LATER),
    ("order", SAID_LATER),
    ("limit", SAID_LATER),
    ("eager", SAID_LATER),
    ("joined", SAID_LATER),
    ("strategy", SAID_LATER),
    (
        "cascade",
        "write `on_delete = \"cascade\"` in the `references(…)` of the column that holds the key",
    ),
];

fn unheard(word: &Word, place: &str, known: &[&str], errors: &Errors) {
    let text = word.text();
    match CALLED_ELSEWHERE.iter().find(|(name, _)| *name == text) {
        Some((_, remedy)) => errors.on(&word.name, format!("unknown word `{text}`; {remedy}")),
        None => unknown(word, place, known, errors),
    }
}

pub(super) fn belongs_to(word: &Word, errors: &Errors) -> Option<RelationWords> {
    relation(
        word,
        "belongs_to(key = author_id)",
        &["key", "lazy"],
        errors,
    )
}

pub(super) fn has_one(word: &Word, errors: &Errors) -> Option<RelationWords> {
    let example = "has_one(Profile, key = user_id)";
    relation(word, example, &["key", "when", "lazy"], errors)
}

pub(super) fn has_many(word: &Word, errors: &Errors) -> Option<RelationWords> {
    let example = "has_many(Post, key = author_id)";
    relation(word, example, &["key", "when", "lazy"], errors)
}

fn relation(word: &Word, example: &str, known: &[&str], errors: &Errors) -> Option<RelationWords> {
    let Arguments { path, words } = word.arguments(example, errors)?;
    let (mut key, mut when, mut lazy) = (None, None, None);
    let mut understood = true;
    for inner in words {
        match inner.text().as_str() {
            "key" => {
                let fields = inner.fields(errors);
                understood &= fields.is_some();
                once(&mut key, &inner, fields, errors);
            }
            "when" if known.contains(&"when") => {
                once(&mut when, &inner, inner.function(errors), errors);
            }
            "lazy" => once(&mut lazy, &inner, self::lazy(&inner, errors), errors),
            "on_delete" | "on_update" => {
                misplaced(
                    &inner,
                    "in the `references(…)` of the column that holds the key",
                    errors,
                );
            }
            "through" => {
                understood = false;
                errors.on(
                    &inner.name,
                    "a relation through a table between is `many_to_many(Tag, through = \"post_tags\")`",
                );
            }
            _ => {
                understood = false;
                let place = format!("`{}`", word.name);
                unheard(&inner, &place, known, errors);
            }
        }
    }
    if key.is_none() && understood {
        errors.on(
            &word.name,
            format!("`{}` needs the key it goes by: `{example}`", word.name),
        );
    }
    Some(RelationWords {
        word: word.name.clone(),
        target: path,
        key: key?,
        when,
        lazy,
    })
}

pub(super) fn many_to_many(word: &Word, errors: &Errors) -> Option<ThroughWords> {
    let example = "many_to_many(Tag, through = \"post_tags\")";
    let Arguments { path, words } = word.arguments(example, errors)?;
    let (mut through, mut here, mut there) = (None, None, None);
    let (mut when, mut lazy) = (None, None);
    let mut understood = true;
    for inner in words {
        match inner.text().as_str() {
            "through" => {
                let table = inner.table(errors);
                understood &= table.is_some();
                once(&mut through, &inner, table, errors);
            }
            "here" => once(&mut here, &inner, inner.fields(errors), errors),
            "there" => once(&mut there, &inner, inner.fields(errors), errors),
            "when" => once(&mut when, &inner, inner.function(errors), errors),
            "lazy" => once(&mut lazy, &inner, self::lazy(&inner, errors), errors),
            "key" => {
                understood = false;
                errors.on(
                    &inner.name,
                    "`many_to_many` goes by two keys: `here = post_id, there = tag_id`, which are so called if you \
                     say nothing",
                );
            }
            _ => {
                understood = false;
                let known = ["through", "here", "there", "when", "lazy"];
                unheard(&inner, "`many_to_many`", &known, errors);
            }
        }
    }
    if through.is_none() && understood {
        errors.on(
            &word.name,
            format!("`many_to_many` needs the table between: `{example}`"),
        );
    }
    Some(ThroughWords {
        word: word.name.clone(),
        target: path,
        through: through?,
        here,
        there,
        when,
        lazy,
    })
}

fn lazy(word: &Word, errors: &Errors) -> Option<Lazy> {
    let given = word.string(errors)?;
    let text = given.value();
    match text.as_str() {
        "one" => Some(Lazy::One),
        "peers" => Some(Lazy::Peers),
        "raise" => Some(Lazy::Raise),
        _ => {
            let remedy = match (text.as_str(), nearest(&text, LAZY)) {
                ("joined" | "selectin" | "subquery" | "immediate", _) => SAID_LATER.to_owned(),
                ("noload", _) => {
                    "nothing is loaded that nobody asks for, and `raise` forbids to ask later"
                        .to_owned()
                }
                (_, Some(near)) => format!("did you mean `{near}`?"),
                (_, None) => format!("it may be {}", list(LAZY, "or")),
            };
            errors.on(&given, format!("unknown way to be lazy `{text}`; {remedy}"));
            None
        }
    }
}
