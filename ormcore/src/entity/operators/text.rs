//! Text: patterns, functions, full-text search.

use super::on_terms;
use crate::entity::{Argument, Condition, Expression, Term};
use crate::sql::{Expr, escape_like};
use crate::value::TextValue;

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident $op:literal;)*) => {
        on_terms! { [] [T::Scalar: TextValue]
            $(
                $(#[$doc])*
                pub fn $name(self, pattern: impl Term<E, String>) -> Condition<E> {
                    let pattern = pattern.into_term().0;
                    Condition::new(Expr::compare(Argument::from(self).0, $op, &["", $op, ""], pattern))
                }
            )*
        }
    };
}

patterns! {
    /// Matches a pattern in which `%` is any text and `_` any character; `\` escapes them.
    like " LIKE ";
    /// Does not match the pattern.
    not_like " NOT LIKE ";
    /// Matches a pattern, upper and lower case alike.
    ilike " ILIKE ";
    /// Does not match the pattern, upper and lower case alike.
    not_ilike " NOT ILIKE ";
    /// Matches a regular expression (PostgreSQL's, POSIX-like) somewhere.
    matches " ~ ";
    /// Matches a regular expression somewhere, upper and lower case alike.
    imatches " ~* ";
}

on_terms! { [] [T::Scalar: TextValue]
    /// Begins with this text, taken literally.
    pub fn starts_with(self, text: &str) -> Condition<E> {
        self.like(escape_like(text) + "%")
    }

    /// Ends with this text, taken literally.
    pub fn ends_with(self, text: &str) -> Condition<E> {
        self.like("%".to_owned() + &escape_like(text))
    }

    /// Contains this text, taken literally.
    pub fn contains(self, text: &str) -> Condition<E> {
        self.like("%".to_owned() + &escape_like(text) + "%")
    }

    /// Contains this text, taken literally, upper and lower case alike.
    pub fn icontains(self, text: &str) -> Condition<E> {
        self.ilike("%".to_owned() + &escape_like(text) + "%")
    }

    /// In lower case.
    pub fn lower(self) -> Expression<E, T> {
        Expression::new(Expr::Call("lower", vec![Argument::from(self).0]))
    }

    /// In upper case.
    pub fn upper(self) -> Expression<E, T> {
        Expression::new(Expr::Call("upper", vec![Argument::from(self).0]))
    }

    /// Without blanks at its ends.
    pub fn trim(self) -> Expression<E, T> {
        Expression::new(Expr::Call("btrim", vec![Argument::from(self).0]))
    }

    /// Its number of characters; of NULL, NULL.
    pub fn length(self) -> Expression<E, T::With<i32>> {
        Expression::new(Expr::Call("char_length", vec![Argument::from(self).0]))
    }

    /// The part that begins at a character, counted from 1, and has so many.
    pub fn substring(self, from: impl Term<E, i32>, characters: impl Term<E, i32>) -> Expression<E, T> {
        let parts = vec![Argument::from(self).0, from.into_term().0, characters.into_term().0];
        Expression::new(Expr::Call("substring", parts))
    }

    /// With one text in the place of another, wherever that is.
    pub fn replace(self, from: impl Term<E, String>, to: impl Term<E, String>) -> Expression<E, T> {
        let parts = vec![Argument::from(self).0, from.into_term().0, to.into_term().0];
        Expression::new(Expr::Call("replace", parts))
    }

    /// With each part that matches a regular expression replaced; `\\1` stands for what its first group matched.
    pub fn replace_matches(self, pattern: impl Term<E, String>, with: impl Term<E, String>) -> Expression<E, T> {
        Expression::new(Expr::Words(
            &["regexp_replace(", ", ", ", ", ", 'g')"],
            vec![Argument::from(self).0, pattern.into_term().0, with.into_term().0],
        ))
    }

    /// Its first characters, so many; of a negative number all but the last.
    pub fn left(self, characters: impl Term<E, i32>) -> Expression<E, T> {
        Expression::new(Expr::Call("left", vec![Argument::from(self).0, characters.into_term().0]))
    }

    /// Its last characters, so many; of a negative number all but the first.
    pub fn right(self, characters: impl Term<E, i32>) -> Expression<E, T> {
        Expression::new(Expr::Call("right", vec![Argument::from(self).0, characters.into_term().0]))
    }

    /// With so much of another text before it that it has so many characters; what is longer is cut.
    pub fn pad_left(self, characters: impl Term<E, i32>, with: impl Term<E, String>) -> Expression<E, T> {
        let parts = vec![Argument::from(self).0, characters.into_term().0, with.into_term().0];
        Expression::new(Expr::Call("lpad", parts))
    }

    /// One of the parts that a separator makes of it, counted from 1; empty where there are fewer.
    pub fn split_part(self, separator: impl Term<E, String>, part: impl Term<E, i32>) -> Expression<E, T> {
        let parts = vec![Argument::from(self).0, separator.into_term().0, part.into_term().0];
        Expression::new(Expr::Call("split_part", parts))
    }

    /// The character that another text begins at, counted from 1; 0 where it does not occur.
    pub fn position(self, text: impl Term<E, String>) -> Expression<E, T::With<i32>> {
        Expression::new(Expr::Call("strpos", vec![Argument::from(self).0, text.into_term().0]))
    }

    /// With a capital at the beginning of each word.
    pub fn initcap(self) -> Expression<E, T> {
        Expression::new(Expr::Call("initcap", vec![Argument::from(self).0]))
    }

    /// Its MD5 hash in hexadecimal digits.
    pub fn md5(self) -> Expression<E, T::With<String>> {
        Expression::new(Expr::Call("md5", vec![Argument::from(self).0]))
    }

    /// With another text behind it; NULL when one of them is.
    pub fn concat(self, other: impl Term<E, String>) -> Expression<E, T> {
        let parts = vec![Argument::from(self).0, other.into_term().0];
        Expression::new(Expr::Words(&["(", " || ", ")"], parts))
    }

    /// Is found by a search for words as people type it into a search box: `rust -java "unit of work"`.
    ///
    /// The language is one of PostgreSQL's text search configurations, such as `english` or `simple`; it is part of the
    /// SQL, so that an index on `to_tsvector('english', column)` is used.
    pub fn search(self, language: &'static str, words: impl Term<E, String>) -> Condition<E> {
        Condition::new(Expr::Words(
            &["to_tsvector(", ", ", ") @@ websearch_to_tsquery(", ", ", ")"],
            vec![
                Expr::Literal(language),
                Argument::from(self).0,
                Expr::Literal(language),
                words.into_term().0,
            ],
        ))
    }

    /// How well it is found by a search for words: the greater the better.
    pub fn search_rank(self, language: &'static str, words: impl Term<E, String>) -> Expression<E, T::With<f32>> {
        Expression::new(Expr::Words(
            &["ts_rank(to_tsvector(", ", ", "), websearch_to_tsquery(", ", ", "))"],
            vec![
                Expr::Literal(language),
                Argument::from(self).0,
                Expr::Literal(language),
                words.into_term().0,
            ],
        ))
    }
}
