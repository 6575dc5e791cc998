//! What the application answers to. Handlers return `Result<_, Problem>`, and `?` does the rest.

mod accounts;
mod asked;
mod caller;
mod health;
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
use serde_json::json;

pub(crate) use self::problem::Problem;
use crate::{accounts::Accounts, telemetry::Telemetry, traces};

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
fn about(telemetry: &Telemetry) -> Router {
    let (service, export, tracing) = (
        telemetry.service().clone(),
        telemetry.export(),
        telemetry.is_on(),
    );
    let about = async move || {
        Json(json!({
            "service": service.name,
            "version": service.version,
            "environment": service.environment,
            "tracing": tracing,
            "export": export(),
            "accounts": {
                "POST /signup": "makes an account of name, email and password",
                "POST /login": "takes email and password, and has a token for an hour",
                "GET /me": "says whose token it is: Authorization: Bearer …",
            },
        }))
    };
    Router::new().route("/", get(about))
}
