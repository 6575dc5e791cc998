//! How the value of a column comes about: words that say it in two ways contradict each other.

use crate::errors::Errors;
use crate::parse::FieldWords;

/// Complains about them. Whether `default_with` is the only one.
pub(super) fn one_way(words: &FieldWords, errors: &Errors) -> bool {
    computed(words, errors);
    let alone = default_with(words, errors);
    let marks = [&words.version, &words.updated, &words.soft_delete];
    let generated = words.generated.as_ref().map(|generated| &generated.word);
    let made = generated.or(marks.into_iter().flatten().next());
    let made = made.or(words.scope.as_ref());
    if let (Some(made), Some(rules)) = (made, &words.rules) {
        for rule in rules {
            errors.on(
                &rule.word,
                format!("the column is `{made}`, so no value is given that could be wrong"),
            );
        }
    }
    alone
}

/// What the database computes is nothing else.
fn computed(words: &FieldWords, errors: &Errors) {
    let Some(expression) = words
        .generated
        .as_ref()
        .filter(|it| it.expression.is_some())
    else {
        return;
    };
    let marks = [
        &words.primary_key,
        &words.version,
        &words.updated,
        &words.soft_delete,
    ];
    for mark in marks.into_iter().flatten() {
        errors.on(
            mark,
            format!("the database computes the column from others, so it cannot be `{mark}`"),
        );
    }
    if let Some(default) = &words.default {
        errors.on(
            default,
            "the database computes the column always: leave `default` out",
        );
    }
    if let Some(references) = &words.references
        && (references.on_delete.is_some() || references.on_update.is_some())
    {
        let expression = &expression.word;
        errors.on(
            expression,
            "a computed column cannot follow the row it refers to: leave `on_delete` and `on_update` out",
        );
    }
}

/// A function of the program makes what is left out, and nobody else.
fn default_with(words: &FieldWords, errors: &Errors) -> bool {
    let Some(function) = &words.default_with else {
        return false;
    };
    let others = [
        &words.version,
        &words.updated,
        &words.soft_delete,
        &words.scope,
    ];
    let generated = words.generated.as_ref().map(|generated| &generated.word);
    let other = generated.or(others.into_iter().flatten().next());
    if let Some(other) = other {
        errors.on(
            function,
            format!("the column is `{other}`, so no value is left out: leave `default_with` out"),
        );
    } else if words.default.is_some() {
        errors.on(
            function,
            "what is left out is made by the database or by the program: write `default` or `default_with`",
        );
    }
    other.is_none() && words.default.is_none()
}
