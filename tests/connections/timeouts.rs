//! Time limits: ours, for servers that hang; PostgreSQL's own, for statements that take too long.

use crate::blog::{NewUser, User, new_user};
use crate::stage::{Stage, in_time};
use futures_util::{StreamExt as _, stream};
use ormcore::{ErrorKind, sql};
use std::time::Duration;

const LIMIT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_silent_server_loses_its_connection() {
    let stage = Stage::with(|config| config.statement_timeout(LIMIT)).await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    stage.proxy.freeze(true);
    let error = in_time(User::get(ada.id).one(&stage.db)).await.unwrap_err();
    // It only reads: nothing can have come of it.
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(!error.is_outcome_unknown());
    assert!(
        error.to_string().contains("Config::statement_timeout"),
        "{error}"
    );
    stage.proxy.freeze(false);
    assert_eq!(User::get(ada.id).one(&stage.db).await.unwrap().name, "Ada");
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_statement_past_the_limit_is_stopped_at_the_server() {
    let stage = Stage::with(|config| config.statement_timeout(LIMIT)).await;
    let error = in_time(sql("SELECT pg_sleep(600)").execute(&stage.db))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert!(error.is_outcome_unknown());
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_commit_that_is_not_answered_is_unknown() {
    let stage = Stage::with(|config| config.statement_timeout(LIMIT)).await;
    let tx = stage.db.begin().await.unwrap();
    User::insert(new_user("Ada")).execute(&tx).await.unwrap();
    stage.proxy.freeze(true);
    let error = in_time(tx.commit()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommitUnknown);
    assert!(error.to_string().contains("silent"), "{error}");
    stage.proxy.freeze(false);
    stage.assert_clean().await;
}

#[tokio::test]
async fn the_limit_is_for_silence_and_not_for_much_to_read() {
    let stage = Stage::with(|config| config.statement_timeout(LIMIT)).await;
    // A row every 10 ms, for five times the limit; each is too large to wait in a buffer.
    let text = "SELECT n::bigint AS id, repeat('x', 8000) AS name, '' AS email, NULL::int AS age, now() AS created_at
                FROM generate_series(1, 100) AS n, LATERAL (SELECT pg_sleep(0.01 + n * 0)) AS pause";
    let users: Vec<User> = in_time(sql(text).all(&stage.db)).await.unwrap();
    assert_eq!(users.len(), 100);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_program_that_stood_still_blames_nobody() {
    let stage = Stage::with(|config| config.statement_timeout(LIMIT)).await;
    let mut query = Box::pin(User::find().count(&stage.db));
    assert!(
        crate::stage::dropped_after(1, query.as_mut())
            .await
            .is_none()
    );
    // The runtime has one thread, and this blocks it.
    std::thread::sleep(LIMIT * 3);
    assert_eq!(in_time(query).await.unwrap(), 0);
}

#[tokio::test]
async fn idle_connections_have_no_limit() {
    let stage = Stage::with(|config| config.statement_timeout(Duration::from_millis(20))).await;
    let before = crate::stage::Session::ask(&stage.db).await;
    tokio::time::sleep(LIMIT).await;
    assert_eq!(crate::stage::Session::ask(&stage.db).await.pid, before.pid);
}

#[tokio::test]
async fn postgresqls_own_limit_leaves_the_connection_usable() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    sql("SET LOCAL statement_timeout = '20ms'")
        .execute(&tx)
        .await
        .unwrap();
    let error = in_time(sql("SELECT pg_sleep(600)").execute(&tx))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Timeout, Some("57014"))
    );
    let before = stage
        .witness
        .count("SELECT pid::bigint FROM subjects")
        .await;
    tx.rollback().await.unwrap();
    let after = crate::stage::Session::ask(&stage.db).await;
    assert_eq!(i64::from(after.pid), before);
    stage.assert_clean().await;
}

/// Linux shows the timers of sockets: `02` is one that probes, and its time is in hundredths of a second.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_idle_connection_is_probed_after_half_a_minute() {
    let stage = Stage::new().await;
    let port = format!("0100007F:{:04X}", stage.proxy.port());
    let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let timers: Vec<_> = sockets
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields[2] == port && fields[3] == "01")
        .map(|fields| fields[5].to_owned())
        .collect();
    let [timer] = timers.as_slice() else {
        panic!("one socket expected: {timers:?}")
    };
    let (kind, left) = timer.split_once(':').unwrap();
    let left = u32::from_str_radix(left, 16).unwrap();
    assert_eq!(kind, "02");
    assert!((1..=3000).contains(&left), "{left}");
}

#[tokio::test]
async fn a_server_that_waits_for_the_rows_of_a_copy_is_not_silent() {
    let stage = Stage::with(|config| config.statement_timeout(LIMIT)).await;
    let rows = stream::iter(["Ada", "Bob"]).then(|name| async move {
        tokio::time::sleep(LIMIT * 3).await;
        new_user(name)
    });
    let copy = User::copy_in_stream(rows).execute(&stage.db);
    assert_eq!(in_time(copy).await.unwrap(), 2);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_server_that_takes_no_more_rows_loses_its_connection() {
    let stage = Stage::with(|config| config.statement_timeout(LIMIT)).await;
    User::copy_in([new_user("Ada")])
        .execute(&stage.db)
        .await
        .unwrap();
    // More than any buffer on the way holds.
    let rows = (0..1_000).map(|number| {
        if number == 1 {
            stage.proxy.freeze(true);
        }
        NewUser {
            name: "x".repeat(100_000),
            ..new_user(&number.to_string())
        }
    });
    let error = in_time(User::copy_in(rows).execute(&stage.db))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    stage.proxy.freeze(false);
    assert_eq!(User::find().count(&stage.db).await.unwrap(), 1);
    stage.assert_clean().await;
}
