//! BEGIN travels with the first statement: it costs no round trip, and still comes before everything else.

use crate::blog::{User, new_user};
use crate::stage::{Session, Stage, in_time};
use ormcore::{Error, ErrorKind, Executor, Result, sql};
use std::sync::Arc;

async fn users(stage: &Stage) -> u64 {
    User::find().count(&stage.blog.db).await.expect("a count")
}

async fn insert(executor: &impl Executor, name: &str) -> Result<User> {
    User::insert(new_user(name)).one(executor).await
}

/// A stage whose connection knows how to insert and to count.
async fn prepared() -> Stage {
    let stage = Stage::new().await;
    insert(&stage.db, "first").await.expect("a user");
    User::find().count(&stage.db).await.expect("a count");
    stage.proxy.sent();
    stage
}

#[tokio::test]
async fn a_transaction_with_one_write_takes_two_round_trips() {
    let stage = prepared().await;
    stage.proxy.hold(true);
    let tx = stage.db.begin().await.unwrap();
    assert_eq!(stage.proxy.sent(), "");
    // Both are on their way before anything was answered.
    let (user, ()) = in_time(async {
        tokio::join!(insert(&tx, "Ada"), async {
            stage.proxy.until_sent("QBES").await;
            stage.proxy.hold(false);
        })
    })
    .await;
    assert_eq!(user.unwrap().name, "Ada");
    assert_eq!(users(&stage).await, 1, "it is not committed yet");
    tx.commit().await.unwrap();
    assert_eq!(stage.proxy.sent(), "Q");
    assert_eq!(users(&stage).await, 2);
    stage.assert_clean().await;
}

