//! A small blog: the least that has keys, constraints and relations.

use dev_postgres::{Template, TestDatabase};
use ormcore::{Config, Db, Entity, Many, One, entities};

#[derive(Entity, Debug)]
#[orm(table = "users", insert(NewUser))]
pub(crate) struct User {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub name: String,
    #[orm(unique)]
    pub email: String,
    pub age: Option<i32>,
    #[orm(generated, default = "now()")]
    pub created_at: chrono::DateTime<chrono::Utc>,
    #[orm(has_many(Post, key = author_id))]
    pub posts: Many<Post>,
}

#[derive(Entity, Debug)]
#[orm(table = "posts", insert(NewPost))]
pub(crate) struct Post {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(User))]
    pub author_id: i64,
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
    pub id: i64,
    #[orm(references(Post))]
    pub post_id: i64,
    pub body: String,
}

static BLOG: Template = Template::new("connections", |url| {
    Box::pin(async move {
        let db = Db::connect(&url).await?;
        ormcore::schema::create(&db, entities![User, Post, Comment]).await?;
        Ok(())
    })
});

/// A blog of a test's own; its database is gone when it is dropped.
pub(crate) struct Blog {
    pub(crate) db: Db,
    pub(crate) database: TestDatabase,
}

/// A fresh, empty blog.
pub(crate) async fn blog() -> Blog {
    let database = BLOG.database().expect("a database");
    let config = Config::new(database.url()).expect("a URL");
    let db = config.connect().await.expect("a connection");
    Blog { db, database }
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
        title: title.to_owned(),
    }
}

pub(crate) fn new_comment(post: &Post, body: &str) -> NewComment {
    NewComment {
        post_id: post.id,
        body: body.to_owned(),
    }
}
