//! LISTEN and NOTIFY: in order, to the right ears, and through the end of connections.

use crate::stage::{Stage, Witness, dropped_after, in_time, through};
use futures_util::StreamExt;
use ormcore::{Config, ErrorKind, Event, Listener, sql};
use std::time::Duration;

/// What is heard next, as `channel: payload`.
async fn heard(events: &mut Listener) -> String {
    match in_time(events.next()).await.expect("an event") {
        Event::Notification {
            channel, payload, ..
        } => format!("{channel}: {payload}"),
        other => panic!("a notification was expected: {other:?}"),
    }
}

async fn reconnected(events: &mut Listener) {
    assert_eq!(in_time(events.next()).await, Some(Event::Reconnected));
}

#[tokio::test]
async fn what_is_notified_is_heard_in_order_on_every_channel_that_is_listened_to() {
    let stage = Stage::new().await;
    let db = &stage.db;
    let odd = r#"it's "odd"; UNLISTEN *; é"#;
    let mut events = db.listen(["posts", "Users", odd, "posts"]).await.unwrap();
    for (channel, payload) in [
        ("posts", "1"),
        ("users", "not this one"),
        ("Users", ""),
        ("comments", "nor this"),
        (odd, "it's \"odd\"; $1"),
        ("posts", "2"),
    ] {
        db.notify(channel, payload).await.unwrap();
    }
    let odd = format!("{odd}: it's \"odd\"; $1");
    for expected in ["posts: 1", "Users: ", &*odd, "posts: 2"] {
        assert_eq!(heard(&mut events).await, expected);
    }
    let pid: i32 = sql("SELECT pg_backend_pid() FROM pg_notify('posts', '3')")
        .scalar(db)
        .await
        .unwrap();
    let event = in_time(StreamExt::next(&mut events)).await;
    assert!(
        matches!(&event, Some(Event::Notification { payload, pid: by, .. }) if payload == "3" && *by == pid),
        "{event:?}"
    );
}

#[tokio::test]
async fn a_transaction_is_heard_when_it_is_committed() {
    let stage = Stage::with(|config| config.pool_size(2)).await;
    let mut events = stage.db.listen(["news"]).await.unwrap();
    let mut tx = stage.db.begin().await.unwrap();
    tx.notify("news", "first of the transaction").await.unwrap();
    tx.notify("news", "first of the transaction").await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    savepoint.notify("news", "undone").await.unwrap();
    savepoint.rollback().await.unwrap();
    stage.db.notify("news", "before it").await.unwrap();
    tx.notify("news", "last of the transaction").await.unwrap();
    tx.commit().await.unwrap();
    let undone = stage.db.begin().await.unwrap();
    undone.notify("news", "never").await.unwrap();
    undone.rollback().await.unwrap();
    stage.db.notify("news", "end").await.unwrap();
    for expected in [
        "news: before it",
        "news: first of the transaction",
        "news: last of the transaction",
        "news: end",
    ] {
        assert_eq!(heard(&mut events).await, expected);
    }
}

