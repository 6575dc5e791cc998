//! What is exported about requests: the whole trees, as text.

use axum::{body::Body, http::Method};
use opentelemetry::TraceId;
use serde_json::json;

use super::{
    app::{App, request},
    exported,
};
use crate::{comparison::Comparison, traces::Role};

async fn tree_of(path: &str) -> String {
    App::seeded().await.get(path).await.tree().await
}

#[tokio::test]
async fn lazy_posts_are_eleven_statements() {
    let one_load = "  db.relationship.load internal name=\"author\" strategy=\"lazy\" batch_count=1 query_count=1 count=1\n    \
                    db.query.find client summary=\"SELECT users\" count=1\n";
    let expected = format!(
        "GET /posts server status_code=200 ormcore.n_plus_one.relation=\"Post::AUTHOR\" ormcore.n_plus_one.count=5\n  \
         db.query.find client summary=\"SELECT posts\" limit=100 offset=0 count=10\n{}",
        one_load.repeat(10)
    );
    let answer = App::seeded().await.get("/posts").await;
    assert_eq!(answer.tree().await, expected);
    assert_eq!(answer.trace().await.statements, 11);
}

#[tokio::test]
async fn eager_posts_are_two_statements() {
    let answer = App::seeded().await.get("/posts?eager=true").await;
    assert_eq!(
        answer.tree().await,
        r#"GET /posts server status_code=200
  db.query.find client summary="SELECT posts" limit=100 offset=0 count=10
  db.relationship.load internal name="author" strategy="selectinload" batch_count=10 query_count=1 count=10
    db.query.find client summary="SELECT users" count=10
"#
    );
    assert_eq!(answer.trace().await.statements, 2);
}

#[tokio::test]
async fn joined_posts_are_one_statement() {
    let answer = App::seeded().await.get("/posts?eager=joined").await;
    assert_eq!(
        answer.tree().await,
        r#"GET /posts server status_code=200
  db.query.find client summary="SELECT posts users" limit=100 offset=0 count=10
  db.relationship.load internal name="author" strategy="joined" batch_count=10 query_count=0 count=10
"#
    );
    assert_eq!(answer.trace().await.statements, 1);
}

#[tokio::test]
async fn the_application_sees_that_itself() {
    let app = App::seeded().await;
    let address = app.serve().await;
    let made = Comparison::make(address, exported().store()).await;
    let made = made.expect("a comparison");
    assert_eq!((made.lazy.statements, made.eager.statements), (11, 2));
    assert_eq!(made.check(), Ok(()));
}

#[tokio::test]
async fn listing_users() {
    assert_eq!(
        tree_of("/users?limit=3").await,
        r#"GET /users server status_code=200
  db.query.find client summary="SELECT users" limit=3 offset=0 count=3
  db.relationship.load internal name="posts" strategy="lazy" batch_count=1 query_count=1 count=1
    db.query.find client summary="SELECT posts" count=1
  db.relationship.load internal name="posts" strategy="lazy" batch_count=1 query_count=1 count=1
    db.query.find client summary="SELECT posts" count=1
  db.relationship.load internal name="posts" strategy="lazy" batch_count=1 query_count=1 count=1
    db.query.find client summary="SELECT posts" count=1
"#
    );
}

#[tokio::test]
async fn listing_users_eagerly() {
    assert_eq!(
        tree_of("/users?eager=true").await,
        r#"GET /users server status_code=200
  db.query.find client summary="SELECT users" limit=100 offset=0 count=10
  db.relationship.load internal name="posts" strategy="selectinload" batch_count=10 query_count=1 count=10
    db.query.find client summary="SELECT posts" count=10
"#
    );
}

#[tokio::test]
async fn a_page_of_users() {
    assert_eq!(
        tree_of("/users?limit=2&offset=2").await,
        r#"GET /users server status_code=200
  db.query.find client summary="SELECT users" limit=2 offset=2 count=2
  db.relationship.load internal name="posts" strategy="lazy" batch_count=1 query_count=1 count=1
    db.query.find client summary="SELECT posts" count=1
  db.relationship.load internal name="posts" strategy="lazy" batch_count=1 query_count=1 count=1
    db.query.find client summary="SELECT posts" count=1
"#
    );
}

