//! Posts and their authors: the same list at one statement a row, at two statements, or at one.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use ormcore::{Db, Failure, Ref, Session};
use serde::{Deserialize, Serialize};

use super::{
    Problem,
    asked::{Asked, Eager, Page, is_writing},
    caller::{self, Caller},
};
use crate::entities::{Comment, NewPost, Post, User};

const LONGEST_TITLE: usize = 255;
const LONGEST_CONTENT: usize = 10_000;

/// What is written of a post. Who writes it the token says, so that nobody writes as somebody else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    title: String,
    content: String,
}

/// What a post is to become, and the version that was read: nobody overwrites what they have not seen.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rewritten {
    title: String,
    content: String,
    version: i32,
}

#[derive(Serialize)]
pub(super) struct Answer {
    id: i64,
    version: i32,
    title: String,
    content: String,
    author_id: i64,
    author_name: String,
}

#[derive(Serialize)]
pub(super) struct WithComments {
    #[serde(flatten)]
    post: Answer,
    comments: Vec<Comment>,
}

impl Answer {
    fn new(post: &Post, author: &User) -> Self {
        Self {
            id: post.id,
            version: post.version,
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
    let post = Post::get(id).maybe(&db).await?.ok_or_else(no_such_post)?;
    let author = post.author.load(&db).await?;
    let comments = post.comments.load(&db).await?;
    Ok(Json(WithComments {
        post: Answer::new(&post, author),
        comments: comments.to_vec(),
    }))
}

pub(super) async fn create(
    Caller(mut s, author): Caller,
    Asked(Json(written)): Asked<Json<Written>>,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    check(&written.title, &written.content)?;
    let author_id = s.key(author);
    let post = s.add(NewPost {
        title: written.title,
        content: written.content,
        author_id,
    });
    s.commit().await.map_err(|error| {
        // Deleted since the token was looked at.
        if error.is_violation_of(Post::AUTHOR_ID) {
            caller::gone()
        } else {
            error.into()
        }
    })?;
    Ok((StatusCode::CREATED, Json(answer(s, post).await?)))
}

pub(super) async fn edit(
    Caller(mut s, author): Caller,
    Asked(Path(id)): Asked<Path<i64>>,
    Asked(Json(written)): Asked<Json<Rewritten>>,
) -> Result<Json<Answer>, Problem> {
    check(&written.title, &written.content)?;
    let post = own(&mut s, id, author).await?;
    if s[post].version != written.version {
        return Err(Problem::stale());
    }
    s[post].title = written.title;
    s[post].content = written.content;
    if let Err(error) = s.commit().await {
        let gone = s.failure().map(Failure::gone::<Post>).unwrap_or_default();
        return Err(if gone.is_empty() {
            error.into()
        } else {
            no_such_post()
        });
    }
    Ok(Json(answer(s, post).await?))
}

/// With what was said about it: the foreign key says so.
pub(super) async fn delete(
    Caller(mut s, author): Caller,
    Asked(Path(id)): Asked<Path<i64>>,
) -> Result<StatusCode, Problem> {
    let post = own(&mut s, id, author).await?;
    s.remove(post);
    match s.commit().await?.deleted {
        0 => Err(no_such_post()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

/// To be changed: that takes its author. Posts never change hands, so it still is one's own in the next statement.
async fn own(s: &mut Session, id: i64, author: Ref<User>) -> Result<Ref<Post>, Problem> {
    let post = s.maybe::<Post>(id).await?.ok_or_else(no_such_post)?;
    if s[post].author_id == s[author].id {
        Ok(post)
    } else {
        Err(Problem::forbidden("this post is somebody else's"))
    }
}

/// The author is loaded like any relation; one whom the session knows, such as the caller, is not asked for again.
async fn answer(mut s: Session, post: Ref<Post>) -> Result<Answer, Problem> {
    s.load(post, Post::AUTHOR).await?;
    let author = s.related(post, Post::AUTHOR)?.ok_or_else(no_such_post)?;
    Ok(Answer::new(&s[post], &s[author]))
}

fn no_such_post() -> Problem {
    Problem::not_found("post not found")
}

fn check(title: &str, content: &str) -> Result<(), Problem> {
    let mut errors = Vec::new();
    let fields = [
        ("title", title, LONGEST_TITLE),
        ("content", content, LONGEST_CONTENT),
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
