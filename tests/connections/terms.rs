//! What is said about a transaction before it begins: it is so inside, travels with BEGIN, and is over with the transaction.

use crate::blog::{User, new_user};
use crate::stage::{Session, Stage, in_time};
use ormcore::{Entity, ErrorKind, Executor, Isolation, Transaction, sql};
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Entity, Debug)]
struct Setting {
    #[orm(primary_key)]
    name: String,
    setting: String,
}

async fn settings(executor: &impl Executor) -> BTreeMap<String, String> {
    let text = "SELECT name, setting FROM pg_settings WHERE name LIKE 'transaction\\_%' OR name LIKE '%\\_timeout'";
    let settings: Vec<Setting> = sql(text).all(executor).await.expect("settings");
    settings
        .into_iter()
        .map(|Setting { name, setting }| (name, setting))
        .collect()
}

async fn assert_settings(tx: Transaction, expected: &[(&str, &str)]) {
    let found = settings(&tx).await;
    for (name, setting) in expected {
        assert_eq!(found[*name], *setting, "{name}");
    }
    tx.commit().await.expect("a commit");
}

const fn milliseconds(number: u64) -> Duration {
    Duration::from_millis(number)
}

#[tokio::test]
async fn a_transaction_is_what_it_was_asked_to_be_and_its_connection_is_afterwards_as_it_was() {
    let stage = Stage::new().await;
    let db = &stage.db;
    let before = settings(db).await;
    let session = stage.assert_clean().await;

    for (isolation, name) in [
        (Isolation::ReadUncommitted, "read uncommitted"),
        (Isolation::ReadCommitted, "read committed"),
        (Isolation::RepeatableRead, "repeatable read"),
        (Isolation::Serializable, "serializable"),
    ] {
        let tx = db.begin().isolation(isolation).await.unwrap();
        assert_settings(tx, &[("transaction_isolation", name)]).await;
    }
    let tx = db.begin().isolation(Isolation::Serializable);
    let tx = tx.read_only().deferrable().await.unwrap();
    let expected = [
        ("transaction_isolation", "serializable"),
        ("transaction_read_only", "on"),
        ("transaction_deferrable", "on"),
    ];
    assert_settings(tx, &expected).await;
    let tx = db.begin().statement_timeout(milliseconds(70_001));
    let tx = tx.lock_timeout(milliseconds(70_002));
    let tx = tx.idle_timeout(milliseconds(70_003)).await.unwrap();
    let expected = [
        ("statement_timeout", "70001"),
        ("lock_timeout", "70002"),
        ("idle_in_transaction_session_timeout", "70003"),
    ];
    assert_settings(tx, &expected).await;
    let tx = db.begin().lock_timeout(None).await.unwrap();
    assert_settings(tx, &[("lock_timeout", "0")]).await;

    assert_eq!(settings(db).await, before);
    assert_eq!(stage.assert_clean().await, session);
}

#[tokio::test]
async fn all_of_it_travels_in_one_message_with_the_first_statement() {
    let stage = Stage::new().await;
    User::find().count(&stage.db).await.unwrap();
    stage.proxy.sent();
    stage.proxy.hold(true);
    let tx = stage.db.begin().isolation(Isolation::Serializable);
    let tx = tx.statement_timeout(milliseconds(70_000)).traceable();
    let tx = tx.await.unwrap();
    assert_eq!(stage.proxy.sent(), "");
    let (count, ()) = in_time(async {
        tokio::join!(User::find().count(&tx), async {
            stage.proxy.until_sent("QBES").await;
            stage.proxy.hold(false);
        })
    })
    .await;
    assert_eq!(count.unwrap(), 0);
    assert!(tx.id().is_some());
    tx.commit().await.unwrap();
    assert_eq!(stage.proxy.sent(), "Q");
    stage.assert_clean().await;
}

#[tokio::test]
async fn repeatable_read_sees_what_was_there_when_it_began() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().isolation(Isolation::RepeatableRead);
    let tx = tx.await.unwrap();
    assert_eq!(User::find().count(&tx).await.unwrap(), 0);
    let ada = User::insert(new_user("Ada"));
    ada.execute(&stage.blog.db).await.unwrap();
    assert_eq!(User::find().count(&tx).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(User::find().count(&stage.db).await.unwrap(), 1);
}

