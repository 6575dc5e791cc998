//! What listeners tell: a span for LISTEN, none for waiting; a warning and a count when a connection ends.

use crate::events::Events;
use crate::observed::{Observed, attribute};
use opentelemetry::trace::SpanKind;
use ormcore::{Event, Listener, sql};
use tracing::Level;

/// Ends the connection of the listener, and waits for its successor.
pub(crate) async fn reconnect(blog: &Observed, events: &mut Listener) {
    let ended = "SELECT count(pg_terminate_backend(pid, 20000)) FROM pg_stat_activity
                 WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let ended: i64 = sql(ended).scalar(&blog.db).await.expect("a superuser");
    assert_eq!(ended, 1);
    assert_eq!(events.next().await, Some(Event::Reconnected));
}

#[tokio::test]
async fn listening_is_one_span_and_waiting_is_none() {
    let blog = Observed::blog().await;
    let mut events = blog.db.listen(["user_42"]).await.expect("a listener");
    let line = line!() - 1;
    let span = blog.only_span();
    assert_eq!(span.span_kind, SpanKind::Client);
    for (name, value) in [
        ("db.operation.name", "raw"),
        ("db.query.summary", "LISTEN"),
        // A name may tell whom it is about.
        ("db.query.text", "LISTEN"),
        ("code.line.number", &*line.to_string()),
    ] {
        assert_eq!(attribute(&span, name).as_deref(), Some(value));
    }
    blog.db.notify("user_42", "secret").await.expect("said");
    assert!(events.next().await.is_some());
    let span = blog.only_span();
    assert_eq!(
        attribute(&span, "db.query.summary").as_deref(),
        Some("NOTIFY")
    );
    let text = format!("{span:?}");
    assert!(
        !text.contains("secret") && !text.contains("user_42"),
        "{text}"
    );
}

#[tokio::test]
async fn a_connection_that_ended_is_a_warning_and_its_successor_is_counted() {
    let blog = Observed::blog().await;
    let mut events = blog.db.listen(["user_42"]).await.expect("a listener");
    let (told, _guard) = Events::keep();
    for _ in 0..2 {
        reconnect(&blog, &mut events).await;
    }
    let lost = told.named("ormcore.listener_lost");
    assert_eq!(lost.len(), 2);
    assert_eq!((lost[0].level, &*lost[0].target), (Level::WARN, "ormcore"));
    let why = &lost[0].fields["why"];
    assert!(why.contains("57P01"), "{why}");
    assert_eq!(told.named("ormcore.listener_reconnected").len(), 2);

    let metrics = blog.metrics();
    let counted = metrics
        .iter()
        .find(|metric| metric.name == "ormcore.listener.reconnects");
    let counted = counted.expect("a count");
    assert_eq!(counted.points.len(), 1);
    assert!(
        format!("{:?}", counted.points[0].value).contains('2'),
        "{counted:?}"
    );
}

#[tokio::test]
async fn a_server_that_refuses_to_have_a_listener_back_is_a_warning() {
    let blog = Observed::blog().await;
    let mut events = blog.db.listen(["user_42"]).await.expect("a listener");
    let allow = |allowed: bool| {
        let sql = "UPDATE pg_database SET datallowconn = $1 WHERE datname = current_database()";
        let sql = ormcore::sql(sql).bind(allowed);
        let db = blog.db.clone();
        async move { sql.execute(&db).await.expect("a superuser") }
    };
    let (told, _guard) = Events::keep();
    allow(false).await;
    let listening = async {
        reconnect(&blog, &mut events).await;
    };
    let until_told = async {
        while told.named("ormcore.listener_refused").is_empty() {
            tokio::task::yield_now().await;
        }
        allow(true).await;
    };
    tokio::join!(listening, until_told);
    let refused = told.named("ormcore.listener_refused");
    let error = &refused[0].fields["error"];
    assert!(
        error.contains("55000") && error.contains("listeners.rs"),
        "{error}"
    );
}
