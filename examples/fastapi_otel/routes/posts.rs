//! Posts and their authors: the same list at one statement a row, at two statements, or at one.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use ormcore::Db;
use serde::Serialize;

use super::{
    Problem,
    asked::{Asked, Eager, Page, is_writing},
};
use crate::entities::{Comment, NewPost, Post, User};

const LONGEST_TITLE: usize = 200;
const LONGEST_CONTENT: usize = 20_000;

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
    let found = Post::get(id).maybe(&db).await?;
    let post = found.ok_or_else(|| Problem::not_found("post not found"))?;
    let author = post.author.load(&db).await?;
    let comments = post.comments.load(&db).await?;
    Ok(Json(WithComments {
        post: Answer::new(&post, author),
        comments: comments.to_vec(),
    }))
}

pub(super) async fn create(
    State(db): State<Db>,
    Asked(Json(new)): Asked<Json<NewPost>>,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    check(&new)?;
    let author = User::get(new.author_id).maybe(&db).await?;
    author.ok_or_else(no_such_author)?;
    let post = Post::insert(new).one(&db).await.map_err(|error| {
        // Gone between the two statements.
        if error.is_foreign_key_violation() {
            no_such_author()
        } else {
            error.into()
        }
    })?;
    let author = post.author.load(&db).await?;
    Ok((StatusCode::CREATED, Json(Answer::new(&post, author))))
}

fn no_such_author() -> Problem {
    Problem::not_found("author not found")
}

fn check(new: &NewPost) -> Result<(), Problem> {
    let mut errors = Vec::new();
    let fields = [
        ("title", &new.title, LONGEST_TITLE),
        ("content", &new.content, LONGEST_CONTENT),
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
