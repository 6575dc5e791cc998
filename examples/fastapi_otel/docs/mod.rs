//! `/docs`: what can be asked, for people; `/openapi.json`: the same for programs. It is written by hand, so that handlers need
//! not be about it, and `tests/docs.rs` compares it with what is answered.

use axum::{Router, http::header::CONTENT_TYPE, response::IntoResponse, routing::get};

use crate::page::page;

const DESCRIPTION: &str = include_str!("openapi.json");
const PAGE: &str = include_str!("page.html");

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/docs", get(async || page(PAGE)))
        .route("/openapi.json", get(description))
}

async fn description() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION)
}