#[tokio::test]
async fn what_only_reads_may_not_write() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().read_only().await.unwrap();
    assert_eq!(User::find().count(&tx).await.unwrap(), 0);
    let error = User::insert(new_user("Ada")).execute(&tx).await;
    let error = error.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::ReadOnly, Some("25006"))
    );
    assert!(!error.is_retryable());
    tx.rollback().await.unwrap();
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_statement_past_its_limit_is_ended_by_the_server() {
    let stage = Stage::new().await;
    let before = stage.assert_clean().await;
    let tx = stage.db.begin().statement_timeout(milliseconds(20));
    let tx = tx.await.unwrap();
    let error = in_time(sql("SELECT pg_sleep(600)").execute(&tx)).await;
    let error = error.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Timeout, Some("57014"))
    );
    assert!(!error.is_outcome_unknown());
    tx.rollback().await.unwrap();
    assert_eq!(stage.assert_clean().await, before);
}

#[tokio::test]
async fn a_statement_that_somebody_cancels_is_no_time_limit() {
    let stage = Stage::new().await;
    let asleep = "SELECT count(*) = 1 FROM subjects WHERE wait_event = 'PgSleep'";
    let (result, ()) = in_time(async {
        tokio::join!(sql("SELECT pg_sleep(600)").execute(&stage.db), async {
            stage.witness.until(asleep).await;
            let cancel = "SELECT bool_and(pg_cancel_backend(pid)) FROM subjects";
            assert!(stage.witness.sees(cancel).await);
        })
    })
    .await;
    let error = result.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Cancelled, Some("57014"))
    );
    stage.assert_clean().await;
}

/// What the server says in another language, or that of a statement that was ended and ends in other words.
const FOREIGN: &str = "CREATE FUNCTION cancelled(words text) RETURNS void LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '%', words USING ERRCODE = '57014'; END $$;
    CREATE FUNCTION sleeps(words text) RETURNS void LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN PERFORM cancelled(words); END $$";

#[tokio::test]
async fn it_is_not_the_words_that_tell_a_limit_from_a_request() {
    let stage = Stage::new().await;
    sql(FOREIGN).batch(&stage.blog.db).await.unwrap();
    let words = "storniert wegen Zeitüberschreitung der Anfrage";
    let asked = sql("SELECT cancelled($1)").bind(words).execute(&stage.db);
    assert_eq!(asked.await.unwrap_err().kind(), ErrorKind::Cancelled);
    for (limit, call, kind) in [
        (600_000, "SELECT cancelled($1)", ErrorKind::Cancelled),
        (20, "SELECT sleeps($1)", ErrorKind::Timeout),
    ] {
        for words in [words, "canceling statement due to user request"] {
            let tx = stage.db.begin().statement_timeout(milliseconds(limit));
            let tx = tx.await.unwrap();
            let error = in_time(sql(call).bind(words).execute(&tx)).await;
            assert_eq!(error.unwrap_err().kind(), kind, "{words}");
            tx.rollback().await.unwrap();
        }
        // That of the session, as it was when the first connection was made.
        let url = stage.blog.database.url();
        let url = format!("{url}?options=-c%20statement_timeout={limit}");
        let db = ormcore::Db::connect(&url).await.unwrap();
        let error = in_time(sql(call).bind(words).execute(&db)).await;
        assert_eq!(error.unwrap_err().kind(), kind);
    }
    // Set by one's own SQL it is not known here.
    let tx = stage.db.begin().await.unwrap();
    let own = sql("SELECT set_config('Statement_Timeout', '20ms', true)");
    own.execute(&tx).await.unwrap();
    let error = in_time(sql("SELECT sleeps($1)").bind(words).execute(&tx)).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Timeout);
    tx.rollback().await.unwrap();
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_lock_that_is_not_to_be_had_in_time_is_given_up() {
    let stage = Stage::new().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let other = stage.blog.db.begin().await.unwrap();
    let update = || User::update(ada.id).set(User::AGE, 1);
    update().execute(&other).await.unwrap();
    let tx = stage.db.begin().lock_timeout(milliseconds(20));
    let tx = tx.await.unwrap();
    let error = in_time(update().execute(&tx)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::LockNotAvailable, Some("55P03"))
    );
    tx.rollback().await.unwrap();
    other.rollback().await.unwrap();
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_transaction_that_its_program_forgets_is_ended_by_the_server() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().idle_timeout(milliseconds(20));
    let tx = tx.await.unwrap();
    User::insert(new_user("Ada")).execute(&tx).await.unwrap();
    let gone = "SELECT count(*) = 0 FROM subjects";
    stage.witness.until(gone).await;
    let error = in_time(tx.commit()).await.unwrap_err();
    assert!(error.to_string().contains("25P03"), "{error}");
    assert_eq!(User::find().count(&stage.db).await.unwrap(), 0);
    stage.assert_clean().await;
}

