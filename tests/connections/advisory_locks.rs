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
