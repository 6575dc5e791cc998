//! Migrations that are undone.

use crate::database::{assert_says, empty, migrations, shown};
use ormcore::migrate;
use ormcore::{ErrorKind, embed_migrations};

#[tokio::test]
async fn the_latest_are_undone_from_the_latest_on() {
    let empty = empty().await;
    let all = embed_migrations!("migrations/blog");
    migrate::run(&empty.db, &all).await.unwrap();
    let undone = migrate::down(&empty.db, &all, 2).await.unwrap();
    assert_eq!(
        shown(&undone),
        ["20260103_090000_titles down", "20260102_090000_posts down"]
    );
    assert!(empty.has("users").await && !empty.has("posts").await);
    let current = migrate::current(&empty.db).await.unwrap();
    assert_eq!(current.map(|record| record.name).as_deref(), Some("users"));

    // More than there are is all there are.
    assert_eq!(migrate::run(&empty.db, &all).await.unwrap().len(), 2);
    assert_eq!(
        migrate::down(&empty.db, &all, usize::MAX)
            .await
            .unwrap()
            .len(),
        3
    );
    assert!(!empty.has("users").await);
    assert_eq!(migrate::current(&empty.db).await.unwrap(), None);
    assert!(migrate::down(&empty.db, &all, 1).await.unwrap().is_empty());

    // What was undone is a part of the history.
    let history = migrate::history(&empty.db).await.unwrap();
    let names: Vec<_> = history.iter().map(|record| &*record.name).collect();
    assert_eq!(names, ["users", "posts", "titles", "posts", "titles"]);
    for record in &history {
        assert!(
            record
                .undone_at
                .is_some_and(|undone| undone > record.applied_at)
        );
    }
}

#[tokio::test]
async fn nothing_is_undone_where_one_has_no_down() {
    let empty = empty().await;
    let one = ("one", "-- UP\nCREATE TABLE a ();\n");
    let two = ("two", "-- UP\nCREATE TABLE b ();\n-- DOWN\nDROP TABLE b;\n");
    let all = migrations([one, two]);
    migrate::run(&empty.db, &all).await.unwrap();
    for refused in [
        migrate::down(&empty.db, &all, 2).await.unwrap_err(),
        migrate::plan_down(&empty.db, &all, 2).await.unwrap_err(),
    ] {
        assert_eq!(refused.kind(), ErrorKind::Migration);
        assert_says(&refused, &["`20260101_090000_one` has no line `-- DOWN`"]);
    }
    assert!(empty.has("b").await);
    assert_eq!(migrate::down(&empty.db, &all, 1).await.unwrap().len(), 1);
    assert!(!empty.has("b").await);
}

#[tokio::test]
async fn a_down_that_fails_is_undone_itself() {
    let empty = empty().await;
    let file = "-- UP\nCREATE TABLE a ();\n-- DOWN\nDROP TABLE a;\n\nDROP TABLE nowhere;\n";
    let all = migrations([("one", file)]);
    migrate::run(&empty.db, &all).await.unwrap();
    let refused = migrate::down(&empty.db, &all, 1).await.unwrap_err();
    assert_says(
        &refused,
        &["`20260101_090000_one down`, statement 2 of 2, line 6"],
    );
    assert!(empty.has("a").await);
    assert_eq!(empty.in_force().await, 1);
}
