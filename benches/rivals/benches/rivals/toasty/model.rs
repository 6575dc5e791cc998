//! The tables and the structs.

use crate::sum::{self, Input, Seen};
use ::toasty::Deferred;
use jiff::Timestamp;

#[derive(::toasty::Model)]
#[table = "people"]
pub(super) struct Person {
    #[key]
    #[auto]
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) age: Option<i32>,
    pub(super) active: bool,
    pub(super) created_at: Timestamp,
}

#[derive(::toasty::Model)]
#[table = "authors"]
pub(super) struct Author {
    #[key]
    #[auto]
    pub(super) id: i64,
    pub(super) name: String,
    #[has_many]
    pub(super) posts: Deferred<Vec<Post>>,
}

#[derive(::toasty::Model)]
#[table = "posts"]
pub(super) struct Post {
    #[key]
    #[auto]
    pub(super) id: i64,
    #[index]
    pub(super) author_id: i64,
    pub(super) title: String,
    #[belongs_to(key = author_id, references = id)]
    pub(super) author: Deferred<Author>,
    #[has_many]
    pub(super) comments: Deferred<Vec<Comment>>,
}

#[derive(::toasty::Model)]
#[table = "comments"]
pub(super) struct Comment {
    #[key]
    #[auto]
    pub(super) id: i64,
    #[index]
    pub(super) post_id: i64,
    pub(super) body: String,
    #[belongs_to(key = post_id, references = id)]
    pub(super) post: Deferred<Post>,
}

impl sum::Person for Person {
    fn seen(&self) -> Seen<'_> {
        Seen {
            id: self.id,
            name: &self.name,
            email: &self.email,
            age: self.age,
            active: self.active,
            created_at: self.created_at.as_microsecond(),
        }
    }
}

/// What [`Person::create`] is filled with.
pub(super) fn timestamp(new: &Input) -> Timestamp {
    Timestamp::from_microsecond(new.micros()).unwrap_or_default()
}
