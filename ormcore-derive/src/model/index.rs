//! The indexes that a struct and its fields ask for.

use super::field::Column;
use crate::errors::Errors;
use crate::parse::{Ident, IndexWords, LitStr, list, nearest, text};

/// An index.
pub(crate) struct Index {
    /// The places of its columns.
    pub(crate) columns: Vec<usize>,
    pub(crate) name: Option<String>,
    pub(crate) unique: bool,
    pub(crate) using: Option<String>,
    pub(crate) predicate: Option<String>,
}

/// All of them. A unique one that has a name tells in an error which columns it is on.
pub(super) fn all(words: Vec<IndexWords>, columns: &mut [Column], errors: &Errors) -> Vec<Index> {
    let mut indexes = Vec::new();
    let first_of_key = columns
        .iter()
        .position(|column| column.primary_key.is_some());
    for (at, column) in columns.iter_mut().enumerate() {
        if let Some(words) = column.index.take() {
            has_none_yet(column, first_of_key == Some(at), &words, errors);
            indexes.push(Index::new(words, vec![at]));
        }
    }
    for words in words {
        let places = words.columns.iter();
        let places = places.map(|field| place(field, columns, errors));
        if let Some(places) = places.collect::<Option<Vec<usize>>>() {
            indexes.push(Index::new(words, places));
        }
    }
    for index in &indexes {
        if let (true, Some(name)) = (index.unique, &index.name) {
            for at in &index.columns {
                columns[*at].constraints.push(name.clone());
            }
        }
    }
    indexes
}

impl Index {
    fn new(words: IndexWords, columns: Vec<usize>) -> Self {
        Self {
            columns,
            name: words.name.as_ref().map(LitStr::value),
            unique: words.unique.is_some(),
            using: words.using.as_ref().map(LitStr::value),
            predicate: words.predicate.as_ref().map(LitStr::value),
        }
    }
}

/// What brings an index along needs no other of the same kind.
fn has_none_yet(column: &Column, begins_key: bool, words: &IndexWords, errors: &Errors) {
    if words.using.is_some() || words.predicate.is_some() {
        return;
    }
    let brings = match column {
        _ if begins_key => "primary_key",
        Column {
            unique: Some(_), ..
        } => "unique",
        Column {
            references: Some(_),
            ..
        } => "references",
        _ => return,
    };
    errors.on(
        &words.word,
        format!("`{brings}` brings an index along: leave `index` out"),
    );
}

fn place(field: &Ident, columns: &[Column], errors: &Errors) -> Option<usize> {
    let names: Vec<String> = columns
        .iter()
        .map(|column| text(&column.named.field))
        .collect();
    let place = names.iter().position(|name| *name == text(field));
    if place.is_none() {
        let names = || names.iter().map(String::as_str);
        let remedy = match nearest(&text(field), names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there is {}", list(names(), "or")),
        };
        errors.on(field, format!("no column `{field}`; {remedy}"));
    }
    place
}
