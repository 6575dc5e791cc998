//! The words about what the values of a column are like, and about indexes.

use super::near::{list, nearest};
use super::words::{Word, once, unknown};
use crate::errors::Errors;
use syn::{Expr, Ident, LitStr, Path};

/// `generated`, or `generated = "price * count"`.
pub(crate) struct GeneratedWords {
    pub(crate) word: Ident,
    pub(crate) expression: Option<LitStr>,
}

/// `index`, `index(name = "users_name_idx", using = "gin")`, or of a struct `index(columns = (a, b), unique)`.
pub(crate) struct IndexWords {
    pub(crate) word: Ident,
    /// Fields; of a field's own index none.
    pub(crate) columns: Vec<Ident>,
    pub(crate) name: Option<LitStr>,
    pub(crate) unique: Option<Ident>,
    pub(crate) using: Option<LitStr>,
    pub(crate) predicate: Option<LitStr>,
}

/// One of `validate(email, length(max = 80))`.
pub(crate) struct RuleWords {
    pub(crate) word: Ident,
    pub(crate) rule: Rule,
}

/// What values have to be like.
pub(crate) enum Rule {
    Email,
    Url,
    NotEmpty,
    Length {
        min: Option<usize>,
        max: Option<usize>,
    },
    Range {
        min: Option<Box<Expr>>,
        max: Option<Box<Expr>>,
    },
    Custom(Path),
}

const RULES: [&str; 6] = ["email", "url", "not_empty", "length", "range", "custom"];

/// What other libraries have as rules.
const CALLED_ELSEWHERE: [(&str, &str); 10] = [
    ("pattern", A_FUNCTION),
    ("regex", A_FUNCTION),
    ("matches", A_FUNCTION),
    ("contains", A_FUNCTION),
    ("function", A_FUNCTION),
    ("min", "write `range(min = …)`, or `length(min = …)`"),
    ("max", "write `range(max = …)`, or `length(max = …)`"),
    ("char_length", "write `length(…)`"),
    (
        "required",
        "a value has to be there unless its type is an `Option`",
    ),
    (
        "not_null",
        "a value has to be there unless its type is an `Option`",
    ),
];

const A_FUNCTION: &str =
    "write `custom = is_right`, and `fn is_right(value: &str) -> Result<(), &'static str>`";

pub(super) fn generated(word: &Word, errors: &Errors) -> Option<GeneratedWords> {
    let expression = match word.is_alone() {
        true => None,
        false => Some(word.string(errors)?),
    };
    let word = word.name.clone();
    Some(GeneratedWords { word, expression })
}

/// The index of a field.
pub(super) fn index_of_field(word: &Word, errors: &Errors) -> Option<IndexWords> {
    let index = index(
        word,
        "index(name = \"…\", using = \"gin\")",
        &["name", "unique", "using", "where"],
        errors,
    )?;
    if let (Some(unique), None) = (&index.unique, &index.predicate) {
        errors.on(
            unique,
            "what is unique in all rows is said of the column, and brings its index: write `unique`",
        );
        return None;
    }
    Some(index)
}

/// The index of a struct.
pub(super) fn index_of_struct(word: &Word, errors: &Errors) -> Option<IndexWords> {
    let example = "index(columns = (author_id, title), unique)";
    let known = ["columns", "name", "unique", "using", "where"];
    let complaints = errors.len();
    let index = index(word, example, &known, errors)?;
    if index.columns.is_empty() && errors.len() == complaints {
        errors.on(
            &word.name,
            format!("an index of a struct needs its columns: `{example}`"),
        );
    }
    (!index.columns.is_empty()).then_some(index)
}

