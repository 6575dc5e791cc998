//! Every class of failure, and what may be done about it: whether anything can have been carried out, whether the whole may be
//! run again, and whether the connection is kept.

use crate::blog::{User, new_user};
use crate::proxy::Refusal::Told;
use crate::retries::Runs;
use crate::stage::{Stage, in_time};
use ormcore::{Error, ErrorKind, sql};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(1);

/// The codes with which a session ends: by the administrator, after a crash, at a start, by the network, by a pooler, by
/// whatever is beyond repair.
const ENDINGS: [&str; 6] = ["57P01", "57P02", "57P03", "08006", "08P01", "XX000"];

async fn stage() -> Stage {
    Stage::with(|config| config.connect_retries(0)).await
}

fn assert_is(error: &Error, kind: ErrorKind, code: &str, retryable: bool, unknown: bool) {
    assert_eq!(error.kind(), kind, "{code}: {error}");
    assert!(error.to_string().contains(code), "{code}: {error}");
    assert_eq!(error.is_retryable(), retryable, "{code}: {error}");
    assert_eq!(error.is_outcome_unknown(), unknown, "{code}: {error}");
}

#[tokio::test]
async fn nothing_was_done_where_no_connection_was_made() {
    let stage = stage().await;
    // A server that starts, is full, or is hidden by a pooler that gave up may get over it; a wrong password does not.
    for (code, passes) in [
        ("57P03", true),
        ("57P01", true),
        ("53300", true),
        ("08P01", true),
        ("08006", true),
        ("28P01", false),
        ("28000", false),
        ("3D000", false),
    ] {
        stage.witness.terminate_subjects().await;
        stage.proxy.refuse([Told(code)]);
        // Not before the news have arrived.
        let error = in_time(async {
            loop {
                match stage.db.begin().await {
                    Ok(_) => tokio::time::sleep(SHORT).await,
                    Err(error) => return error,
                }
            }
        });
        assert_is(&error.await, ErrorKind::Connect, code, passes, false);

        let runs = Runs::default();
        stage.proxy.refuse([Told(code)]);
        let done = stage.db.begin().retry(1).back_off(SHORT, SHORT);
        let done = done.run(async |tx| {
            runs.next();
            User::find().count(tx).await
        });
        assert_eq!(in_time(done).await.is_ok(), passes, "{code}");
        assert_eq!(runs.so_far(), u32::from(passes), "{code}");
        stage.proxy.refuse([]);
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn a_write_whose_session_ended_may_have_been_carried_out() {
    let stage = stage().await;
    for code in ENDINGS {
        let session = stage.assert_clean().await;
        // Its text is known already: what is looked for is the value.
        User::insert(new_user("Ada"))
            .execute(&stage.db)
            .await
            .unwrap();
        User::delete().all_rows().execute(&stage.db).await.unwrap();
        stage.proxy.fail("needle", code);
        let error = User::insert(new_user("needle"))
            .execute(&stage.db)
            .await
            .unwrap_err();
        assert_is(&error, ErrorKind::OutcomeUnknown, code, false, true);
        assert_ne!(stage.assert_clean().await, session, "{code}");
        assert_eq!(User::find().count(&stage.db).await.unwrap(), 0, "{code}");
    }
}

#[tokio::test]
async fn a_read_whose_session_ended_is_asked_again() {
    let stage = stage().await;
    for code in ENDINGS {
        let read = || User::find().filter(User::NAME.eq("needle")).all(&stage.db);
        read().await.unwrap();
        let session = stage.assert_clean().await;
        stage.proxy.fail("needle", code);
        assert_eq!(in_time(read()).await.unwrap().len(), 0, "{code}");
        assert_ne!(stage.assert_clean().await, session, "{code}");
    }
}

#[tokio::test]
async fn of_a_transaction_whose_session_ended_nothing_was_kept() {
    let stage = stage().await;
    for code in ENDINGS {
        let tx = stage.db.begin().await.unwrap();
        stage.proxy.fail("needle", code);
        let error = User::insert(new_user("needle"))
            .execute(&tx)
            .await
            .unwrap_err();
        assert_is(&error, ErrorKind::ConnectionLost, code, true, false);
        let error = tx.commit().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TransactionAborted, "{code}");

        let runs = Runs::default();
        stage.proxy.fail("needle", code);
        let done = stage.db.begin().retry(1).back_off(SHORT, SHORT);
        let done = done.run(async |tx| {
            runs.next();
            User::insert(new_user("needle")).execute(tx).await
        });
        in_time(done).await.unwrap();
        assert_eq!(runs.so_far(), 2, "{code}");
        assert_eq!(
            User::delete().all_rows().execute(&stage.db).await.unwrap(),
            1
        );
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn what_became_of_a_commit_whose_session_ended_is_unknown() {
    let stage = stage().await;
    for code in ENDINGS {
        let runs = Runs::default();
        stage.proxy.fail("COMMIT", code);
        let done = stage.db.begin().retry(3).back_off(SHORT, SHORT);
        let done = done.run(async |tx| {
            runs.next();
            User::insert(new_user("Ada")).execute(tx).await
        });
        let error = in_time(done).await.unwrap_err();
        assert_is(&error, ErrorKind::CommitUnknown, code, false, true);
        assert_eq!(runs.so_far(), 1, "{code}");
        stage.assert_clean().await;
    }
}

/// A function that fails with a code, and counts how often it was asked to, whatever is rolled back.
const RAISES: &str = "CREATE SEQUENCE asked;
    CREATE FUNCTION raises(code text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN PERFORM nextval('asked'); RAISE USING ERRCODE = code, MESSAGE = 'as the test says'; END $$";

async fn asked(stage: &Stage) -> i64 {
    let asked = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM asked";
    let asked = sql(asked).scalar(&stage.blog.db).await.expect("an answer");
    let anew = sql("SELECT setval('asked', 1, false)");
    anew.execute(&stage.blog.db).await.expect("an answer");
    asked
}

#[tokio::test]
async fn what_is_refused_by_a_session_that_goes_on_was_not_done() {
    let stage = stage().await;
    sql(RAISES).batch(&stage.blog.db).await.unwrap();
    let raises = |code: &str| sql("SELECT raises($1)").bind(code.to_owned());
    let session = stage.assert_clean().await;
    for (code, kind, passes, if_asked) in [
        ("40001", ErrorKind::Serialization, true, true),
        ("40P01", ErrorKind::Deadlock, true, true),
        ("55P03", ErrorKind::LockNotAvailable, false, true),
        ("25006", ErrorKind::ReadOnly, false, false),
        ("57014", ErrorKind::Cancelled, false, false),
        ("53300", ErrorKind::Database, false, false),
        ("53100", ErrorKind::Database, false, false),
        // Said of one message: the session goes on.
        ("08P01", ErrorKind::Database, false, false),
        ("XX000", ErrorKind::Database, false, false),
        ("25P03", ErrorKind::Database, false, false),
    ] {
        // One statement is never sent again by itself.
        let error = raises(code).execute(&stage.db).await.unwrap_err();
        assert_is(&error, kind, code, passes, false);
        assert_eq!(asked(&stage).await, 1, "{code}");
        for locks in [false, true] {
            let mut retry = stage.db.begin().retry(2).back_off(SHORT, SHORT);
            if locks {
                retry = retry.on_lock_not_available();
            }
            let done = retry.run(async |tx| raises(code).execute(tx).await);
            in_time(done).await.unwrap_err();
            let again = passes || if_asked && locks;
            assert_eq!(asked(&stage).await, if again { 3 } else { 1 }, "{code}");
        }
        assert_eq!(stage.assert_clean().await, session, "{code}");
    }
}
