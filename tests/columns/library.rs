//! An entity with every rule.

use crate::fresh::{Fresh, fresh};
use ormcore::{Db, Entity, Error, ErrorKind, Value, entities};

#[derive(Value, Clone, Debug, PartialEq)]
pub(crate) struct Nick(pub String);

const OLDEST: i32 = 150;

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(
    table = "accounts",
    insert(NewAccount, derive(Debug, PartialEq)),
    patch(AccountPatch)
)]
pub(crate) struct Account {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(validate(length(min = 1, max = 8)))]
    pub name: String,
    #[orm(unique, sensitive, rename = "e_mail", validate(email))]
    pub email: String,
    #[orm(validate(url, length(max = 20)))]
    pub site: Option<String>,
    #[orm(validate(range(min = 0, max = OLDEST)))]
    pub age: Option<i32>,
    #[orm(default = "0.5", validate(range(min = 0.0, max = 1.0)))]
    pub ratio: f64,
    #[orm(validate(length(max = 2)))]
    pub tags: Vec<String>,
    #[orm(validate(not_empty))]
    pub nick: Nick,
    #[orm(validate(custom = slug))]
    pub slug: String,
    pub notes: String,
}

fn slug(text: &str) -> Result<(), &'static str> {
    match text.contains(' ') {
        true => Err("must have no blanks"),
        false => Ok(()),
    }
}

/// One that all rules let pass.
pub(crate) fn account(email: &str) -> NewAccount {
    NewAccount {
        name: "Ada".into(),
        email: email.into(),
        site: Some("https://example.org".into()),
        age: Some(36),
        ratio: None,
        tags: vec!["math".into()],
        nick: Nick("a".into()),
        slug: "ada".into(),
        notes: String::new(),
    }
}

/// One that each rule refuses.
pub(crate) fn wrong() -> NewAccount {
    NewAccount {
        name: "SECRET-1".repeat(2),
        email: "SECRET-2".into(),
        site: Some("SECRET-3 is longer than it may be".into()),
        age: Some(-707),
        ratio: Some(f64::NAN),
        tags: vec!["SECRET-4".into(), "b".into(), "c".into()],
        nick: Nick(String::new()),
        slug: "SECRET-5 with blanks".into(),
        notes: String::new(),
    }
}

/// What is said about it.
pub(crate) const ALL: [(&str, &str, &str); 9] = [
    ("name", "length", "must have a length of 1 to 8"),
    ("email", "email", "must be an e-mail address"),
    (
        "site",
        "url",
        "must be a URL that begins with `http://` or `https://`",
    ),
    ("site", "length", "must have a length of at most 20"),
    ("age", "range", "must be 0 to OLDEST"),
    ("ratio", "range", "must be 0.0 to 1.0"),
    ("tags", "length", "must have a length of at most 2"),
    ("nick", "not_empty", "must not be empty"),
    ("slug", "custom", "must have no blanks"),
];

/// The fields, rules and rows of a refusal.
pub(crate) fn refused(error: &Error) -> Vec<(&'static str, &'static str, Option<usize>)> {
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    let fields = error.invalid_fields().iter();
    fields
        .map(|field| (field.field, field.rule, field.row))
        .collect()
}

pub(crate) async fn accounts() -> Fresh {
    fresh(entities![Account]).await
}

pub(crate) async fn stored(db: &Db) -> u64 {
    Account::find().count(db).await.expect("a count")
}