#[tokio::test]
async fn creating_a_user() {
    let app = App::empty().await;
    let new = json!({ "name": "Ada", "email": "ada@example.org" });
    let created = app.post("/users", new.clone()).await;
    assert_eq!(
        created.tree().await,
        r#"POST /users server status_code=201
  db.session.commit internal pending_count=1 status="committed"
    db.session.flush internal pending_count=1 status="flushed"
      db.query.insert client summary="INSERT users" count=1 affected_rows=1
"#
    );
    // The client's mistake, and no failure of the request; but one of the statement, and of what it was sent for.
    assert_eq!(
        app.post("/users", new).await.tree().await,
        r#"POST /users server status_code=409
  db.session.commit internal pending_count=1 status="rolled_back" error.type="23505" ERROR
    db.session.flush internal pending_count=1 status="rolled_back" error.type="23505" ERROR
      db.query.insert client summary="INSERT users" db.response.status_code="23505" error.type="23505" ERROR
"#
    );
}

#[tokio::test]
async fn getting_a_user() {
    assert_eq!(
        tree_of("/users/1").await,
        r#"GET /users/{id} server status_code=200
  db.query.find_one client summary="SELECT users" count=1
  db.relationship.load internal name="posts" strategy="lazy" batch_count=1 query_count=1 count=1
    db.query.find client summary="SELECT posts" count=1
"#
    );
}

#[tokio::test]
async fn a_user_who_is_not_there_is_no_error() {
    assert_eq!(
        tree_of("/users/99999").await,
        r#"GET /users/{id} server status_code=404
  db.query.find_one client summary="SELECT users" count=0
"#
    );
}

#[tokio::test]
async fn getting_a_post() {
    assert_eq!(
        tree_of("/posts/1").await,
        r#"GET /posts/{id} server status_code=200
  db.query.find_one client summary="SELECT posts" count=1
  db.relationship.load internal name="author" strategy="lazy" batch_count=1 query_count=1 count=1
    db.query.find client summary="SELECT users" count=1
  db.relationship.load internal name="comments" strategy="lazy" batch_count=1 query_count=1 count=1
    db.query.find client summary="SELECT comments" count=1
"#
    );
}

#[tokio::test]
async fn creating_a_post() {
    let app = App::seeded().await;
    let new = json!({ "title": "x", "content": "x" });
    let ada = app.token_of(1).await;
    let created = app.post_as(&ada, "/posts", new.clone()).await;
    assert_eq!(
        created.tree().await,
        r#"POST /posts server status_code=201
  auth.validate_token internal auth.success=true
    db.query.find_one client summary="SELECT accounts users" limit=1 count=1
    db.relationship.load internal name="user" strategy="joined" batch_count=1 query_count=0 count=1
  db.session.commit internal pending_count=1 status="committed"
    db.session.flush internal pending_count=1 status="flushed"
      db.query.insert client summary="INSERT posts" count=1 affected_rows=1
  db.relationship.load internal name="author" strategy="peers" batch_count=0 query_count=0 cache_hit=true count=1
"#
    );
    // The author is known from the token, and not asked for again. By number, and not by name:
    assert_eq!(created.trace().await.spans[0].attributes["user.id"], "1");
    // Nobody is asked about who does not even say who it is.
    assert_eq!(
        app.post("/posts", new).await.tree().await,
        r#"POST /posts server status_code=401
  auth.validate_token internal auth.success=false
"#
    );
}

