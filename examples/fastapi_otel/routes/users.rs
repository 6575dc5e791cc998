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
    caller::Caller,
};
use crate::{
    accounts::{self, Address},
    entities::{NewUser, User},
};

const LONGEST_NAME: usize = 100;
const OLDEST: i32 = 150;

/// What everybody may know of a user: not the address.
#[derive(Serialize)]
pub(super) struct Answer {
    id: i64,
    name: String,
    age: Option<i32>,
    posts_count: usize,
}

/// What whoever made a user is told: the address too, as it is kept.
#[derive(Serialize)]
pub(super) struct Created {
    id: i64,
    name: String,
    email: String,
    age: Option<i32>,
    posts_count: usize,
}

impl Answer {
    fn new(user: User, posts_count: usize) -> Self {
        Self {
            id: user.id,
            name: user.name,
            age: user.age,
            posts_count,
        }
    }
}

impl From<User> for Created {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
            age: user.age,
            posts_count: 0,
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

/// Somebody on the list who cannot log in: that takes a password, and `POST /signup`, which makes this user one's own.
pub(super) async fn create(
    State(db): State<Db>,
    Asked(Json(new)): Asked<Json<NewUser>>,
) -> Result<(StatusCode, Json<Created>), Problem> {
    let mut s = db.session();
    let user = s.add(checked(new, Vec::new())?);
    s.commit().await.map_err(taken)?;
    Ok((StatusCode::CREATED, Json(s.take(user)?.into())))
}

/// With the account, the posts, and what was said about those: the foreign keys say so.
pub(super) async fn delete(
    Caller(mut s, caller): Caller,
    Asked(Path(id)): Asked<Path<i64>>,
) -> Result<StatusCode, Problem> {
    let user = s.maybe::<User>(id).await?.ok_or_else(no_such_user)?;
    if user != caller {
        return Err(Problem::forbidden("only a user can delete the user"));
    }
    s.remove(user);
    match s.commit().await?.deleted {
        0 => Err(no_such_user()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

fn no_such_user() -> Problem {
    Problem::not_found("user not found")
}

/// What an insert of a user says when there is one with this address.
pub(super) fn taken(error: ormcore::Error) -> Problem {
    if accounts::is_taken(&error) {
        Problem::conflict("email", "there is a user with this e-mail address already")
    } else {
        error.into()
    }
}

/// The user as it is kept, or everything that is wrong with it, and with what else was sent.
pub(super) fn checked(
    new: NewUser,
    of_the_rest: Vec<(&'static str, String)>,
) -> Result<NewUser, Problem> {
    let mut errors = Vec::new();
    if !is_writing(&new.name, LONGEST_NAME) {
        errors.push(("name", format!("must have 1 to {LONGEST_NAME} characters")));
    }
    let address = Address::read(&new.email);
    if address.is_none() {
        let wanted = "must be an address such as ada@example.org";
        errors.push(("email", wanted.to_owned()));
    }
    if new.age.is_some_and(|age| !(0..=OLDEST).contains(&age)) {
        errors.push(("age", format!("must be from 0 to {OLDEST}, or left out")));
    }
    errors.extend(of_the_rest);
    match address {
        Some(address) if errors.is_empty() => Ok(NewUser {
            email: address.into_text(),
            ..new
        }),
        _ => Err(Problem::invalid(errors)),
    }
}