#[tokio::test]
async fn a_payload_that_is_too_long_and_names_that_are_none_are_refused() {
    let stage = Stage::new().await;
    let (longest, db) = ("é".repeat(31) + "x", &stage.db);
    let mut events = db.listen([&longest]).await.unwrap();
    db.notify(&longest, &"x".repeat(7999)).await.unwrap();
    assert_eq!(heard(&mut events).await.len(), 63 + 2 + 7999);
    let error = db.notify("news", &"x".repeat(8000)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let text = error.to_string();
    assert!(
        text.contains("7999 bytes, and this one 8000") && text.contains("listening.rs"),
        "{text}"
    );
    let error = db.notify("news", "a\0b").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    for name in ["", &*"x".repeat(64)] {
        let error = db.notify(name, "").await.unwrap_err();
        assert_eq!(error.code(), Some("22023"), "{error}");
        assert!(error.location().unwrap().file().ends_with("listening.rs"));
    }
    let none: [&str; 0] = [];
    for (listening, expected) in [
        (db.listen(none).await, "no channel"),
        (db.listen([""]).await, "empty"),
        (db.listen(["x".repeat(64)]).await, "at most 63 bytes"),
        (db.listen(["a\0b"]).await, "NUL"),
    ] {
        let error = listening.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        let text = error.to_string();
        assert!(
            text.contains(expected) && text.contains("listening.rs"),
            "{text}"
        );
    }
    stage.db.notify(&longest, "still there").await.unwrap();
    assert!(heard(&mut events).await.ends_with(": still there"));
}

#[tokio::test]
async fn a_listener_has_a_connection_of_its_own_and_closes_it() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    // The only connection of the pool is taken.
    sql("SELECT 1").execute(&tx).await.unwrap();
    let mut events = in_time(stage.db.listen(["news"])).await.unwrap();
    tx.notify("news", "heard").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(heard(&mut events).await, "news: heard");
    assert!(
        stage
            .witness
            .sees("SELECT count(*) = 2 FROM subjects")
            .await
    );
    drop(events);
    stage.assert_clean().await;
}

#[tokio::test]
async fn nothing_is_lost_with_a_future_that_is_dropped() {
    let stage = Stage::new().await;
    let mut events = stage.db.listen(["numbers"]).await.unwrap();
    let notifying = async {
        for number in 0..200 {
            let number = number.to_string();
            stage.db.notify("numbers", &number).await.unwrap();
        }
    };
    let listening = async {
        let mut next = 0;
        while next < 200 {
            if let Some(event) = dropped_after(1, events.next()).await {
                let expected = next.to_string();
                assert!(
                    matches!(&event, Some(Event::Notification { payload, .. }) if *payload == expected),
                    "{event:?}"
                );
                next += 1;
            } else {
                tokio::task::yield_now().await;
            }
        }
    };
    in_time(async { tokio::join!(notifying, listening) }).await;
}

