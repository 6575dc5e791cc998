//! Savepoints: a part of a transaction that is kept or undone by itself.

use crate::blog::{User, new_user};
use crate::stage::{Session, Stage, dropped_after};
use ormcore::{Db, ErrorKind, Executor, Result};
use std::time::Duration;

async fn names(stage: &Stage) -> Vec<String> {
    let users = User::find().order_by(User::NAME).all(&stage.blog.db).await;
    users
        .expect("users")
        .into_iter()
        .map(|user| user.name)
        .collect()
}

async fn insert(executor: &impl Executor, name: &str) -> Result<()> {
    User::insert(new_user(name))
        .execute(executor)
        .await
        .map(|_| ())
}

#[tokio::test]
async fn what_is_released_is_kept_and_the_rest_is_not() {
    let stage = Stage::new().await;
    let mut tx = stage.db.begin().await.unwrap();
    insert(&tx, "outer").await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    insert(&savepoint, "released").await.unwrap();
    savepoint.release().await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    insert(&savepoint, "rolled back").await.unwrap();
    savepoint.rollback().await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    insert(&savepoint, "dropped").await.unwrap();
    drop(savepoint);
    insert(&tx, "after").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&stage).await, ["after", "outer", "released"]);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_savepoint_dropped_last_is_undone_before_the_commit() {
    let stage = Stage::new().await;
    let mut tx = stage.db.begin().await.unwrap();
    insert(&tx, "outer").await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    insert(&savepoint, "dropped").await.unwrap();
    drop(savepoint);
    tx.commit().await.unwrap();
    assert_eq!(names(&stage).await, ["outer"]);
}

#[tokio::test]
async fn a_failure_inside_is_undone_with_it() {
    let stage = Stage::new().await;
    let mut tx = stage.db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    insert(&savepoint, "Bob").await.unwrap();
    let violation = insert(&savepoint, "Ada").await.unwrap_err();
    assert!(violation.is_unique_violation());
    let error = savepoint.release().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    assert!(error.to_string().contains("users_email_key"), "{error}");
    insert(&tx, "Cy").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&stage).await, ["Ada", "Cy"]);
}

#[tokio::test]
async fn a_failure_before_a_savepoint_is_not_undone_with_it() {
    let stage = Stage::new().await;
    let mut tx = stage.db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    insert(&tx, "Ada").await.unwrap_err();
    let error = tx.savepoint().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    tx.commit().await.unwrap_err();
    assert!(names(&stage).await.is_empty());
}

#[tokio::test]
async fn a_failure_beside_the_undoing_of_a_savepoint_bars_the_commit() {
    let stage = Stage::new().await;
    // Not through the proxy, which sends message by message: nobody reads the answer to the undoing, and of one that comes in
    // more than two pieces the driver keeps the rest to itself, and all that comes after.
    let db = Db::connect(stage.blog.database.url()).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    drop(tx.savepoint().await.unwrap());
    // It begins with the undoing, and is itself never sent.
    let mut undoing = Box::pin(insert(&tx, "A\0da"));
    assert!(dropped_after(1, undoing.as_mut()).await.is_none());
    let violation = insert(&tx, "Ada").await.unwrap_err();
    assert!(violation.is_unique_violation());
    assert_eq!(undoing.await.unwrap_err().kind(), ErrorKind::Encode);
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    assert!(names(&stage).await.is_empty());
    assert!(!Session::ask(&db).await.in_transaction);
}

#[tokio::test]
async fn an_outer_savepoint_takes_the_inner_ones_along() {
    let stage = Stage::new().await;
    let mut tx = stage.db.begin().await.unwrap();
    let mut outer = tx.savepoint().await.unwrap();
    insert(&outer, "outer").await.unwrap();
    let inner = outer.savepoint().await.unwrap();
    insert(&inner, "inner, released").await.unwrap();
    inner.release().await.unwrap();
    let inner = outer.savepoint().await.unwrap();
    insert(&inner, "inner, dropped").await.unwrap();
    drop(inner);
    drop(outer);
    insert(&tx, "after").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&stage).await, ["after"]);
}

#[tokio::test]
async fn an_inner_savepoint_is_undone_without_the_outer_one() {
    let stage = Stage::new().await;
    let mut tx = stage.db.begin().await.unwrap();
    let mut outer = tx.savepoint().await.unwrap();
    insert(&outer, "outer").await.unwrap();
    let inner = outer.savepoint().await.unwrap();
    insert(&inner, "outer").await.unwrap_err();
    drop(inner);
    outer.release().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&stage).await, ["outer"]);
}

#[tokio::test]
async fn an_attempt_is_kept_when_it_is_ok_and_undone_when_it_is_not() {
    let stage = Stage::new().await;
    let mut tx = stage.db.begin().await.unwrap();
    insert(&tx, "outer").await.unwrap();
    let kept = tx.attempt(async |savepoint| insert(savepoint, "kept").await);
    kept.await.unwrap();
    let violation = tx
        .attempt(async |savepoint| {
            insert(savepoint, "undone").await?;
            insert(savepoint, "outer").await
        })
        .await
        .unwrap_err();
    assert!(violation.is_unique_violation());
    let swallowed: Result<()> = tx
        .attempt(async |savepoint| {
            let _ = insert(savepoint, "outer").await;
            Ok(())
        })
        .await;
    assert_eq!(swallowed.unwrap_err().kind(), ErrorKind::TransactionAborted);
    insert(&tx, "after").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&stage).await, ["after", "kept", "outer"]);
    stage.assert_clean().await;
}

#[tokio::test]
async fn attempts_are_made_inside_of_each_other() {
    let stage = Stage::new().await;
    let done: Result<()> = stage
        .db
        .transaction(async |tx| {
            tx.attempt(async |outer| {
                insert(outer, "outer").await?;
                let inner = outer.attempt(async |inner| {
                    insert(inner, "inner").await?;
                    insert(inner, "outer").await
                });
                inner.await.unwrap_err();
                let dropped = outer.attempt(async |inner| {
                    insert(inner, "dropped").await?;
                    std::future::pending::<Result<()>>().await
                });
                let limit = Duration::from_millis(50);
                assert!(tokio::time::timeout(limit, dropped).await.is_err());
                insert(outer, "second").await
            })
            .await
        })
        .await;
    done.unwrap();
    assert_eq!(names(&stage).await, ["outer", "second"]);
    stage.assert_clean().await;
}
