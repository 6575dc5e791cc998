//! `/traces`: what the last requests did, as waterfalls, and lazy loading beside eager loading.

#[cfg(test)]
pub(crate) mod fixture;
mod store;
mod trace;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};

pub(crate) use self::{
    store::{Limits, TraceStore},
    trace::{Role, Span, Trace},
};
use crate::{page::page, routes::Problem};

const PAGE: &str = include_str!("page.html");
const SHOWN: usize = 50;

/// The page and its data. Kept out of tracing by `telemetry::http`, or watching would be all there is to watch.
pub(crate) fn routes(store: Arc<TraceStore>) -> Router {
    Router::new()
        .route("/traces", get(async || page(PAGE)))
        .route("/traces/data", get(data))
        .with_state(store)
}

#[derive(Debug, Deserialize)]
struct Asked {
    /// The revision that the page already shows.
    since: Option<u64>,
    limit: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Recent {
    revision: u64,
    recording: bool,
    traces: Vec<Trace>,
}

async fn data(
    State(store): State<Arc<TraceStore>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked?;
    // Read before the traces: a span that ends in between is then sent twice rather than never.
    let revision = store.revision();
    if asked.since == Some(revision) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let traces = store.recent(asked.limit.unwrap_or(SHOWN));
    let recent = Recent {
        revision,
        recording: store.is_recording(),
        traces,
    };
    Ok(Json(recent).into_response())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{body::Body, http::Request};
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::{
        Limits, TraceStore,
        fixture::{Posts, get_posts},
        routes,
    };

    async fn get(store: &Arc<TraceStore>, path: &str) -> (u16, String) {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let response = routes(Arc::clone(store))
            .oneshot(request)
            .await
            .expect("an answer");
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .expect("a body");
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn the_data_says_how_many_statements_each_trace_sent() {
        let store = TraceStore::new(Limits::default());
        let provider = SdkTracerProvider::builder()
            .with_span_processor(store.recorder())
            .build();
        get_posts(&provider.tracer("fixture"), Posts::Lazy);
        let (status, body) = get(&store, "/traces/data").await;
        let data: Value = serde_json::from_str(&body).expect("json");
        assert_eq!((status, &data["recording"]), (200, &Value::Bool(true)));
        assert_eq!(data["traces"][0]["statements"], 11);
        assert_eq!(
            data["traces"][0]["spans"][1]["attributes"]["db.query.summary"],
            "SELECT posts"
        );
        let nothing_new = format!("/traces/data?since={}", data["revision"]);
        assert_eq!(get(&store, &nothing_new).await.0, 204);
    }

    #[tokio::test]
    async fn the_page_loads_nothing_from_anywhere() {
        let (status, page) = get(&TraceStore::new(Limits::default()), "/traces").await;
        assert_eq!(status, 200);
        for outside in [
            "http://",
            "https://",
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
        ] {
            assert!(!page.contains(outside), "the page contains {outside}");
        }
    }
}