#[tokio::test]
async fn a_connection_that_ended_has_a_successor_that_misses_nothing() {
    let stage = Stage::with(|config| config.pool_size(1)).await;
    let writer = Witness::of(stage.blog.database.url()).await;
    writer
        .client()
        .batch_execute("CREATE TABLE numbers (number bigint PRIMARY KEY)")
        .await
        .unwrap();
    let mut events = stage.db.listen(["numbers"]).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let writing = tokio::spawn(async move {
        let sql =
            "WITH new AS (INSERT INTO numbers SELECT count(*) + 1 FROM numbers RETURNING number)
                   SELECT pg_notify('numbers', number::text) FROM new";
        let mut stopped = stopped;
        while stopped.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty) {
            writer.client().execute(sql, &[]).await.unwrap();
        }
    });
    let mut known = 0;
    let mut successors = 0;
    in_time(async {
        while successors < 4 {
            match events.next().await.expect("an event") {
                Event::Notification { payload, .. } => {
                    let number: i64 = payload.parse().unwrap();
                    // What was read after the new connection may be heard again, but nothing is left out.
                    assert!(number <= known + 1, "{number} after {known}");
                    known = known.max(number);
                    if number % 8 == 0 {
                        stage.witness.terminate_listeners().await;
                    }
                }
                Event::Reconnected => {
                    known = stage.witness.count("SELECT count(*) FROM numbers").await;
                    successors += 1;
                }
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
    assert!(known > 0);
    stop.send(()).unwrap();
    writing.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_with_the_answer_to_listen_is_heard() {
    let stage = Stage::new().await;
    // Whether the answer is kept back in time is a matter of luck.
    for _ in 0..30 {
        stage.proxy.sent();
        let listening = tokio::spawn(stage.db.listen(["news"]));
        in_time(async {
            while !stage.proxy.sent().contains('Q') {
                tokio::task::yield_now().await;
            }
        })
        .await;
        stage.proxy.hold(true);
        let listens =
            "SELECT count(*) = 1 FROM subjects WHERE query LIKE 'LISTEN%' AND state = 'idle'";
        stage.witness.until(listens).await;
        stage.blog.db.notify("news", "at once").await.unwrap();
        stage.proxy.hold(false);
        let mut events = in_time(listening).await.unwrap().unwrap();
        assert_eq!(heard(&mut events).await, "news: at once");
        drop(events);
        stage
            .witness
            .until("SELECT count(*) = 1 FROM subjects")
            .await;
    }
}

#[tokio::test]
async fn a_line_that_is_cut_is_noticed_by_asking() {
    let stage = Stage::new().await;
    let events = stage.db.listen(["news"]).await.unwrap();
    let mut events = events.check_after(Duration::from_millis(20));
    // Asked and answered some times, it stays as it is.
    stage.proxy.sent();
    let answered = in_time(async {
        tokio::select! {
            event = events.next() => panic!("{event:?}"),
            () = stage.proxy.until_sent("QQQ") => {}
        }
    });
    answered.await;
    stage.proxy.cut("pg_listening_channels", false);
    reconnected(&mut events).await;
    stage.db.notify("news", "after").await.unwrap();
    assert_eq!(heard(&mut events).await, "news: after");
}

#[tokio::test]
async fn a_server_that_is_silent_is_left_for_a_new_connection() {
    let patient = Duration::from_millis(200);
    let stage = Stage::with(|config| config.connect_timeout(patient)).await;
    let events = stage.db.listen(["news"]).await.unwrap();
    let mut events = events.check_after(Duration::from_millis(20));
    stage.proxy.freeze(true);
    let frozen = tokio::time::timeout(patient * 5, events.next()).await;
    assert!(frozen.is_err(), "{frozen:?}");
    stage.proxy.freeze(false);
    reconnected(&mut events).await;
    stage.blog.db.notify("news", "thawed").await.unwrap();
    assert_eq!(heard(&mut events).await, "news: thawed");
}

#[tokio::test]
async fn a_session_that_listens_no_more_is_found_out() {
    let stage = Stage::new().await;
    // Both names become the same on the way: the session listens to one channel instead of two.
    stage.proxy.garble("b\"");
    let events = stage.db.listen(["?", "b"]).await.unwrap();
    let mut events = events.check_after(Duration::from_millis(20));
    reconnected(&mut events).await;
    stage.db.notify("b", "heard").await.unwrap();
    assert_eq!(heard(&mut events).await, "b: heard");
}

#[tokio::test]
async fn what_cannot_be_listened_to_is_an_error_at_once_and_tried_again_later() {
    let stage = Stage::new().await;
    stage.proxy.garble("LISTEN");
    let error = stage.db.listen(["news"]).await.unwrap_err();
    assert_eq!(error.code(), Some("42601"), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("statement: LISTEN") && text.contains("listening.rs"),
        "{text}"
    );
    stage.proxy.cut("LISTEN", false);
    let error = stage.db.listen(["news"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error}");

    let mut events = stage.db.listen(["news"]).await.unwrap();
    stage.proxy.cut("LISTEN", true);
    stage.witness.terminate_listeners().await;
    reconnected(&mut events).await;
    stage.db.notify("news", "heard").await.unwrap();
    assert_eq!(heard(&mut events).await, "news: heard");
    // A closed `Db` gets no new connections.
    stage.db.close();
    let refused = stage.db.listen(["news"]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Usage, "{refused}");
    stage.witness.terminate_listeners().await;
    assert_eq!(in_time(events.next()).await, None);
    assert_eq!(in_time(events.next()).await, None);
}

#[tokio::test]
async fn a_listener_goes_round_a_pooler() {
    let stage = Stage::new().await;
    let url = stage.blog.database.url();
    let config = Config::new(&through(&stage.proxy, url)).unwrap();
    let db = config.direct_url(url).unwrap().connect().await.unwrap();
    stage.proxy.cut("LISTEN", true);
    let mut events = db.listen(["news"]).await.unwrap();
    db.notify("news", "heard").await.unwrap();
    assert_eq!(heard(&mut events).await, "news: heard");
    assert!(Config::new(url).unwrap().direct_url("nonsense://").is_err());
}