fn index(word: &Word, example: &str, known: &[&str], errors: &Errors) -> Option<IndexWords> {
    let words = match word.is_alone() {
        true => Vec::new(),
        false => word.inner(example, errors)?,
    };
    let (mut columns, mut name, mut unique) = (None, None, None);
    let (mut using, mut predicate) = (None, None);
    let mut filter = None;
    for inner in words {
        match inner.text().as_str() {
            "columns" if known.contains(&"columns") => {
                once(&mut columns, &inner, inner.fields(errors), errors);
            }
            "columns" => errors.on(
                &inner.name,
                "an index of several columns stands on the struct: `#[orm(index(columns = (a, b)))]`",
            ),
            "name" => once(&mut name, &inner, inner.string(errors), errors),
            "unique" => once(&mut unique, &inner, inner.flag(errors), errors),
            "using" => once(&mut using, &inner, inner.string(errors), errors),
            "where" => {
                once(&mut predicate, &inner, inner.string(errors), errors);
                filter = Some(inner.name.clone());
            }
            _ => unknown(&inner, "`index`", known, errors),
        }
    }
    if let (Some(filter), None) = (&filter, &name) {
        errors.on(
            filter,
            "an index of some rows is known by its name only: add `name = \"…\"`",
        );
    }
    if let (Some(_), Some(using)) = (&unique, &using)
        && !using.value().eq_ignore_ascii_case("btree")
    {
        errors.on(using, "only a B-tree can be unique: leave `using` out");
    }
    Some(IndexWords {
        word: word.name.clone(),
        columns: columns.unwrap_or_default(),
        name,
        unique,
        using,
        predicate,
    })
}

/// The rules in `validate(…)`.
pub(super) fn rules(word: &Word, errors: &Errors) -> Option<Vec<RuleWords>> {
    let words = word.inner("validate(email, length(max = 80))", errors)?;
    if words.is_empty() {
        let rules = list(RULES, "or");
        errors.on(&word.name, format!("`validate` needs a rule: {rules}"));
    }
    let mut found: Vec<RuleWords> = Vec::new();
    for inner in words {
        if found.iter().any(|rule| rule.word == inner.name) {
            errors.on(&inner.name, format!("`{}` is written twice", inner.name));
            continue;
        }
        if let Some(rule) = rule(&inner, errors) {
            let word = inner.name.clone();
            found.push(RuleWords { word, rule });
        }
    }
    Some(found)
}

fn rule(word: &Word, errors: &Errors) -> Option<Rule> {
    let text = word.text();
    match text.as_str() {
        "email" => word.flag(errors).map(|_| Rule::Email),
        "url" => word.flag(errors).map(|_| Rule::Url),
        "not_empty" => word.flag(errors).map(|_| Rule::NotEmpty),
        "length" => length(word, errors),
        "range" => {
            let (min, max) = limits(word, "range(min = 0, max = 100)", Word::expression, errors)?;
            Some(Rule::Range { min, max })
        }
        "custom" => {
            let expected = "`custom` names a function that says what is wrong with a value: `custom = is_right`, and \
                            `fn is_right(value: &str) -> Result<(), &'static str>`";
            word.path(expected, errors).map(Rule::Custom)
        }
        _ => {
            let elsewhere = CALLED_ELSEWHERE.iter().find(|(name, _)| *name == text);
            match elsewhere.filter(|_| nearest(&text, RULES).is_none()) {
                Some((name, remedy)) => {
                    errors.on(&word.name, format!("unknown rule `{name}`; {remedy}"));
                }
                None => unknown(word, "`validate`", &RULES, errors),
            }
            None
        }
    }
}

fn length(word: &Word, errors: &Errors) -> Option<Rule> {
    let (min, max) = limits(word, "length(min = 1, max = 80)", Word::number, errors)?;
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        errors.on(
            &word.name,
            format!("nothing is as long as {min} and no longer than {max}"),
        );
    }
    Some(Rule::Length { min, max })
}

/// `min` and `max`, of which one may be missing.
fn limits<T>(
    word: &Word,
    example: &str,
    read: fn(&Word, &Errors) -> Option<T>,
    errors: &Errors,
) -> Option<(Option<T>, Option<T>)> {
    let (mut min, mut max) = (None, None);
    let complaints = errors.len();
    for inner in word.inner(example, errors)? {
        match inner.text().as_str() {
            "min" => once(&mut min, &inner, read(&inner, errors), errors),
            "max" => once(&mut max, &inner, read(&inner, errors), errors),
            _ => unknown(&inner, &format!("`{}`", word.name), &["min", "max"], errors),
        }
    }
    if min.is_none() && max.is_none() {
        if errors.len() == complaints {
            let expected = format!("`{}` needs a limit: `{example}`", word.name);
            errors.on(&word.name, expected);
        }
        return None;
    }
    Some((min, max))
}
