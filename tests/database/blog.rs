//! The entities most tests use, and a fresh database with their tables.

use crate::fresh::Fresh;
use dev_postgres::Template;
use ormcore::{Db, Entity, Many, One, entities};

#[derive(Entity, Debug, Clone, serde::Serialize)]
#[orm(
    table = "users",
    insert(NewUser, derive(serde::Deserialize)),
    patch(UserPatch, derive(serde::Deserialize))
)]
pub(crate) struct User {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub name: String,
    #[orm(unique, sensitive)]
    pub email: String,
    pub age: Option<i32>,
    #[orm(generated, default = "now()")]
    pub created_at: chrono::DateTime<chrono::Utc>,
    #[orm(has_many(Post, key = author_id))]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    pub posts: Many<Post>,
}

#[derive(Entity, Debug, Clone, serde::Serialize)]
#[orm(table = "posts", insert(NewPost), patch(PostPatch))]
pub(crate) struct Post {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(User, on_delete = "cascade"))]
    pub author_id: i64,
    #[orm(references(User, on_delete = "set null"))]
    pub editor_id: Option<i64>,
    pub title: String,
    #[orm(default = "true")]
    pub published: bool,
    #[orm(belongs_to(key = author_id))]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    pub author: One<User>,
    #[orm(belongs_to(key = editor_id))]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    pub editor: One<Option<User>>,
    #[orm(has_many(Comment, key = post_id))]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    pub comments: Many<Comment>,
}

#[derive(Entity, Debug, Clone, serde::Serialize)]
#[orm(table = "comments", insert(NewComment))]
pub(crate) struct Comment {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(Post, on_delete = "cascade"))]
    pub post_id: i64,
    #[orm(references(User, on_delete = "cascade"))]
    pub author_id: i64,
    pub body: String,
    #[orm(belongs_to(key = post_id))]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    pub post: One<Post>,
    #[orm(belongs_to(key = author_id))]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    pub author: One<User>,
}

static BLOG: Template = Template::new("blog", |url| {
    Box::pin(async move {
        let db = Db::connect(&url).await?;
        ormcore::schema::create(&db, entities![User, Post, Comment]).await?;
        Ok(())
    })
});

/// A fresh, empty blog.
pub(crate) async fn blog() -> Fresh {
    Fresh::on(BLOG.database().expect("a database")).await
}

pub(crate) fn new_user(name: &str) -> NewUser {
    NewUser {
        name: name.to_owned(),
        email: format!("{}@example.org", name.to_lowercase()),
        age: None,
    }
}

pub(crate) fn new_post(author: &User, title: &str) -> NewPost {
    NewPost {
        author_id: author.id,
        editor_id: None,
        title: title.to_owned(),
        published: None,
    }
}

pub(crate) fn new_comment(post: &Post, author: &User, body: &str) -> NewComment {
    NewComment {
        post_id: post.id,
        author_id: author.id,
        body: body.to_owned(),
    }
}
