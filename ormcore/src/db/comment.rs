//! A comment behind every statement, in the form of sqlcommenter: for those who look at the server's side.

use super::config::Config;
use super::connection::Connection;
use super::plan::Plan;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

impl Config {
    /// A tag that stands behind every statement, in a comment in the form of
    /// [sqlcommenter](https://google.github.io/sqlcommenter/spec/): `/*service='shop'*/`. It shows in `pg_stat_activity`, in
    /// the server's log and in its `auto_explain`; none unless set.
    ///
    /// Tags are the same for all statements of a [`Db`](crate::Db), so that statements stay prepared. What differs from one to the next,
    /// such as a `traceparent`, cannot be a tag: each would be another text, which nobody could keep prepared. Spans and errors
    /// show statements without them. The names of the program's sessions are `application_name`, in the URL.
    ///
    /// ```no_run
    /// # async fn run() -> ormcore::Result<()> {
    /// let config = ormcore::Config::new("postgres://localhost/shop")?;
    /// let db = config.comment("service", "shop").comment("version", "1.4").connect().await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn comment(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }
}

impl Connection {
    /// What is sent of a statement: its text, and what stands behind it.
    pub(super) fn words<'p>(&self, plan: &'p Plan) -> Cow<'p, str> {
        let comment = &*self.comment;
        match plan.renewals() {
            0 if comment.is_empty() => Cow::Borrowed(&plan.text),
            0 => format!("{}{comment}", plan.text).into(),
            renewals => format!("{}{comment} /*{renewals}*/", plan.text).into(),
        }
    }

    /// The same of SQL that is not prepared.
    pub(super) fn commented<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        match &*self.comment {
            "" => Cow::Borrowed(sql),
            comment => format!("{sql}{comment}").into(),
        }
    }
}

/// The comment, sorted by key; nothing without tags.
pub(super) fn comment(tags: &BTreeMap<String, String>) -> String {
    let pairs: Vec<_> = tags
        .iter()
        .map(|(key, value)| format!("{}='{}'", encoded(key), encoded(value)))
        .collect();
    match pairs.is_empty() {
        true => String::new(),
        false => format!(" /*{}*/", pairs.join(",")),
    }
}

/// Only what has a meaning nowhere stays as it is: no quote ends the value, and no asterisk the comment.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            // Writing to a String does not fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, comment};

    fn said(tags: &[(&str, &str)]) -> String {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        comment(&tags.iter().map(owned).collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn tags_are_sorted_and_encoded() {
        assert_eq!(said(&[]), "");
        let tags = [
            ("route", "/param first"),
            ("db_driver", "ormcore:0.1"),
            ("a b", "ü"),
        ];
        assert_eq!(
            said(&tags),
            " /*a%20b='%C3%BC',db_driver='ormcore%3A0.1',route='%2Fparam%20first'*/"
        );
    }

    #[test]
    fn nothing_in_a_tag_ends_the_comment_or_begins_another() {
        let evil = [
            "*/; DROP TABLE users; --",
            "/*",
            "'",
            "\\'",
            "\n-- ",
            "$1",
            "?",
            "\0",
            "%27",
        ];
        for evil in evil {
            let comment = said(&[("key", evil), (evil, "value")]);
            let inner = comment
                .strip_prefix(" /*")
                .and_then(|rest| rest.strip_suffix("*/"));
            let inner = inner.expect("a comment");
            let plain =
                |letter: char| letter.is_ascii_alphanumeric() || "-_.~%=',".contains(letter);
            assert!(inner.chars().all(plain), "{inner}");
            assert_eq!(inner.matches('\'').count(), 4, "{inner}");
        }
    }
}
