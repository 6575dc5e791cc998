//! Files and database have to agree before anything runs.

use crate::database::{Empty, assert_says, empty};
use ormcore::ErrorKind;
use ormcore::migrate::{self, Migrations, State};

const FIRST: (&str, &str) = (
    "20260101_090000_first.sql",
    "-- UP\nCREATE TABLE first ();\n",
);
const SECOND: (&str, &str) = (
    "20260102_090000_second.sql",
    "-- UP\nCREATE TABLE second ();\n",
);
const THIRD: (&str, &str) = (
    "20260103_090000_third.sql",
    "-- UP\nCREATE TABLE third ();\n",
);

fn files<const N: usize>(files: [(&str, &str); N]) -> Migrations {
    Migrations::new(files).expect("migrations")
}

async fn after<const N: usize>(ran: [(&str, &str); N]) -> Empty {
    let empty = empty().await;
    migrate::run(&empty.db, files(ran))
        .await
        .expect("migrations");
    empty
}

/// Everything that looks at the files refuses them, with these words, and nothing runs.
async fn assert_refused(empty: &Empty, migrations: &Migrations, says: &[&str]) {
    let db = &empty.db;
    let before = empty.in_force().await;
    for refused in [
        migrate::run(db, migrations).await.expect_err("a refusal"),
        migrate::plan(db, migrations).await.expect_err("a refusal"),
        migrate::validate(db, migrations)
            .await
            .expect_err("a refusal"),
    ] {
        assert_eq!(refused.kind(), ErrorKind::Migration);
        assert_says(&refused, says);
        assert_says(&refused, &["nothing was run", "migrations/agreement.rs"]);
    }
    assert_eq!(empty.in_force().await, before);
    assert!(!empty.has("third").await);
}

async fn states(empty: &Empty, migrations: &Migrations) -> Vec<State> {
    let status = migrate::status(&empty.db, migrations)
        .await
        .expect("a status");
    status.iter().map(|one| one.state).collect()
}

#[tokio::test]
async fn a_file_that_changed_since_it_ran_is_refused_by_name() {
    let empty = after([FIRST, SECOND]).await;
    let changed = (
        "20260101_090000_first.sql",
        "-- UP\nCREATE TABLE other ();\n",
    );
    let now = files([changed, SECOND, THIRD]);
    let says = "`20260101_090000_first` ran, and its file is another now: restore it";
    assert_refused(&empty, &now, &[says]).await;
    let refused = migrate::down(&empty.db, &now, 1).await.unwrap_err();
    assert_says(&refused, &[says]);
    assert_eq!(
        states(&empty, &now).await,
        [State::Changed, State::Applied, State::Pending]
    );
    // With the ends of lines of another system it is the same.
    let windows = FIRST.1.replace('\n', "\r\n");
    let now = files([(FIRST.0, &windows), SECOND]);
    migrate::validate(&empty.db, &now).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_gone_is_refused_by_name() {
    let empty = after([FIRST, SECOND]).await;
    let now = files([SECOND, THIRD]);
    let says = "`20260101_090000_first` ran, and its file is not there: restore it";
    assert_refused(&empty, &now, &[says]).await;
    assert_eq!(
        states(&empty, &now).await,
        [State::Missing, State::Applied, State::Pending]
    );
}

#[tokio::test]
async fn one_that_is_older_than_what_ran_is_refused_unless_it_is_allowed() {
    let empty = after([FIRST, THIRD]).await;
    let now = files([FIRST, SECOND, THIRD]);
    let says = ["`20260102_090000_second` has not run, and a later one has"];
    let refused = migrate::run(&empty.db, &now).await.unwrap_err();
    assert_says(&refused, &says);
    assert_says(&refused, &["`.out_of_order()`"]);
    assert!(migrate::validate(&empty.db, &now).await.is_err());
    assert!(!empty.has("second").await);
    let expected = [State::Applied, State::Late, State::Applied];
    assert_eq!(states(&empty, &now).await, expected);

    let now = now.out_of_order();
    migrate::validate(&empty.db, &now).await.unwrap();
    assert_eq!(migrate::run(&empty.db, &now).await.unwrap().len(), 1);
    assert!(empty.has("second").await);
    // The version is that of the latest, not of the one that ran last.
    let current = migrate::current(&empty.db).await.unwrap();
    assert_eq!(current.map(|record| record.name).as_deref(), Some("third"));
}

#[tokio::test]
async fn all_faults_are_named_at_once() {
    let empty = after([FIRST, SECOND]).await;
    let changed = ("20260102_090000_second.sql", "-- UP\n");
    let refused = migrate::validate(&empty.db, files([changed]))
        .await
        .unwrap_err();
    assert_says(
        &refused,
        &[
            "`20260101_090000_first` ran",
            "`20260102_090000_second` ran",
        ],
    );
}

#[tokio::test]
async fn what_has_not_run_is_no_fault() {
    let empty = after([FIRST]).await;
    let now = files([FIRST, SECOND]);
    migrate::validate(&empty.db, &now).await.unwrap();
    // Before anything ran there is not even a table.
    let other = crate::database::empty().await;
    migrate::validate(&other.db, &now).await.unwrap();
    assert!(migrate::history(&other.db).await.unwrap().is_empty());
    assert_eq!(migrate::run(&other.db, files([])).await.unwrap(), []);
}
