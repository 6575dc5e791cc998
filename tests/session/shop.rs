//! The entities these tests use, and a fresh database with their tables.

use crate::fresh::{Fresh, fresh};
use chrono::{DateTime, Utc};
use dev_postgres::Template;
use ormcore::{Db, Entity, Many, One, Session, Value, entities};

#[derive(Value, Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mood {
    Calm,
    Wild,
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "users", insert(NewUser))]
pub(crate) struct User {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub name: String,
    #[orm(unique)]
    pub email: String,
    pub age: Option<i32>,
    #[orm(default = "'{}'")]
    pub tags: Vec<String>,
    pub mood: Option<Mood>,
    #[orm(generated, default = "now()")]
    pub created_at: DateTime<Utc>,
    #[orm(updated)]
    pub updated_at: DateTime<Utc>,
    #[orm(version)]
    pub version: i32,
}

#[derive(Entity, Debug)]
#[orm(table = "posts", insert(NewPost))]
pub(crate) struct Post {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(User, on_delete = "cascade"))]
    pub author_id: i64,
    #[orm(references(User, on_delete = "set null"))]
    pub editor_id: Option<i64>,
    pub title: String,
    #[orm(belongs_to(key = author_id))]
    pub author: One<User>,
    #[orm(has_many(Comment, key = post_id))]
    pub comments: Many<Comment>,
}

#[derive(Entity, Debug)]
#[orm(table = "comments", insert(NewComment))]
pub(crate) struct Comment {
    #[orm(primary_key, generated)]
    pub id: i32,
    #[orm(references(Post))]
    pub post_id: i64,
    /// The comment it answers.
    #[orm(references(Comment))]
    pub parent_id: Option<i32>,
    pub body: String,
}

static SHOP: Template = Template::new("session_shop", |url| {
    Box::pin(async move {
        let db = Db::connect(&url).await?;
        ormcore::schema::create(&db, entities![User, Post, Comment]).await?;
        Ok(())
    })
});

/// A fresh, empty database, and a session on it.
pub(crate) async fn shop() -> (Fresh, Session) {
    let fresh = Fresh::on(SHOP.database().expect("a database")).await;
    let session = fresh.db.session();
    fresh.statements();
    (fresh, session)
}

/// The same with these entities.
pub(crate) async fn shop_of<const N: usize>(
    tables: [&'static ormcore::schema::Table; N],
) -> (Fresh, Session) {
    let fresh = fresh(tables).await;
    let session = fresh.db.session();
    (fresh, session)
}

/// Asks until the server says that somebody waits for a lock.
pub(crate) async fn until_somebody_waits(db: &Db) {
    let others = "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waiting = async || ormcore::sql(others).scalar::<i64>(db).await;
    while waiting().await.expect("a count") == 0 {}
}

pub(crate) fn new_user(name: &str) -> NewUser {
    NewUser {
        name: name.to_owned(),
        email: format!("{}@example.org", name.to_lowercase()),
        age: None,
        tags: None,
        mood: None,
    }
}

pub(crate) fn new_post(author_id: i64, title: &str) -> NewPost {
    NewPost {
        author_id,
        editor_id: None,
        title: title.to_owned(),
    }
}

pub(crate) fn new_comment(post_id: i64, body: &str) -> NewComment {
    NewComment {
        post_id,
        parent_id: None,
        body: body.to_owned(),
    }
}
