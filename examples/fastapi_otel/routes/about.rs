//! What the application says about itself: who it is, whether its traces arrive, and which one a request is.

use axum::{Json, Router, routing::get};
use opentelemetry::{Context, trace::TraceContextExt};
use serde::Serialize;

use crate::telemetry::{Export, Telemetry};

/// The first thing to ask when no traces appear.
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
    #[serde(rename = "GET /docs")]
    docs: &'static str,
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
    docs: "lists all that can be asked",
    traces: "shows what the last requests did in the database",
    sign_up: "makes an account of name, email and password",
    log_in: "takes email and password, and has a token for an hour",
    me: "says whose token it is: Authorization: Bearer …",
};

pub(super) fn routes(telemetry: &Telemetry) -> Router {
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
    Router::new()
        .route("/", get(about))
        .route("/debug/trace", get(current))
}

/// Null for a request that nobody records.
#[derive(Serialize)]
struct Current {
    trace_id: Option<String>,
    span_id: Option<String>,
}

async fn current() -> Json<Current> {
    let span = Context::current().span().span_context().clone();
    let recorded = span.is_sampled();
    Json(Current {
        trace_id: recorded.then(|| span.trace_id().to_string()),
        span_id: recorded.then(|| span.span_id().to_string()),
    })
}
