//! What the application answers to. Handlers return `Result<_, Problem>`, and `?` does the rest.

mod asked;
mod health;
mod posts;
mod problem;
mod users;

use axum::{Json, Router, routing::get};
use ormcore::Db;
use serde_json::json;

pub(crate) use self::problem::Problem;
use crate::{telemetry::Telemetry, traces};

/// The whole application around a database.
pub(crate) fn app(db: Db, telemetry: &Telemetry) -> Router {
    let routes = Router::new()
        .route("/users", get(users::list).post(users::create))
        .route("/users/{id}", get(users::show).delete(users::delete))
        .route("/posts", get(posts::list).post(posts::create))
        .route("/posts/{id}", get(posts::show))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(db)
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
        }))
    };
    Router::new().route("/", get(about))
}
