//! What the application answers to. Handlers return `Result<_, Problem>`, and `?` does the rest.

mod about;
mod accounts;
mod asked;
mod caller;
mod front;
mod health;
mod misread;
mod posts;
mod problem;
mod users;

use std::sync::Arc;

use axum::{
    Router,
    extract::FromRef,
    http::HeaderValue,
    routing::{get, post},
};
use ormcore::Db;

pub(crate) use self::problem::Problem;
use crate::{accounts::Accounts, docs, telemetry::Telemetry, traces};

/// What handlers may ask for: the whole, or the database alone.
#[derive(Clone)]
struct Shared {
    db: Db,
    accounts: Arc<Accounts>,
}

impl FromRef<Shared> for Db {
    fn from_ref(shared: &Shared) -> Self {
        shared.db.clone()
    }
}

/// The whole application around a database. `origins` are those of the sites that may ask from a browser.
pub(crate) fn app(
    db: Db,
    accounts: Arc<Accounts>,
    telemetry: &Telemetry,
    origins: &[HeaderValue],
) -> Router {
    let routes = Router::new()
        .route("/signup", post(accounts::sign_up))
        .route("/login", post(accounts::log_in))
        .route("/me", get(accounts::me))
        .route("/users", get(users::list).post(users::create))
        .route("/users/{id}", get(users::show).delete(users::delete))
        .route("/posts", get(posts::list).post(posts::create))
        .route(
            "/posts/{id}",
            get(posts::show).put(posts::edit).delete(posts::delete),
        )
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(Shared { db, accounts })
        .merge(about::routes(telemetry))
        .merge(docs::routes())
        .merge(traces::routes(telemetry.traces().clone()))
        .merge(telemetry.metrics())
        .fallback(async || Problem::not_found("there is nothing at this path"))
        .method_not_allowed_fallback(async || Problem::method_not_allowed());
    front::before(telemetry.observe(routes), origins)
}
