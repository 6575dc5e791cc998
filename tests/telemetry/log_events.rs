//! What is told through `tracing`, for logs.

use crate::blog::{User, new_user};
use crate::events::Events;
use crate::observed::{Observed, config, database};
use opentelemetry_sdk::trace::Sampler;
use ormcore::sql;
use std::time::Duration;
use tracing::Level;

#[tokio::test]
async fn every_statement_is_told_at_debug() {
    let blog = Observed::blog().await;
    blog.users(["Ada", "Bob"]).await;
    let (events, _guard) = Events::keep();
    User::find().all(&blog.db).await.expect("users");

    let told = events.all();
    let [event] = told.as_slice() else {
        panic!("one event: {told:#?}");
    };
    assert_eq!(event.name, "ormcore.statement");
    assert_eq!(
        (event.level, event.target.as_str()),
        (Level::DEBUG, "ormcore")
    );
    assert_eq!(event.fields["operation"], "find");
    assert_eq!(event.fields["summary"], "SELECT users");
    assert_eq!(event.fields["rows"], "2");
    assert!(event.fields["statement"].starts_with("SELECT \"id\""));
}

#[tokio::test]
async fn a_slow_statement_is_told_at_warn_instead() {
    let slow = |config: ormcore::Config| config.slow_statement(Duration::from_millis(5));
    let blog = Observed::blog_with(Sampler::AlwaysOn, slow).await;
    let (events, _guard) = Events::keep();
    let sleep = sql("SELECT pg_sleep(0.02)").summary("SELECT pg_sleep");
    sleep.execute(&blog.db).await.expect("a nap");

    let told = events.named("ormcore.slow_statement");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].level, Level::WARN);
    assert_eq!(told[0].fields["summary"], "SELECT pg_sleep");
    assert!(events.named("ormcore.statement").is_empty());
}

#[tokio::test]
async fn a_failure_is_told_at_warn_with_its_sqlstate_and_the_callers_line() {
    let blog = Observed::blog().await;
    blog.users(["Ada"]).await;
    let (events, _guard) = Events::keep();
    let again = User::insert(new_user("Ada")).execute(&blog.db);
    let line = line!() - 1;
    again.await.expect_err("the name is taken");

    let told = events.named("ormcore.statement_failed");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].level, Level::WARN);
    assert_eq!(told[0].fields["summary"], "INSERT users");
    let error = &told[0].fields["error"];
    for part in [
        "SQLSTATE 23505",
        "users_email_key",
        &format!("{}:{line}", file!()),
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
}

#[tokio::test]
async fn to_find_nothing_is_told_as_a_statement_like_any_other() {
    let blog = Observed::blog().await;
    let (events, _guard) = Events::keep();
    User::get(99).one(&blog.db).await.expect_err("nobody");
    let told = events.all();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].name, "ormcore.statement");
}

#[tokio::test]
async fn events_need_neither_spans_nor_metrics() {
    let database = database();
    let silent = config(&database).telemetry(false).connect().await;
    let db = silent.expect("a connection");
    let (events, _guard) = Events::keep();
    User::find().count(&db).await.expect("a count");
    assert_eq!(events.named("ormcore.statement").len(), 1);
}
