//! The tables and the structs.

use crate::sum::{self, Input, Seen};
use chrono::{DateTime, Utc};
use diesel::associations::{Associations, Identifiable};
use diesel::pg::Pg;
use diesel::{Insertable, Queryable, Selectable};

diesel::table! {
    people (id) {
        id -> Int8,
        name -> Text,
        email -> Text,
        age -> Nullable<Int4>,
        active -> Bool,
        created_at -> Timestamptz,
    }
}
diesel::table! {
    authors (id) {
        id -> Int8,
        name -> Text,
    }
}
diesel::table! {
    posts (id) {
        id -> Int8,
        author_id -> Int8,
        title -> Text,
    }
}
diesel::table! {
    comments (id) {
        id -> Int8,
        post_id -> Int8,
        body -> Text,
    }
}
diesel::joinable!(posts -> authors (author_id));
diesel::allow_tables_to_appear_in_same_query!(posts, authors);

#[derive(Queryable, Selectable)]
#[diesel(table_name = people, check_for_backend(Pg))]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) age: Option<i32>,
    pub(crate) active: bool,
    pub(crate) created_at: DateTime<Utc>,
}

impl sum::Person for Person {
    fn seen(&self) -> Seen<'_> {
        Seen {
            id: self.id,
            name: &self.name,
            email: &self.email,
            age: self.age,
            active: self.active,
            created_at: self.created_at.timestamp_micros(),
        }
    }
}

/// `NULL` for `None` instead of `DEFAULT`: only so can the statement be kept prepared.
#[derive(Insertable)]
#[diesel(table_name = people, treat_none_as_default_value = false)]
pub(crate) struct NewPerson {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) age: Option<i32>,
    pub(crate) active: bool,
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Input> for NewPerson {
    fn from(new: Input) -> Self {
        Self {
            created_at: new.utc(),
            name: new.name,
            email: new.email,
            age: new.age,
            active: new.active,
        }
    }
}

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = authors, check_for_backend(Pg))]
pub(crate) struct Author {
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = posts, belongs_to(Author), check_for_backend(Pg))]
pub(crate) struct Post {
    pub(crate) id: i64,
    pub(crate) author_id: i64,
    pub(crate) title: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = comments, belongs_to(Post), check_for_backend(Pg))]
pub(crate) struct Comment {
    pub(crate) id: i64,
    pub(crate) post_id: i64,
    pub(crate) body: String,
}
