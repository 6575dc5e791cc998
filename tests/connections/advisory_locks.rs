//! Advisory locks: who has one keeps the others out, until the transaction ends.

use crate::stage::{Stage, in_time};
use ormcore::{AdvisoryKey, Db, ErrorKind, Transaction};
use std::time::Duration;

async fn begin(db: &Db) -> Transaction {
    db.begin().await.expect("a transaction")
}

/// Whether somebody else could have it now.
async fn is_free(stage: &Stage, key: impl Into<AdvisoryKey>) -> bool {
    let tx = begin(&stage.blog.db).await;
    let free = tx.try_advisory_lock(key).await.expect("an answer");
    tx.rollback().await.expect("a rollback");
    free
}

#[tokio::test]
async fn locks_end_with_their_transaction_however_it_ends() {
    let stage = Stage::new().await;
    for end in 0..3 {
        let tx = begin(&stage.db).await;
        tx.advisory_lock("nightly report").await.unwrap();
        assert!(tx.try_advisory_lock((3, 4)).await.unwrap());
        assert!(!is_free(&stage, "nightly report").await);
        assert!(!is_free(&stage, (3, 4)).await);
        match end {
            0 => tx.commit().await.unwrap(),
            1 => tx.rollback().await.unwrap(),
            _ => drop(tx),
        }
        stage.assert_clean().await;
        assert!(is_free(&stage, "nightly report").await);
        assert!(is_free(&stage, (3, 4)).await);
    }
}

#[tokio::test]
async fn different_keys_do_not_get_in_each_others_way() {
    let stage = Stage::new().await;
    let tx = begin(&stage.db).await;
    tx.advisory_lock(1).await.unwrap();
    for other in [
        AdvisoryKey::from(2),
        (0, 1).into(),
        (1, 1).into(),
        "1".into(),
    ] {
        assert!(is_free(&stage, other).await, "{other:?}");
    }
    assert!(!is_free(&stage, 1).await);
    // Who has it may ask for it again.
    assert!(tx.try_advisory_lock(1).await.unwrap());
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn a_name_is_the_number_that_every_program_makes_of_it() {
    let stage = Stage::new().await;
    let tx = begin(&stage.db).await;
    // The published values of FNV-1a.
    tx.advisory_lock("foobar").await.unwrap();
    assert!(!is_free(&stage, 0x8594_4171_f739_67e8_u64.cast_signed()).await);
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn those_who_share_a_lock_keep_out_only_who_wants_it_alone() {
    let stage = Stage::new().await;
    let tx = begin(&stage.db).await;
    tx.advisory_lock_shared("shelf").await.unwrap();
    let other = begin(&stage.blog.db).await;
    assert!(other.try_advisory_lock_shared("shelf").await.unwrap());
    assert!(!other.try_advisory_lock("shelf").await.unwrap());
    tx.rollback().await.unwrap();
    assert!(other.try_advisory_lock("shelf").await.unwrap());
    other.rollback().await.unwrap();
}

#[tokio::test]
async fn who_waits_for_a_lock_gets_it_when_the_other_is_done() {
    let stage = Stage::new().await;
    let first = begin(&stage.blog.db).await;
    first.advisory_lock("door").await.unwrap();
    let second = begin(&stage.db).await;
    let waits = "SELECT count(*) = 1 FROM subjects WHERE wait_event = 'advisory'";
    let (locked, ()) = in_time(async {
        tokio::join!(second.advisory_lock("door"), async {
            stage.witness.until(waits).await;
            first.commit().await.unwrap();
        })
    })
    .await;
    locked.unwrap();
    assert!(!is_free(&stage, "door").await);
    second.rollback().await.unwrap();
}

#[tokio::test]
async fn who_has_waited_for_long_enough_is_told_so() {
    let stage = Stage::new().await;
    let first = begin(&stage.blog.db).await;
    first.advisory_lock("door").await.unwrap();
    let second = stage.db.begin().lock_timeout(Duration::from_millis(20));
    let second = second.await.unwrap();
    let error = in_time(second.advisory_lock("door")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LockNotAvailable);
    let place = error.location().unwrap();
    assert!(place.file().ends_with("advisory_locks.rs"), "{place}");
    second.rollback().await.unwrap();
    first.rollback().await.unwrap();
    stage.assert_clean().await;
}

const WAITING: &str = "SELECT count(*) = 1 FROM subjects WHERE wait_event = 'advisory'";

#[tokio::test]
async fn a_lock_of_its_own_session_outlasts_transactions_until_it_is_released_or_dropped() {
    let stage = Stage::new().await;
    // The pool has but one connection, which is somebody else's.
    let tx = begin(&stage.db).await;
    tx.try_advisory_lock(7).await.unwrap();
    for released in [true, false] {
        let lock = in_time(stage.db.advisory_lock("leader")).await.unwrap();
        assert!(lock.is_held() && !is_free(&stage, "leader").await);
        assert!(
            stage
                .blog
                .db
                .try_advisory_lock("leader")
                .await
                .unwrap()
                .is_none()
        );
        if released {
            lock.release().await.unwrap();
        } else {
            drop(lock);
        }
        let gone =
            "SELECT count(*) = 0 FROM subjects WHERE query LIKE '%advisory_lock($1) IS NOT NULL'";
        stage.witness.until(gone).await;
        assert!(is_free(&stage, "leader").await);
    }
    tx.rollback().await.unwrap();
    assert!(stage.db.try_advisory_lock((1, 2)).await.unwrap().is_some());
    stage
        .witness
        .until("SELECT count(*) = 1 FROM subjects")
        .await;
    stage.assert_clean().await;
}

#[tokio::test]
async fn those_who_share_a_lock_of_a_session_keep_out_who_wants_it_alone() {
    let stage = Stage::new().await;
    let one = stage.db.advisory_lock_shared(1).await.unwrap();
    let other = stage
        .blog
        .db
        .try_advisory_lock_shared(1)
        .await
        .unwrap()
        .expect("it is shared");
    assert!(stage.blog.db.try_advisory_lock(1).await.unwrap().is_none());
    let (alone, ()) = in_time(async {
        tokio::join!(stage.db.advisory_lock(1), async {
            stage.witness.until(WAITING).await;
            other.release().await.expect("a release");
            one.release().await.expect("a release");
        })
    })
    .await;
    assert!(
        stage
            .db
            .try_advisory_lock_shared(1)
            .await
            .unwrap()
            .is_none()
    );
    alone.unwrap().release().await.unwrap();
}

#[tokio::test]
async fn who_no_longer_waits_for_a_lock_of_a_session_is_gone_from_the_server() {
    let stage = Stage::new().await;
    let held = stage.blog.db.advisory_lock(1).await.unwrap();
    {
        let waits = std::pin::pin!(stage.db.advisory_lock(1));
        let seen = std::pin::pin!(stage.witness.until(WAITING));
        futures_util::future::select(waits, seen).await;
    }
    stage
        .witness
        .until("SELECT count(*) = 0 FROM subjects WHERE wait_event = 'advisory'")
        .await;
    held.release().await.unwrap();
    assert!(is_free(&stage, 1).await);
}

#[tokio::test]
async fn a_lock_whose_session_was_ended_says_so() {
    let stage = Stage::new().await;
    let lock = stage.db.advisory_lock(1).await.unwrap();
    stage.witness.terminate_subjects().await;
    in_time(async {
        while lock.is_held() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(is_free(&stage, 1).await);
    let error = lock.release().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error}");
    assert!(error.to_string().contains("advisory_locks.rs"), "{error}");
}
