//! What remains of a migration that fails, and what is said about it.

use crate::database::{assert_says, empty, migrations};
use ormcore::migrate;
use ormcore::{ErrorKind, sql};

const GOOD: &str = "-- UP\nCREATE TABLE good ();\n";

#[tokio::test]
async fn nothing_is_kept_of_one_that_fails_and_those_before_it_stay() {
    let empty = empty().await;
    let bad = "-- What for.\n\n-- UP\nCREATE TABLE half (id int);\n\nINSERT INTO half\n  VALUES (1), (nonsense);\n";
    let never = "-- UP\nCREATE TABLE never ();\n";
    let all = migrations([("good", GOOD), ("bad", bad), ("never", never)]);
    let refused = migrate::run(&empty.db, &all).await.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.code()),
        (ErrorKind::Database, Some("42703"))
    );
    assert_says(
        &refused,
        &[
            "`20260102_090000_bad up`, statement 2 of 2, line 7; nothing of it was kept",
            "INSERT INTO half",
            "migrations/failures.rs",
        ],
    );
    assert!(empty.has("good").await && !empty.has("half").await && !empty.has("never").await);
    assert_eq!(empty.in_force().await, 1);
    assert!(!empty.is_locked().await);

    let mended = bad.replace("nonsense", "2");
    let all = migrations([("good", GOOD), ("bad", &mended), ("never", never)]);
    assert_eq!(migrate::run(&empty.db, &all).await.unwrap().len(), 2);
    assert!(empty.has("never").await);
}

/// Where PostgreSQL tells no position, it is the statement's first line.
#[tokio::test]
async fn a_failure_without_a_position_is_at_its_statement() {
    let empty = empty().await;
    let twice = "-- UP\nCREATE TABLE good ();\n-- Again.\nCREATE TABLE\n  good ();\n";
    let refused = migrate::run(&empty.db, migrations([("twice", twice)])).await;
    assert_says(&refused.unwrap_err(), &["statement 2 of 2, line 4;"]);
}

#[tokio::test]
async fn what_only_the_commit_finds_is_an_error_of_the_migration() {
    let empty = empty().await;
    let late = "-- UP\nCREATE TABLE good (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);\n\
                INSERT INTO good VALUES (1), (1);\n";
    let refused = migrate::run(&empty.db, migrations([("late", late)]))
        .await
        .unwrap_err();
    assert!(refused.is_unique_violation(), "{refused}");
    assert_says(&refused, &["`20260101_090000_late up`, COMMIT"]);
    assert!(!empty.has("good").await);
    assert_eq!(empty.in_force().await, 0);
}

#[tokio::test]
async fn a_migration_does_not_end_its_own_transaction() {
    let empty = empty().await;
    let commits = "-- UP\nCREATE TABLE half ();\nCOMMIT;\nCREATE TABLE half ();\n";
    let refused = migrate::run(&empty.db, migrations([("commits", commits)]))
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Usage);
    assert_says(
        &refused,
        &["`20260101_090000_commits up`, statement 2 of 3, line 3"],
    );
    assert!(!empty.has("half").await);
}

#[tokio::test]
async fn without_a_transaction_the_error_says_what_stays() {
    let empty = empty().await;
    let file = "-- NO TRANSACTION\n-- UP\nCREATE TABLE IF NOT EXISTS half (id int);\n\
                CREATE INDEX CONCURRENTLY IF NOT EXISTS half_id ON half (nonsense);\n";
    let all = migrations([("half", file)]);
    for _ in 0..2 {
        let refused = migrate::run(&empty.db, &all).await.unwrap_err();
        assert_says(
            &refused,
            &[
                "`20260101_090000_half up`, statement 2 of 2, line 4",
                "it runs without a transaction: the statement before it is done and stays",
                "does not count as run; an index it was making may be left invalid",
            ],
        );
        assert!(empty.has("half").await);
        assert_eq!(empty.in_force().await, 0);
    }
    // A new text is no change, as long as it has not run.
    let mended = file.replace("nonsense", "id");
    migrate::run(&empty.db, migrations([("half", &mended)]))
        .await
        .unwrap();
    assert!(empty.has("half_id").await);
}

/// A value in an error of PostgreSQL is not in ours.
#[tokio::test]
async fn errors_hold_no_values() {
    let empty = empty().await;
    let seed = sql("CREATE TABLE people (age text); INSERT INTO people VALUES ('secret')");
    seed.batch(&empty.db).await.unwrap();
    let file = "-- UP\nALTER TABLE people ALTER age TYPE int USING age::int;\n";
    let refused = migrate::run(&empty.db, migrations([("ages", file)]))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("22P02"));
    assert!(!refused.to_string().contains("secret"), "{refused}");
}
