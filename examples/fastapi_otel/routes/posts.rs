//! Posts and their authors: the same list at one statement a row, at two statements, or at one.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use ormcore::Db;
use serde::{Deserialize, Serialize};

use super::{
    Problem,
    asked::{Asked, Eager, Page, is_writing},
    caller::{self, Caller},
};
use crate::entities::{Comment, NewPost, Post, User};

const LONGEST_TITLE: usize = 200;
const LONGEST_CONTENT: usize = 20_000;

/// What is written of a post. Who writes it the token says, so that nobody writes as somebody else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    title: String,
    content: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    id: i64,
    title: String,
    content: String,
    author_id: i64,
    author_name: String,
}

#[derive(Debug, Serialize)]
pub(super) struct WithComments {
    #[serde(flatten)]
    post: Answer,
    comments: Vec<Comment>,
}

impl Answer {
    fn new(post: &Post, author: &User) -> Self {
        Self {
            id: post.id,
            title: post.title.clone(),
            content: post.content.clone(),
            author_id: post.author_id,
            author_name: author.name.clone(),
        }
    }
}

pub(super) async fn list(
    State(db): State<Db>,
    Asked(Query(page)): Asked<Query<Page>>,
) -> Result<Json<Vec<Answer>>, Problem> {
    let posts = Post::find()
        .order_by(Post::ID)
        .limit(page.limit()?)
        .offset(page.offset.into());
    let posts = match page.eager {
        Eager::Lazy => posts,
        Eager::SelectIn => posts.with(Post::AUTHOR),
        Eager::Joined => posts.with(Post::AUTHOR.joined()),
    };
    let mut answer = Vec::new();
    for post in &posts.all(&db).await? {
        let author = match page.eager {
            Eager::Lazy => post.author.load(&db).await?,
            Eager::SelectIn | Eager::Joined => post.author.get()?,
        };
        answer.push(Answer::new(post, author));
    }
    Ok(Json(answer))
}

pub(super) async fn show(
    State(db): State<Db>,
    Asked(Path(id)): Asked<Path<i64>>,
) -> Result<Json<WithComments>, Problem> {
    let post = found(&db, id).await?;
    let author = post.author.load(&db).await?;
    let comments = post.comments.load(&db).await?;
    Ok(Json(WithComments {
        post: Answer::new(&post, author),
        comments: comments.to_vec(),
    }))
}

pub(super) async fn create(
    State(db): State<Db>,
    Caller(author): Caller,
    Asked(Json(written)): Asked<Json<Written>>,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    check(&written)?;
    let new = NewPost {
        title: written.title,
        content: written.content,
        author_id: author.id,
    };
    let post = Post::insert(new).one(&db).await.map_err(|error| {
        // Deleted since the token was looked at.
        if error.is_violation_of(Post::AUTHOR_ID) {
            caller::gone()
        } else {
            error.into()
        }
    })?;
    Ok((StatusCode::CREATED, Json(Answer::new(&post, &author))))
}

pub(super) async fn edit(
    State(db): State<Db>,
    Caller(author): Caller,
    Asked(Path(id)): Asked<Path<i64>>,
    Asked(Json(written)): Asked<Json<Written>>,
) -> Result<Json<Answer>, Problem> {
    check(&written)?;
    let post = own(&db, id, &author).await?;
    let post = Post::update(post.id)
        .set(Post::TITLE, written.title)
        .set(Post::CONTENT, written.content)
        .one(&db)
        .await?;
    Ok(Json(Answer::new(&post, &author)))
}

/// With what was said about it: the foreign key says so.
pub(super) async fn delete(
    State(db): State<Db>,
    Caller(author): Caller,
    Asked(Path(id)): Asked<Path<i64>>,
) -> Result<StatusCode, Problem> {
    let post = own(&db, id, &author).await?;
    match Post::delete().key(post.id).execute(&db).await? {
        0 => Err(no_such_post()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

async fn found(db: &Db, id: i64) -> Result<Post, Problem> {
    let found = Post::get(id).maybe(db).await?;
    found.ok_or_else(no_such_post)
}

/// To be changed: that takes its author. Posts never change hands, so it still is one's own in the next statement.
async fn own(db: &Db, id: i64, author: &User) -> Result<Post, Problem> {
    let post = found(db, id).await?;
    if post.author_id == author.id {
        Ok(post)
    } else {
        Err(Problem::forbidden("this post is somebody else's"))
    }
}

fn no_such_post() -> Problem {
    Problem::not_found("post not found")
}

fn check(written: &Written) -> Result<(), Problem> {
    let mut errors = Vec::new();
    let fields = [
        ("title", &written.title, LONGEST_TITLE),
        ("content", &written.content, LONGEST_CONTENT),
    ];
    for (name, text, longest) in fields {
        if !is_writing(text, longest) {
            errors.push((name, format!("must have 1 to {longest} characters")));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(errors))
    }
}
