//! Futures that are dropped while a migration runs.

use crate::database::{Empty, empty, in_time, migrations, until};
use ormcore::migrate::{self, Migrations};
use ormcore::sql;
use std::pin::pin;

/// Drops a run while its migration sleeps.
async fn drop_asleep(empty: &Empty, migrations: &Migrations) {
    let mut run = Box::pin(migrate::run(&empty.db, migrations));
    let asleep = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() \
                  AND state = 'active' AND wait_event = 'PgSleep'";
    let mut waiting = pin!(until(async || sql(asleep)
        .scalar(&empty.db)
        .await
        .expect("an answer")));
    std::future::poll_fn(|context| {
        assert!(run.as_mut().poll(context).is_pending(), "it ended");
        waiting.as_mut().poll(context)
    })
    .await;
    assert!(empty.is_locked().await);
    drop(run);
    // The lock, the connections and what ran on them are gone.
    let alone = "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() \
                 AND (state <> 'idle' OR query LIKE '%sleep%') AND query NOT LIKE '%pg_stat_activity%'";
    until(async || sql(alone).scalar(&empty.db).await.expect("an answer")).await;
    until(async || !empty.is_locked().await).await;
}

#[tokio::test]
async fn no_lock_and_no_half_of_a_transaction_is_left() {
    let empty = empty().await;
    let sleeps = "-- UP\nCREATE TABLE half ();\nSELECT pg_sleep(600);\n";
    drop_asleep(&empty, &migrations([("sleeps", sleeps)])).await;
    assert!(!empty.has("half").await);
    assert_eq!(empty.in_force().await, 0);
    let awake = migrations([("sleeps", "-- UP\nCREATE TABLE half ();\n")]);
    assert_eq!(
        in_time(migrate::run(&empty.db, awake)).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn what_runs_without_a_transaction_is_stopped_and_does_not_count() {
    let empty = empty().await;
    let sleeps = "-- NO TRANSACTION\n-- UP\nCREATE TABLE half ();\nSELECT pg_sleep(600);\n";
    drop_asleep(&empty, &migrations([("sleeps", sleeps)])).await;
    assert!(empty.has("half").await);
    assert_eq!(empty.in_force().await, 0);
}

/// Also one that waits for the lock.
#[tokio::test]
async fn who_waits_in_vain_leaves_nothing() {
    let empty = empty().await;
    let all = migrations([("one", "-- UP\n")]);
    let other = empty.db.advisory_lock("ormcore_migrations").await.unwrap();
    let mut run = Box::pin(migrate::run(&empty.db, &all));
    let waits = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() \
                 AND query LIKE '%pg_try_advisory_lock%' AND query NOT LIKE '%pg_stat_activity%'";
    let mut waiting = pin!(until(async || sql(waits).scalar(&empty.db).await.unwrap()));
    std::future::poll_fn(|context| {
        assert!(run.as_mut().poll(context).is_pending(), "it ended");
        waiting.as_mut().poll(context)
    })
    .await;
    drop(run);
    other.release().await.unwrap();
    until(async || !empty.is_locked().await).await;
    assert_eq!(
        in_time(migrate::run(&empty.db, &all)).await.unwrap().len(),
        1
    );
}
