//! What is decided before a route is.

use axum::{
    body::Body,
    http::{HeaderMap, Method},
};
use serde_json::json;

use super::app::{App, PASSWORD, SITE, request};

#[tokio::test]
async fn a_slash_at_the_end_says_nothing() {
    let app = App::seeded().await;
    assert_eq!(
        app.get("/posts/1/").await.body,
        app.get("/posts/1").await.body
    );
    let page = app.get("/users/?limit=2").await;
    assert_eq!(page.body.as_array().map(Vec::len), Some(2));
    let new = json!({ "name": "Mary", "email": "mary@example.org", "password": PASSWORD });
    let signed_up = app.post("/signup/", new).await;
    assert_eq!(signed_up.status, 201);
    // One route, one name.
    assert_eq!(signed_up.trace().await.spans[0].name, "POST /signup");
}

/// As a browser asks before it sends what a form could not.
async fn allowed(app: &App, origin: &str) -> HeaderMap {
    let mut asked = request(Method::OPTIONS, "/posts/1", Body::empty());
    for (name, value) in [
        ("origin", origin),
        ("access-control-request-method", "PUT"),
        (
            "access-control-request-headers",
            "authorization,content-type",
        ),
    ] {
        let value = value.parse().expect("a header");
        asked.headers_mut().insert(name, value);
    }
    app.send(asked).await.headers
}

#[tokio::test]
async fn sites_that_are_listed_may_ask_from_a_browser_and_others_may_not() {
    let app = App::seeded().await;
    let headers = allowed(&app, SITE).await;
    assert_eq!(headers["access-control-allow-origin"], SITE);
    let methods = headers["access-control-allow-methods"].to_str();
    assert!(methods.expect("text").contains("PUT"));
    let names = headers["access-control-allow-headers"].to_str();
    assert!(names.expect("text").contains("authorization"));
    // Cookies are not what says who asks.
    assert!(!headers.contains_key("access-control-allow-credentials"));
    for other in ["https://other.example", "https://site.example.org", "null"] {
        let headers = allowed(&app, other).await;
        assert!(
            !headers.contains_key("access-control-allow-origin"),
            "{other}"
        );
    }

    let mut asked = request(Method::GET, "/posts", Body::empty());
    asked
        .headers_mut()
        .insert("origin", SITE.parse().expect("a header"));
    let answer = app.send(asked).await;
    assert_eq!(answer.headers["access-control-allow-origin"], SITE);
    // So that a page can link to its trace.
    assert_eq!(
        answer.headers["access-control-expose-headers"],
        "traceresponse"
    );
}

#[tokio::test]
async fn a_request_can_ask_for_its_own_trace() {
    let app = App::empty().await;
    let answer = app.get("/debug/trace").await;
    let span = &answer.trace().await.spans[0];
    let id = answer.trace_id().expect("a trace").to_string();
    assert_eq!(
        answer.body,
        json!({ "trace_id": id, "span_id": span.span_id })
    );
    let mut asked = request(Method::GET, "/debug/trace", Body::empty());
    let unsampled = "00-6bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    let unsampled = unsampled.parse().expect("a header");
    asked.headers_mut().insert("traceparent", unsampled);
    let nobodys = json!({ "trace_id": null, "span_id": null });
    assert_eq!(app.send(asked).await.body, nobodys);
}
