//! Users, and how many posts each has written.

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
use crate::entities::{NewUser, User};

const LONGEST_NAME: usize = 100;
const LONGEST_EMAIL: usize = 254;
const OLDEST: i32 = 150;

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    id: i64,
    name: String,
    email: String,
    age: Option<i32>,
    posts_count: usize,
}

impl Answer {
    fn new(user: User, posts_count: usize) -> Self {
        let User {
            id,
            name,
            email,
            age,
            ..
        } = user;
        Self {
            id,
            name,
            email,
            age,
            posts_count,
        }
    }
}

pub(super) async fn list(
    State(db): State<Db>,
    Asked(Query(page)): Asked<Query<Page>>,
) -> Result<Json<Vec<Answer>>, Problem> {
    let users = User::find()
        .order_by(User::ID)
        .limit(page.limit()?)
        .offset(page.offset.into());
    let users = match page.eager {
        Eager::Lazy => users,
        Eager::SelectIn => users.with(User::POSTS),
        Eager::Joined => users.with(User::POSTS.joined()),
    };
    let mut answer = Vec::new();
    for user in users.all(&db).await? {
        let posts = match page.eager {
            Eager::Lazy => user.posts.load(&db).await?,
            Eager::SelectIn | Eager::Joined => user.posts.get()?,
        };
        let posts_count = posts.len();
        answer.push(Answer::new(user, posts_count));
    }
    Ok(Json(answer))
}

pub(super) async fn show(
    State(db): State<Db>,
    Asked(Path(id)): Asked<Path<i64>>,
) -> Result<Json<Answer>, Problem> {
    let user = User::get(id).maybe(&db).await?.ok_or_else(no_such_user)?;
    let posts_count = user.posts.load(&db).await?.len();
    Ok(Json(Answer::new(user, posts_count)))
}

pub(super) async fn create(
    State(db): State<Db>,
    Asked(Json(new)): Asked<Json<NewUser>>,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    check(&new)?;
    let user = User::insert(new).one(&db).await.map_err(|error| {
        if error.is_unique_violation() {
            Problem::conflict("there is a user with this e-mail address already")
        } else {
            error.into()
        }
    })?;
    Ok((StatusCode::CREATED, Json(Answer::new(user, 0))))
}

/// With the posts, and what was said about them: the foreign keys say so.
pub(super) async fn delete(
    State(db): State<Db>,
    Asked(Path(id)): Asked<Path<i64>>,
) -> Result<StatusCode, Problem> {
    match User::delete().key(id).execute(&db).await? {
        0 => Err(no_such_user()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

fn no_such_user() -> Problem {
    Problem::not_found("user not found")
}

fn check(new: &NewUser) -> Result<(), Problem> {
    let mut errors = Vec::new();
    if !is_writing(&new.name, LONGEST_NAME) {
        errors.push(("name", format!("must have 1 to {LONGEST_NAME} characters")));
    }
    if !looks_like_an_address(&new.email) {
        errors.push((
            "email",
            "must be an address such as ada@example.org".to_owned(),
        ));
    }
    if new.age.is_some_and(|age| !(0..=OLDEST).contains(&age)) {
        errors.push(("age", format!("must be from 0 to {OLDEST}, or left out")));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(errors))
    }
}

/// Only a mail to it would tell whether it is one; this catches what cannot be.
fn looks_like_an_address(email: &str) -> bool {
    let spaced = email
        .chars()
        .any(|char| char.is_whitespace() || char.is_control());
    let whole = email
        .rsplit_once('@')
        .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
    whole && !spaced && email.len() <= LONGEST_EMAIL
}

#[cfg(test)]
mod tests {
    use super::looks_like_an_address;

    #[test]
    fn what_cannot_be_an_address_is_told_from_what_may_be_one() {
        for address in ["ada@example.org", "a+b@x", "\"@\"@example.org"] {
            assert!(looks_like_an_address(address), "{address}");
        }
        let long = format!("{}@example.org", "a".repeat(250));
        for nonsense in [
            "",
            "@",
            "ada",
            "ada@",
            "@example.org",
            "a b@example.org",
            "a@x\n",
            &long,
        ] {
            assert!(!looks_like_an_address(nonsense), "{nonsense}");
        }
    }
}
