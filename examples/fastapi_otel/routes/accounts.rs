//! Signing up, logging in, and who one is then.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header::CACHE_CONTROL},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};

use super::{
    Problem, Shared,
    asked::FormOrJson,
    caller::{CHALLENGE, Caller},
    users,
};
use crate::{
    accounts::{self, Address, Attempt, Password, Token},
    entities::{NewUser, User},
};

const SHORTEST_PASSWORD: usize = 8;
const LONGEST_PASSWORD: usize = 128;

#[derive(Deserialize)]
pub(super) struct SignUp {
    name: String,
    email: String,
    password: Password,
}

/// OAuth 2 calls the address `username`.
#[derive(Deserialize)]
pub(super) struct LogIn {
    #[serde(alias = "username")]
    email: String,
    password: Password,
}

#[derive(Serialize)]
pub(super) struct Myself {
    id: i64,
    name: String,
    email: String,
}

impl From<User> for Myself {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
        }
    }
}

pub(super) async fn sign_up(
    State(shared): State<Shared>,
    FormOrJson(asked): FormOrJson<SignUp>,
) -> Result<(StatusCode, Json<Myself>), Problem> {
    let (new, password) = checked(asked)?;
    // Before the transaction, which would hold a connection meanwhile.
    let hash = shared.accounts.passwords.hash(password).await?;
    let user = accounts::register(&shared.db, new, hash).await;
    let user = user.map_err(users::taken)?;
    shared.accounts.counted.registered();
    Ok((StatusCode::CREATED, Json(user.into())))
}

fn checked(asked: SignUp) -> Result<(NewUser, Password), Problem> {
    let SignUp {
        name,
        email,
        password,
    } = asked;
    let new = NewUser {
        name,
        email,
        age: None,
    };
    let mut errors = Vec::new();
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&password.length()) {
        let wanted = format!("must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters");
        errors.push(("password", wanted));
    }
    Ok((users::checked(new, errors)?, password))
}

/// The same words and the same work, whether it was the address or the password.
pub(super) async fn log_in(
    State(shared): State<Shared>,
    asked: Result<FormOrJson<LogIn>, Problem>,
) -> Result<impl IntoResponse, Problem> {
    let counted = &shared.accounts.counted;
    let FormOrJson(asked) = asked.inspect_err(|_| counted.attempt(Attempt::InvalidRequest))?;
    let account = match Address::read(&asked.email) {
        Some(address) => accounts::of_address(&shared.db, address).await?,
        None => None,
    };
    let hash = account.as_ref().map(|account| &account.password_hash);
    let matches = shared.accounts.passwords.verify(asked.password, hash);
    match (matches.await?, account) {
        (true, Some(account)) => {
            counted.attempt(Attempt::Success);
            let token: Token = shared.accounts.tokens.issue(account.id).map_err(|error| {
                tracing::error!(%error, "a token could not be signed");
                Problem::failure()
            })?;
            // Kept by nobody on the way (RFC 6749, 5.1).
            Ok(([(CACHE_CONTROL, "no-store")], Json(token)))
        }
        (_, account) => {
            counted.attempt(match account {
                Some(_) => Attempt::InvalidPassword,
                None => Attempt::UserNotFound,
            });
            let detail = "the address or the password is wrong";
            Err(Problem::unauthorized(CHALLENGE, detail))
        }
    }
}

pub(super) async fn me(Caller(mut s, user): Caller) -> Result<Json<Myself>, Problem> {
    Ok(Json(s.take(user)?.into()))
}
