//! Of programs that start at once, one runs the migrations.

use crate::database::{empty, in_time, migrations, until};
use ormcore::migrate;
use ormcore::{Db, embed_migrations, sql};

/// One of the migrations makes an index CONCURRENTLY, which waits for everybody's statements: also for those of programs that
/// wait for the lock, if they did so in one.
#[tokio::test]
async fn programs_that_start_at_once_run_everything_once() {
    let empty = empty().await;
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(Db::connect(empty.database.url()).await.unwrap());
    }
    let runs = others.iter().map(|db| {
        let migrations = embed_migrations!("migrations/blog");
        async move { migrate::run(db, migrations).await.unwrap().len() }
    });
    let ran = in_time(futures_util::future::join_all(runs)).await;
    assert_eq!(ran.iter().sum::<usize>(), 3, "{ran:?}");
    assert_eq!(ran.iter().filter(|ran| **ran > 0).count(), 1, "{ran:?}");
    assert_eq!(empty.in_force().await, 3);
    assert!(!empty.is_locked().await);
}

#[tokio::test]
async fn who_comes_second_waits_and_finds_nothing_to_do() {
    let empty = empty().await;
    let migrations = migrations([("one", "-- UP\nCREATE TABLE a ();")]);
    let first = empty.db.advisory_lock("ormcore_migrations").await.unwrap();
    let (db, all) = (empty.db.clone(), migrations.clone());
    let second = tokio::spawn(async move { migrate::run(&db, all).await });
    let waits = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() \
                 AND query LIKE '%pg_try_advisory_lock%' AND query NOT LIKE '%pg_stat_activity%' AND state = 'idle'";
    until(async || sql(waits).scalar(&empty.db).await.unwrap()).await;
    assert!(!empty.has("a").await);
    first.release().await.unwrap();
    assert_eq!(in_time(second).await.unwrap().unwrap().len(), 1);
    assert!(empty.has("a").await);
}

/// Should the lock ever be lost, a migration still counts once.
#[tokio::test]
async fn a_migration_is_in_force_once_at_most() {
    let empty = empty().await;
    let migrations = migrations([("one", "-- UP\n")]);
    migrate::run(&empty.db, migrations).await.unwrap();
    let again = sql(
        "INSERT INTO ormcore_migrations (version, name, checksum, took_ms) \
         SELECT version, name, checksum, took_ms FROM ormcore_migrations",
    );
    let refused = again.execute(&empty.db).await.unwrap_err();
    assert_eq!(refused.constraint(), Some("ormcore_migrations_in_force"));
}
