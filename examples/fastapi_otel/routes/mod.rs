//! What the application answers to. Handlers return `Result<_, Problem>`, and `?` does the rest.

mod accounts;
mod asked;
mod caller;
mod health;
mod misread;
mod posts;
mod problem;
mod users;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::FromRef,
    routing::{get, post},
};
use ormcore::Db;
use serde::Serialize;

pub(crate) use self::problem::Problem;
use crate::{
    accounts::Accounts,
    telemetry::{Export, Telemetry},
    traces,
};

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

/// The whole application around a database.
pub(crate) fn app(db: Db, accounts: Arc<Accounts>, telemetry: &Telemetry) -> Router {
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
        .merge(about(telemetry))
        .merge(traces::routes(telemetry.traces().clone()))
        .merge(telemetry.metrics())
        .fallback(async || Problem::not_found("there is nothing at this path"))
        .method_not_allowed_fallback(async || Problem::method_not_allowed());
    telemetry.observe(routes)
}

/// Who this is, and whether its traces arrive anywhere: the first thing to ask when they do not.
#[derive(Serialize)]
struct About {
    service: String,
    version: String,
    environment: String,
    tracing: bool,
    export: Export,
    requests: Requests,
}

/// Where to go from here.
#[derive(Serialize)]
struct Requests {
    #[serde(rename = "GET /traces")]
    traces: &'static str,
    #[serde(rename = "POST /signup")]
    sign_up: &'static str,
    #[serde(rename = "POST /login")]
    log_in: &'static str,
    #[serde(rename = "GET /me")]
    me: &'static str,
}

const REQUESTS: Requests = Requests {
    traces: "shows what the last requests did in the database",
    sign_up: "makes an account of name, email and password",
    log_in: "takes email and password, and has a token for an hour",
    me: "says whose token it is: Authorization: Bearer …",
};

fn about(telemetry: &Telemetry) -> Router {
    let (service, export) = (telemetry.service().clone(), telemetry.export());
    let tracing = telemetry.is_on();
    let about = async move || {
        Json(About {
            service: service.name,
            version: service.version,
            environment: service.environment,
            tracing,
            export: export(),
            requests: REQUESTS,
        })
    };
    Router::new().route("/", get(about))
}
