//! Transactions whose connection was lost, or not to be had: run again when nothing can have come of them.

use crate::blog::{User, new_user};
use crate::retries::Runs;
use crate::stage::{Stage, in_time};
use ormcore::{Error, ErrorKind, sql};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(1);

#[tokio::test]
async fn a_connection_that_ended_before_the_commit_is_replaced() {
    let stage = Stage::new().await;
    let runs = Runs::default();
    let done = stage.db.begin().retry(1).back_off(SHORT, SHORT);
    let done = done.run(async |tx| {
        User::insert(new_user("Ada")).execute(tx).await?;
        if runs.next() == 1 {
            stage.witness.terminate_subjects().await;
        }
        User::find().count(tx).await
    });
    assert_eq!(in_time(done).await.unwrap(), 1);
    assert_eq!(runs.so_far(), 2);
    assert_eq!(User::find().count(&stage.db).await.unwrap(), 1);
    stage.assert_clean().await;
}

#[tokio::test]
async fn so_is_one_that_ended_when_nothing_was_left_but_the_commit() {
    let stage = Stage::new().await;
    let runs = Runs::default();
    let done = stage.db.begin().retry(1).back_off(SHORT, SHORT);
    let done = done.run(async |tx| {
        User::insert(new_user("Ada")).execute(tx).await?;
        if runs.next() == 1 {
            stage.witness.terminate_subjects().await;
        }
        Ok::<_, Error>(())
    });
    match in_time(done).await {
        Ok(()) => assert_eq!(runs.so_far(), 2),
        // COMMIT was sent before the news came.
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::CommitUnknown);
            assert_eq!(runs.so_far(), 1);
        }
    }
    let stored = User::find().count(&stage.db).await.unwrap();
    assert_eq!(stored, u64::from(runs.so_far() - 1));
}

#[tokio::test]
async fn what_may_have_stood_for_itself_is_not_run_again() {
    let stage = Stage::new().await;
    let runs = Runs::default();
    stage.proxy.garble("BEGIN");
    let done = stage.db.begin().retry(3).run(async |tx| {
        runs.next();
        // The first one fails in a way that would pass.
        let insert = User::insert(new_user("Ada"));
        let refusal = sql("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$");
        let (refused, insert) = tokio::join!(refusal.execute(tx), insert.execute(tx));
        insert.and(refused)
    });
    let error = in_time(done).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(runs.so_far(), 1);
    assert_eq!(User::find().count(&stage.db).await.unwrap(), 1);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_commit_without_an_answer_is_never_run_again() {
    for delivered in [true, false] {
        let stage = Stage::new().await;
        stage.proxy.cut("COMMIT", delivered);
        let runs = Runs::default();
        let done = stage.db.begin().retry(3).run(async |tx| {
            runs.next();
            User::insert(new_user("Ada")).execute(tx).await
        });
        let error = in_time(done).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommitUnknown);
        assert!(!error.is_retryable());
        assert_eq!(runs.so_far(), 1);
        stage.assert_clean().await;
        let stored = User::find().count(&stage.db).await.unwrap();
        assert_eq!(stored, u64::from(delivered));
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_tried_again() {
    let stage = Stage::new().await;
    let upstream = crate::stage::port(stage.blog.database.url());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = nobody.local_addr().unwrap().port();
    drop(nobody);
    stage.proxy.redirect(closed);
    stage.witness.terminate_subjects().await;
    // Not before the news have arrived.
    let error = in_time(async {
        loop {
            if let Err(error) = User::find().count(&stage.db).await
                && error.kind() == ErrorKind::Connect
            {
                return error;
            }
        }
    })
    .await;
    assert!(error.is_retryable());
    let runs = Runs::default();
    let done = stage.db.begin().retry(10_000).back_off(SHORT, SHORT);
    let done = done.run(async |tx| {
        runs.next();
        User::insert(new_user("Ada")).execute(tx).await
    });
    let (done, ()) = in_time(async {
        tokio::join!(done, async {
            tokio::time::sleep(SHORT * 20).await;
            stage.proxy.redirect(upstream);
        })
    })
    .await;
    assert_eq!(done.unwrap(), 1);
    assert_eq!(runs.so_far(), 1);
    stage.assert_clean().await;
}