#[tokio::test]
async fn transactions_that_begin_together_are_futures_like_others() {
    let stage = Stage::with(|config| config.pool_size(2)).await;
    let one = stage.db.begin().read_only();
    let two = stage.db.begin().isolation(Isolation::Serializable);
    let (one, two) = tokio::join!(one, two);
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(Session::ask(&one).await.pid, Session::ask(&two).await.pid);
}

#[tokio::test]
async fn limits_of_all_connections_are_those_of_transactions_that_have_no_own() {
    let stage = Stage::with(|config| {
        let config = config.lock_timeout(milliseconds(70_001));
        config.idle_in_transaction_timeout(milliseconds(70_002))
    })
    .await;
    let (lock, idle) = ("lock_timeout", "idle_in_transaction_session_timeout");
    let tx = stage.db.begin().await.unwrap();
    assert_settings(tx, &[(lock, "70001"), (idle, "70002")]).await;
    let tx = stage.db.begin().lock_timeout(milliseconds(70_003));
    assert_settings(tx.await.unwrap(), &[(lock, "70003"), (idle, "70002")]).await;
    let found = settings(&stage.db).await;
    assert_eq!((&*found[lock], &*found[idle]), ("70001", "70002"));
    stage.assert_clean().await;
}

#[tokio::test]
async fn an_answer_to_begin_that_comes_in_pieces_holds_nothing_up() {
    let stage = Stage::new().await;
    stage.proxy.drip();
    for first in 0..4 {
        let tx = stage.db.begin().traceable().lock_timeout(None);
        let tx = tx.statement_timeout(None).idle_timeout(None);
        let mut tx = in_time(tx).await.unwrap();
        match first {
            0 => drop(in_time(User::find().count(&tx)).await.unwrap()),
            1 => in_time(sql("SELECT 1").batch(&tx)).await.unwrap(),
            2 => {
                let savepoint = in_time(tx.savepoint()).await.unwrap();
                savepoint.release().await.unwrap();
            }
            _ => {
                let copy = User::copy_in([new_user("Ada")]).execute(&tx);
                assert_eq!(in_time(copy).await.unwrap(), 1);
            }
        }
        assert!(tx.id().is_some());
        in_time(tx.commit()).await.unwrap();
    }
    stage.assert_clean().await;
}

#[tokio::test]
async fn what_others_have_not_committed_is_seen_at_no_level() {
    let stage = Stage::with(|config| config.pool_size(2)).await;
    let writer = stage.db.begin().await.unwrap();
    User::insert(new_user("Ada"))
        .execute(&writer)
        .await
        .unwrap();
    let reader = stage.db.begin().isolation(Isolation::ReadUncommitted);
    let reader = reader.await.unwrap();
    assert_eq!(User::find().count(&reader).await.unwrap(), 0);
    writer.commit().await.unwrap();
    // Each statement sees what was committed before it, as at the next level.
    assert_eq!(User::find().count(&reader).await.unwrap(), 1);
    reader.commit().await.unwrap();
}