#[tokio::test]
async fn writes_awaited_together_take_two_round_trips_as_well() {
    let stage = prepared().await;
    stage.proxy.hold(true);
    let tx = stage.db.begin().await.unwrap();
    let (a, b, c, ()) = in_time(async {
        tokio::join!(
            insert(&tx, "Ada"),
            insert(&tx, "Bob"),
            insert(&tx, "Cy"),
            async {
                stage.proxy.until_sent("QBESBESBES").await;
                stage.proxy.hold(false);
            }
        )
    })
    .await;
    a.and(b).and(c).unwrap();
    assert_eq!(users(&stage).await, 1);
    tx.commit().await.unwrap();
    assert_eq!(stage.proxy.sent(), "Q");
    assert_eq!(users(&stage).await, 4);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_first_statement_that_is_not_prepared_is_prepared_on_the_way() {
    let stage = Stage::new().await;
    stage.proxy.sent();
    stage.proxy.hold(true);
    let tx = stage.db.begin().await.unwrap();
    let (count, ()) = in_time(async {
        tokio::join!(User::find().count(&tx), async {
            stage.proxy.until_sent("QPDS").await;
            stage.proxy.hold(false);
        })
    })
    .await;
    assert_eq!(count.unwrap(), 0);
    assert_eq!(stage.proxy.sent(), "BES");
    tx.rollback().await.unwrap();
    assert_eq!(stage.proxy.sent(), "Q");
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_transaction_in_which_nothing_was_done_sends_nothing() {
    let stage = Stage::new().await;
    let before = stage.assert_clean().await;
    stage.proxy.sent();
    stage.db.begin().await.unwrap().commit().await.unwrap();
    stage.db.begin().await.unwrap().rollback().await.unwrap();
    drop(stage.db.begin().await.unwrap());
    let nothing: Result<()> = stage.db.transaction(async |_| Ok(())).await;
    nothing.unwrap();
    let tx = stage.db.begin().await.unwrap();
    let refused = sql("COMMIT").execute(&tx).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Usage);
    tx.commit().await.unwrap();
    assert_eq!(stage.proxy.sent(), "");
    assert_eq!(stage.assert_clean().await, before);
}

#[tokio::test]
async fn a_savepoint_and_sql_come_after_begin_too() {
    let stage = Stage::new().await;
    stage.proxy.sent();
    let mut tx = stage.db.begin().await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    assert_eq!(stage.proxy.sent(), "QQ");
    savepoint.release().await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(stage.proxy.sent(), "QQ");
    let tx = stage.db.begin().await.unwrap();
    let text = "INSERT INTO users (name, email) VALUES ('Ada', 'ada@example.org')";
    sql(text).batch(&tx).await.unwrap();
    assert_eq!(stage.proxy.sent(), "QQ");
    tx.rollback().await.unwrap();
    assert_eq!(users(&stage).await, 0);
    stage.assert_clean().await;
}

/// On several threads, where nobody can tell which is the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_statement_is_first_begin_comes_before_all() {
    let stage = prepared().await;
    for _ in 0..20 {
        let tx = Arc::new(stage.db.begin().await.unwrap());
        let tasks: Vec<_> = (0..6)
            .map(|number| {
                let tx = Arc::clone(&tx);
                tokio::spawn(async move { insert(&*tx, &format!("user-{number}")).await })
            })
            .collect();
        for task in tasks {
            in_time(task).await.unwrap().unwrap();
        }
        let tx = Arc::into_inner(tx).expect("the tasks are done");
        tx.rollback().await.unwrap();
        assert_eq!(users(&stage).await, 1);
    }
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_first_statement_that_is_not_sent_leaves_a_transaction_that_works() {
    let stage = prepared().await;
    let before = stage.assert_clean().await;
    let refused = async |tx: &ormcore::Transaction| {
        let error = insert(tx, "A\0da").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
    };
    let tx = stage.db.begin().await.unwrap();
    refused(&tx).await;
    tx.commit().await.unwrap();
    let tx = stage.db.begin().await.unwrap();
    refused(&tx).await;
    tx.rollback().await.unwrap();
    let mut tx = stage.db.begin().await.unwrap();
    refused(&tx).await;
    let savepoint = tx.savepoint().await.unwrap();
    insert(&savepoint, "Ada").await.unwrap();
    savepoint.release().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(users(&stage).await, 2);
    assert_eq!(stage.assert_clean().await, before);
}

/// The statement stood for itself then, and was stored for good: no transaction may claim otherwise.
#[tokio::test]
async fn when_begin_is_refused_the_outcome_is_unknown() {
    fn unknown(error: &Error, kind: ErrorKind) {
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.is_outcome_unknown());
        assert!(error.to_string().contains("BEGIN was refused"), "{error}");
    }
    let stage = prepared().await;
    let before = stage.assert_clean().await;

    stage.proxy.garble("BEGIN");
    let tx = stage.db.begin().await.unwrap();
    let (a, b) = tokio::join!(insert(&tx, "Ada"), insert(&tx, "Bob"));
    unknown(&a.unwrap_err(), ErrorKind::OutcomeUnknown);
    unknown(&b.unwrap_err(), ErrorKind::OutcomeUnknown);
    // Nothing more is sent on it.
    stage.proxy.sent();
    let next = insert(&tx, "Cy").await.unwrap_err();
    assert_eq!(next.kind(), ErrorKind::TransactionAborted);
    unknown(&tx.commit().await.unwrap_err(), ErrorKind::CommitUnknown);
    assert!(!stage.proxy.sent().contains('Q'));
    assert_eq!(users(&stage).await, 3);
    let after = stage.assert_clean().await;
    assert_ne!(after, before);

    stage.proxy.garble("BEGIN");
    let tx = stage.db.begin().await.unwrap();
    let text = "INSERT INTO users (name, email) VALUES ('Di', 'di@example.org')";
    unknown(
        &sql(text).batch(&tx).await.unwrap_err(),
        ErrorKind::OutcomeUnknown,
    );
    unknown(&tx.rollback().await.unwrap_err(), ErrorKind::OutcomeUnknown);
    assert_eq!(users(&stage).await, 4);
    assert_ne!(stage.assert_clean().await, after);

    stage.proxy.garble("BEGIN");
    let mut tx = stage.db.begin().await.unwrap();
    // It is nothing without a transaction: the server says so itself.
    tx.savepoint().await.unwrap_err();
    unknown(&tx.commit().await.unwrap_err(), ErrorKind::CommitUnknown);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_connection_that_ended_before_begin_commits_nothing() {
    let stage = prepared().await;
    for _ in 0..5 {
        let tx = stage.db.begin().await.unwrap();
        stage.witness.terminate_subjects().await;
        // Whether or not the news have arrived.
        let lost = in_time(insert(&tx, "Ada")).await.unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::ConnectionLost);
        let error = in_time(tx.commit()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TransactionAborted, "{error}");
        assert_eq!(users(&stage).await, 1);
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn the_first_statement_is_inside() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    assert!(Session::ask(&tx).await.in_transaction);
    tx.rollback().await.unwrap();
    let tx = stage.db.begin().await.unwrap();
    // Allowed as the first statement of a transaction only.
    let level = |name| sql(format!("SET TRANSACTION ISOLATION LEVEL {name}"));
    level("SERIALIZABLE").execute(&tx).await.unwrap();
    User::find().count(&tx).await.unwrap();
    level("REPEATABLE READ").execute(&tx).await.unwrap_err();
    tx.rollback().await.unwrap();
    stage.assert_clean().await;
}
