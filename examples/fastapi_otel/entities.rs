//! What the application is about: users, their posts, and what is said about those; and who may write them.
//!
//! None has a `Debug`: that of a derive would show the address, and through relations everything else does too.

use ormcore::{Entity, Many, One};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::accounts::PasswordHash;

#[derive(Entity, Clone)]
#[orm(table = "users", insert(NewUser, derive(Deserialize)))]
pub(crate) struct User {
    #[orm(primary_key, generated)]
    pub(crate) id: i64,
    pub(crate) name: String,
    /// As `accounts::Address` writes it; the index of that name says so whoever writes (see `seed.rs`).
    #[orm(unique, constraint = "users_email_lower_key", sensitive)]
    pub(crate) email: String,
    pub(crate) age: Option<i32>,
    #[orm(has_many(Post, key = author_id))]
    pub(crate) posts: Many<Post>,
    #[orm(has_one(Account, key = user_id))]
    pub(crate) account: One<Option<Account>>,
}

#[derive(Entity, Clone)]
#[orm(table = "posts", insert(NewPost))]
pub(crate) struct Post {
    #[orm(primary_key, generated)]
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) content: String,
    #[orm(references(User, on_delete = "cascade"))]
    pub(crate) author_id: i64,
    /// How often it was written: whoever changes it says which one was read.
    #[orm(version)]
    pub(crate) version: i32,
    #[orm(belongs_to(key = author_id))]
    pub(crate) author: One<User>,
    #[orm(has_many(Comment, key = post_id))]
    pub(crate) comments: Many<Comment>,
}

/// A user who can log in. Not a column of `users`, because what is not there no list of users can show.
#[derive(Entity, Clone)]
#[orm(table = "accounts", insert(NewAccount))]
pub(crate) struct Account {
    #[orm(primary_key, default = "gen_random_uuid()")]
    pub(crate) id: Uuid,
    #[orm(unique, references(User, on_delete = "cascade"))]
    pub(crate) user_id: i64,
    #[orm(sensitive)]
    pub(crate) password_hash: PasswordHash,
    #[orm(belongs_to(key = user_id))]
    pub(crate) user: One<User>,
}

#[derive(Entity, Clone, Serialize)]
#[orm(table = "comments", insert(NewComment))]
pub(crate) struct Comment {
    #[orm(primary_key, generated)]
    pub(crate) id: i64,
    #[orm(references(Post, on_delete = "cascade"))]
    pub(crate) post_id: i64,
    pub(crate) content: String,
}
