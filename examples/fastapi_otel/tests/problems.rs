//! What clients are told when something is wrong.

use axum::{body::Body, http::Method};
use ormcore::sql;
use serde_json::{Value, json};

use super::app::{Answer, App, request};

pub(super) fn assert_problem(answer: &Answer, status: u16, title: &str) {
    let body = &answer.body;
    assert_eq!(answer.status, status, "{body}");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(
        (&body["type"], &body["title"], &body["status"]),
        (&json!("about:blank"), &json!(title), &json!(status))
    );
    assert!(body["detail"].is_string(), "{body}");
    let trace = answer.trace_id().map(|id| Value::String(id.to_string()));
    assert_eq!(Some(&body["trace_id"]), trace.as_ref());
}

pub(super) fn fields(answer: &Answer) -> Vec<&str> {
    let errors = answer.body["errors"].as_array();
    errors
        .into_iter()
        .flatten()
        .filter_map(|error| error["name"].as_str())
        .collect()
}

#[tokio::test]
async fn an_address_that_is_taken_is_a_conflict() {
    let app = App::seeded().await;
    let again = app
        .post(
            "/users",
            json!({ "name": "Ada", "email": "ada@example.org" }),
        )
        .await;
    assert_problem(&again, 409, "Conflict");
    assert_eq!(fields(&again), ["email"]);
    for hidden in ["ada@example.org", "users_email", "INSERT", "23505"] {
        assert!(!again.body.to_string().contains(hidden), "{}", again.body);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let app = App::empty().await;
    for path in ["/users/1", "/posts/1", "/nowhere", "/users/1/friends"] {
        assert_problem(&app.get(path).await, 404, "Not Found");
    }
    let wrong_method = app
        .send(request(Method::PUT, "/users", Body::empty()))
        .await;
    assert_problem(&wrong_method, 405, "Method Not Allowed");
}

#[tokio::test]
async fn every_field_that_cannot_be_taken_is_named() {
    let app = App::empty().await;
    let nonsense = json!({ "name": " ", "email": "nobody", "age": -1 });
    let answer = app.post("/users", nonsense).await;
    assert_problem(&answer, 422, "Unprocessable Entity");
    assert_eq!(fields(&answer), ["name", "email", "age"]);
    let (_, token) = app.somebody("ada@example.org").await;
    let nonsense = json!({ "title": "a\0b", "content": "" });
    let answer = app.post_as(&token, "/posts", nonsense).await;
    assert_problem(&answer, 422, "Unprocessable Entity");
    assert_eq!(fields(&answer), ["title", "content"]);
}

#[tokio::test]
async fn limits_have_limits() {
    let app = App::empty().await;
    for path in ["/users?limit=1001", "/posts?limit=0"] {
        let answer = app.get(path).await;
        assert_problem(&answer, 422, "Unprocessable Entity");
        assert_eq!(fields(&answer), ["limit"]);
    }
    assert_eq!(app.get("/users?limit=1000").await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_too() {
    let app = App::empty().await;
    for (path, field, detail) in [
        ("/users/quiet", "id", "must be a whole number"),
        ("/posts/1e3", "id", "must be a whole number"),
        ("/users?limit=quiet", "limit", "cannot be read"),
        ("/users?offset=-1", "offset", "cannot be read"),
        ("/users?limit=1&limit=2", "limit", "is there twice"),
        (
            "/posts?eager=quiet",
            "eager",
            "must be one of `false`, `true`, `joined`",
        ),
    ] {
        assert_misread(&app.get(path).await, field, detail);
    }
    // Without a trace, for it is what the page of traces asks.
    let of_page = app.get("/traces/data?limit=quiet").await;
    assert_eq!((of_page.status, fields(&of_page)), (422, vec!["limit"]));
    let no_json = app
        .send(request(Method::POST, "/users", "name=x".into()))
        .await;
    assert_problem(&no_json, 415, "Unsupported Media Type");
}

/// One field, what it has to be, and nothing of what was there.
fn assert_misread(answer: &Answer, field: &str, detail: &str) {
    assert_problem(answer, 422, "Unprocessable Entity");
    let errors = json!([{ "name": field, "detail": detail }]);
    assert_eq!(answer.body["errors"], errors);
    let told = answer.body.to_string();
    assert!(
        !told.contains("quiet") && !told.contains("struct"),
        "{told}"
    );
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_by_field_and_not_repeated() {
    let app = App::empty().await;
    let (_, token) = app.somebody("ada@example.org").await;
    for (body, field, detail) in [
        ("", "body", "must be JSON"),
        (r#"{"title": "quiet"#, "body", "must be JSON"),
        (r#"{"title": quiet}"#, "body", "must be JSON"),
        (
            r#"{"title": "x", "content": "x"} quiet"#,
            "body",
            "must be JSON",
        ),
        (r#""quiet""#, "body", "must be an object"),
        ("null", "body", "must be an object"),
        (r#"{"title": ["quiet"]}"#, "title", "must be a string"),
        (r#"{"title": "quiet"}"#, "content", "is missing"),
        (
            r#"{"author_id": "quiet"}"#,
            "author_id",
            "is not known here",
        ),
        (
            r#"{"title": "x", "title": "quiet"}"#,
            "title",
            "is there twice",
        ),
    ] {
        let answer = app.send_text_as(&token, Method::POST, "/posts", body).await;
        assert_misread(&answer, field, detail);
    }
    let version = r#"{"title": "x", "content": "x", "version": "quiet, expected i32"}"#;
    let answer = app.send_text_as(&token, Method::PUT, "/posts/1", version);
    assert_misread(
        &answer.await,
        "version",
        "must be a whole number of 32 bits",
    );
    let form = app.post_form("/login", "email=quiet&email=quiet&password=quiet");
    assert_misread(&form.await, "email", "is there twice");
}

#[tokio::test]
async fn a_failure_of_ours_gives_nothing_away() {
    let app = App::seeded().await;
    let drop = sql("ALTER TABLE posts RENAME TO posted");
    drop.batch(&app.db).await.expect("no posts any more");
    let answer = app.get("/posts").await;
    assert_problem(&answer, 500, "Internal Server Error");
    for hidden in ["posts", "SELECT", "42P01", "relation"] {
        let detail = answer.body["detail"].to_string();
        assert!(!detail.contains(hidden), "{detail}");
    }
}

#[tokio::test]
async fn a_connection_that_ends_at_the_commit_is_no_mistake_of_ours() {
    let app = App::empty().await;
    let ends = "CREATE FUNCTION ends() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER ends AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION ends()";
    sql(ends).batch(&app.db).await.expect("a trigger");
    let new = json!({ "name": "Ada", "email": "ada@example.org" });
    assert_problem(&app.post("/users", new).await, 503, "Service Unavailable");
    assert_eq!(app.get("/users").await.body, json!([]));
}

#[tokio::test]
async fn readiness_is_told_without_a_trace() {
    let app = App::empty().await;
    for path in ["/health/live", "/health/ready"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.trace_id()), (200, None), "{path}");
    }
    app.db.close();
    assert_eq!(app.get("/health/ready").await.status, 503);
    assert_eq!(app.get("/health/live").await.status, 200);
}
