//! What the application is about: users, their posts, and what is said about those.

use ormcore::{Entity, Many, One};
use serde::{Deserialize, Serialize};

#[derive(Entity, Debug, Clone)]
#[orm(table = "users", insert(NewUser, derive(Deserialize)))]
pub(crate) struct User {
    #[orm(primary_key, generated)]
    pub(crate) id: i64,
    pub(crate) name: String,
    #[orm(unique, sensitive)]
    pub(crate) email: String,
    pub(crate) age: Option<i32>,
    #[orm(has_many(Post, key = author_id))]
    pub(crate) posts: Many<Post>,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "posts", insert(NewPost, derive(Deserialize)))]
pub(crate) struct Post {
    #[orm(primary_key, generated)]
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) content: String,
    #[orm(references(User, on_delete = "cascade"))]
    pub(crate) author_id: i64,
    #[orm(belongs_to(key = author_id))]
    pub(crate) author: One<User>,
    #[orm(has_many(Comment, key = post_id))]
    pub(crate) comments: Many<Comment>,
}

#[derive(Entity, Debug, Clone, Serialize)]
#[orm(table = "comments", insert(NewComment))]
pub(crate) struct Comment {
    #[orm(primary_key, generated)]
    pub(crate) id: i64,
    #[orm(references(Post, on_delete = "cascade"))]
    pub(crate) post_id: i64,
    pub(crate) content: String,
}
