//! Who does not know what became of something is told so, and can ask.

use crate::blog::{User, new_user};
use crate::stage::{Stage, in_time};
use ormcore::{Db, ErrorKind, TransactionId, TransactionStatus, sql};
use std::time::Duration;

/// What became of it, once that is decided.
async fn outcome(db: &Db, id: TransactionId) -> TransactionStatus {
    in_time(async {
        loop {
            match db.transaction_status(id).await.expect("a status") {
                TransactionStatus::InProgress => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                status => return status,
            }
        }
    })
    .await
}

async fn users(stage: &Stage) -> u64 {
    User::find().count(&stage.blog.db).await.expect("a count")
}

#[tokio::test]
async fn what_became_of_a_commit_without_an_answer_can_be_asked() {
    for (delivered, expected) in [
        (true, TransactionStatus::Committed),
        (false, TransactionStatus::Aborted),
    ] {
        let stage = Stage::new().await;
        stage.proxy.cut("COMMIT", delivered);
        let tx = stage.db.begin().traceable().await.unwrap();
        User::insert(new_user("Ada")).execute(&tx).await.unwrap();
        let id = tx.id();
        let error = tx.commit().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommitUnknown);
        assert_eq!(error.transaction_id(), id);
        assert_eq!(outcome(&stage.db, id.unwrap()).await, expected);
        assert_eq!(users(&stage).await, u64::from(delivered));
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn so_can_that_of_one_that_a_silent_server_carried_out() {
    let limit = Duration::from_millis(200);
    let stage = Stage::with(|config| config.statement_timeout(limit)).await;
    let tx = stage.db.begin().traceable().await.unwrap();
    User::insert(new_user("Ada")).execute(&tx).await.unwrap();
    stage.proxy.hold(true);
    let error = in_time(tx.commit()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommitUnknown);
    stage.proxy.hold(false);
    let id = error.transaction_id().unwrap();
    let status = outcome(&stage.db, id).await;
    assert_eq!(status, TransactionStatus::Committed);
    assert_eq!(users(&stage).await, 1);
}

#[tokio::test]
async fn a_transaction_has_the_number_the_server_knows_it_by() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().traceable().await.unwrap();
    assert_eq!(tx.id(), None, "nothing was asked yet");
    User::insert(new_user("Ada")).execute(&tx).await.unwrap();
    let id = tx.id().unwrap();
    let assigned = "SELECT backend_xid::text::bigint FROM subjects";
    let assigned = stage.witness.count(assigned).await;
    // What others see of it lacks the upper half.
    assert_eq!(id.get() & 0xffff_ffff, u64::try_from(assigned).unwrap());
    let status = stage.blog.db.transaction_status(id).await;
    assert_eq!(status.unwrap(), TransactionStatus::InProgress);
    tx.commit().await.unwrap();
    let status = stage.db.transaction_status(id).await;
    assert_eq!(status.unwrap(), TransactionStatus::Committed);

    let tx = stage.db.begin().traceable().await.unwrap();
    User::find().count(&tx).await.unwrap();
    let id = tx.id().unwrap();
    tx.rollback().await.unwrap();
    let status = stage.db.transaction_status(id).await;
    assert_eq!(status.unwrap(), TransactionStatus::Aborted);

    let never = TransactionId::new((1 << 60) + 1000);
    let status = stage.db.transaction_status(never).await;
    assert_eq!(status.unwrap(), TransactionStatus::Unknown);
    stage.assert_clean().await;
}

#[tokio::test]
async fn who_did_not_ask_for_a_number_or_only_reads_has_none() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    User::insert(new_user("Ada")).execute(&tx).await.unwrap();
    assert_eq!(tx.id(), None);
    stage.proxy.cut("COMMIT", true);
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.transaction_id(), None);
    let tx = stage.db.begin().traceable().read_only().await.unwrap();
    assert_eq!(User::find().count(&tx).await.unwrap(), 1);
    assert_eq!(tx.id(), None);
    tx.commit().await.unwrap();
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_write_that_may_have_been_executed_is_not_said_to_have_failed() {
    for delivered in [true, false] {
        let stage = Stage::new().await;
        stage.proxy.cut("a needle", delivered);
        // In one message, unlike what is prepared.
        let insert = "INSERT INTO users (name, email) VALUES ('a needle', 'needle@example.org')";
        let error = sql(insert).batch(&stage.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
        assert!(error.is_outcome_unknown() && !error.is_retryable());
        stage.assert_clean().await;
        assert_eq!(users(&stage).await, u64::from(delivered));
    }
}

#[tokio::test]
async fn what_is_said_to_be_idempotent_is_sent_once_more() {
    for delivered in [true, false] {
        let stage = Stage::new().await;
        User::insert(new_user("Ada"))
            .execute(&stage.db)
            .await
            .unwrap();
        let update =
            || sql("UPDATE users SET age = 7 WHERE name <> $1").bind("a needle".to_owned());
        stage.proxy.cut("a needle", delivered);
        let error = update().execute(&stage.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
        User::find().count(&stage.db).await.unwrap();
        stage.proxy.cut("a needle", delivered);
        let updated = update().idempotent().execute(&stage.db).await;
        assert_eq!(updated.unwrap(), 1);
        // Inside of a transaction there is nothing to repeat.
        let tx = stage.db.begin().await.unwrap();
        stage.proxy.cut("a needle", delivered);
        let error = update().idempotent().execute(&tx).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost);
        tx.commit().await.unwrap_err();
        stage.assert_clean().await;
    }
}