#[tokio::test]
async fn changing_and_deleting_a_post() {
    let app = App::seeded().await;
    let ada = app.token_of(1).await;
    let new = json!({ "title": "x", "content": "x", "version": 1 });
    let not_there = app.send_as(&ada, Method::PUT, "/posts/99999", new.clone());
    assert_eq!(
        not_there.await.tree().await,
        r#"PUT /posts/{id} server status_code=404
  auth.validate_token internal auth.success=true
    db.query.find_one client summary="SELECT accounts users" limit=1 count=1
    db.relationship.load internal name="user" strategy="joined" batch_count=1 query_count=0 count=1
  db.query.find_one client summary="SELECT posts" count=0
"#
    );
    assert_eq!(
        app.send_as(&ada, Method::PUT, "/posts/1", new.clone())
            .await
            .tree()
            .await,
        r#"PUT /posts/{id} server status_code=200
  auth.validate_token internal auth.success=true
    db.query.find_one client summary="SELECT accounts users" limit=1 count=1
    db.relationship.load internal name="user" strategy="joined" batch_count=1 query_count=0 count=1
  db.query.find_one client summary="SELECT posts" count=1
  db.session.commit internal dirty_count=1 status="committed"
    db.session.flush internal dirty_count=1 status="flushed"
      db.query.update client summary="UPDATE posts" count=1 affected_rows=1
  db.relationship.load internal name="author" strategy="peers" batch_count=0 query_count=0 cache_hit=true count=1
"#
    );
    // Of a version that is not any more: nothing is begun either.
    let stale = app.send_as(&ada, Method::PUT, "/posts/1", new.clone());
    let tree = stale.await.tree().await;
    let end = "  db.query.find_one client summary=\"SELECT posts\" count=1\n";
    assert!(tree.starts_with("PUT /posts/{id} server status_code=409\n"));
    assert!(tree.ends_with(end), "{tree}");
    // As it is already: nothing is written, and nothing is begun for it.
    let new = json!({ "title": "x", "content": "x", "version": 2 });
    let again = app.send_as(&ada, Method::PUT, "/posts/1", new).await;
    let tree = again.tree().await;
    let end = r#"summary="SELECT posts" count=1
  db.session.commit internal status="committed"
  db.relationship.load internal name="author" strategy="peers" batch_count=0 query_count=0 cache_hit=true count=1
"#;
    assert!(tree.ends_with(end), "{tree}");
    assert_eq!(
        app.delete_as(&ada, "/posts/1").await.tree().await,
        r#"DELETE /posts/{id} server status_code=204
  auth.validate_token internal auth.success=true
    db.query.find_one client summary="SELECT accounts users" limit=1 count=1
    db.relationship.load internal name="user" strategy="joined" batch_count=1 query_count=0 count=1
  db.query.find_one client summary="SELECT posts" count=1
  db.session.commit internal deleted_count=1 status="committed"
    db.session.flush internal deleted_count=1 status="flushed"
      db.query.delete client summary="DELETE posts" count=1 affected_rows=1
"#
    );
}

#[tokio::test]
async fn signing_up_and_logging_in() {
    let app = App::empty().await;
    let new = json!({ "name": "Ada", "email": "ada@example.org", "password": "at least 8" });
    assert_eq!(
        app.post("/signup", new.clone()).await.tree().await,
        r#"POST /signup server status_code=201
  auth.hash_password internal
  db.query.find_one client summary="SELECT users" limit=1 count=0
  db.session.commit internal pending_count=2 status="committed"
    db.session.flush internal pending_count=2 status="flushed"
      db.query.insert client summary="INSERT users" count=1 affected_rows=1
      db.query.insert client summary="INSERT accounts" count=1 affected_rows=1
"#
    );
    assert_eq!(
        app.post("/login", new).await.tree().await,
        r#"POST /login server status_code=200
  db.query.find_one client summary="SELECT accounts" count=1
  auth.verify_password internal auth.success=true
"#
    );
}

#[tokio::test]
async fn deleting_a_user() {
    let app = App::seeded().await;
    let ada = app.token_of(1).await;
    let answer = app.delete_as(&ada, "/users/1").await;
    assert_eq!(
        answer.tree().await,
        r#"DELETE /users/{id} server status_code=204
  auth.validate_token internal auth.success=true
    db.query.find_one client summary="SELECT accounts users" limit=1 count=1
    db.relationship.load internal name="user" strategy="joined" batch_count=1 query_count=0 count=1
  db.session.commit internal deleted_count=1 status="committed"
    db.session.flush internal deleted_count=1 status="flushed"
      db.query.delete client summary="DELETE users" affected_rows=1
"#
    );
}

