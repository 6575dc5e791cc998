//! `/docs`: what can be asked, for people; `/openapi.json`: the same for programs. It is written by hand, so that handlers need
//! not be about it, and `tests/docs.rs` compares it with what is answered.

use axum::{
    Router,
    http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    response::{Html, IntoResponse},
    routing::get,
};

const DESCRIPTION: &str = include_str!("openapi.json");
const PAGE: &str = include_str!("page.html");

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/docs", get(page))
        .route("/openapi.json", get(description))
}

async fn page() -> impl IntoResponse {
    let policy = "default-src 'none'; connect-src 'self'; img-src data:; style-src 'unsafe-inline'; \
                  script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    ([(CONTENT_SECURITY_POLICY, policy)], Html(PAGE))
}

async fn description() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION)
}