#[tokio::test]
async fn a_callers_trace_goes_on() {
    let app = App::seeded().await;
    let (trace, caller) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let mut asked = request(Method::GET, "/posts?eager=true", Body::empty());
    let parent = format!("00-{trace}-{caller}-01").parse().expect("a header");
    asked.headers_mut().insert("traceparent", parent);
    let answer = app.send(asked).await;
    assert_eq!(answer.trace_id(), TraceId::from_hex(trace).ok());
    let spans = answer.trace().await.spans;
    assert_eq!(spans[0].parent_id.as_deref(), Some(caller));
    assert_eq!(spans.len(), 4);
}

#[tokio::test]
async fn a_trace_nobody_samples_has_no_spans() {
    let app = App::seeded().await;
    let trace = "5bf92f3577b34da6a3ce929d0e0e4736";
    let mut asked = request(Method::GET, "/posts", Body::empty());
    let parent = format!("00-{trace}-00f067aa0ba902b7-00")
        .parse()
        .expect("a header");
    asked.headers_mut().insert("traceparent", parent);
    assert_eq!(app.send(asked).await.status, 200);
    let id = TraceId::from_hex(trace).expect("a trace id");
    assert!(exported().spans(id).is_empty());
}

#[tokio::test]
async fn statements_say_where_they_were_asked_for_and_what_was_sent() {
    let answer = App::seeded().await.get("/posts?eager=true").await;
    let mut statements = answer.trace().await.spans;
    statements.retain(|span| span.role == Role::Statement);
    for statement in &statements {
        let file = statement.attributes["code.file.path"].as_str();
        assert!(
            file.is_some_and(|file| file.ends_with("routes/posts.rs")),
            "{file:?}"
        );
        let text = statement.attributes["db.query.text"].as_str();
        assert!(text.is_some_and(|text| text.contains("$1")), "{text:?}");
        assert_eq!(statement.attributes["db.system.name"], "postgresql");
        assert_eq!(statement.scope, "ormcore");
    }
    assert_eq!(statements.len(), 2);
}

#[tokio::test]
async fn statements_of_a_session_say_who_wanted_it_to_be_written() {
    let app = App::empty().await;
    let new = json!({ "name": "Ada", "email": "ada@example.org" });
    let spans = app.post("/users", new).await.trace().await.spans;
    let statement = spans.iter().find(|span| span.role == Role::Statement);
    let file = &statement.expect("a statement").attributes["code.file.path"];
    let file = file.as_str().expect("a path");
    assert!(file.ends_with("routes/users.rs"), "{file}");
}

#[tokio::test]
async fn no_address_of_anybody_is_exported() {
    let app = App::empty().await;
    let secret = "nobody.should.see.this@example.org";
    let new = json!({ "name": "Ada", "email": secret });
    let mut answers = vec![
        app.post("/users", new.clone()).await,
        app.post("/users", new).await,
    ];
    let id = answers[0].body["id"].as_i64().expect("a number");
    let post = json!({ "title": "x", "content": "x" });
    let token = app.token_of(id).await;
    answers.push(app.post_as(&token, "/posts", post).await);
    for path in [
        "/users",
        "/users?eager=joined",
        "/posts",
        "/posts?eager=true",
        "/users/1",
    ] {
        answers.push(app.get(path).await);
    }
    for answer in &answers {
        let id = answer.trace_id().expect("a trace");
        answer.trace().await;
        let spans = exported().spans(id);
        assert!(!spans.is_empty());
        // Names, attributes, events and statuses alike.
        let all = format!("{spans:?}");
        assert!(
            !all.contains(secret) && !all.contains("should.see"),
            "{all}"
        );
    }
}
