//! Transactions: what is committed is stored, whatever else happens nothing is, and nobody is told otherwise.

use crate::blog::{User, new_user};
use crate::stage::{Session, Stage, dropped_after, in_time};
use ormcore::{Config, Db, Error, ErrorKind, Result, Transaction, sql};

async fn users(stage: &Stage) -> u64 {
    User::find().count(&stage.blog.db).await.expect("a count")
}

async fn insert(tx: &Transaction, name: &str) -> Result<User> {
    User::insert(new_user(name)).one(tx).await
}

#[tokio::test]
async fn what_is_committed_is_stored() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    assert_eq!(users(&stage).await, 0);
    tx.commit().await.unwrap();
    assert_eq!(users(&stage).await, 1);
    stage.assert_clean().await;
}

#[tokio::test]
async fn what_is_rolled_back_or_dropped_is_not_stored() {
    let stage = Stage::new().await;
    let before = Session::ask(&stage.db).await;
    let tx = stage.db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    tx.rollback().await.unwrap();
    let tx = stage.db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    drop(tx);
    stage.assert_clean().await;
    assert_eq!(users(&stage).await, 0);
    // Neither costs a connection.
    assert_eq!(Session::ask(&stage.db).await.pid, before.pid);
}

#[tokio::test]
async fn the_driver_says_ok_to_the_commit_of_a_failed_transaction() {
    let stage = Stage::new().await;
    let client = stage.witness.client();
    client.batch_execute("BEGIN").await.unwrap();
    let insert = "INSERT INTO users (name, email) VALUES ('Ada', 'ada@example.org')";
    client.batch_execute(insert).await.unwrap();
    client.batch_execute("SELECT 1 / 0").await.unwrap_err();
    client.batch_execute("COMMIT").await.unwrap();
    assert_eq!(users(&stage).await, 0);
}

#[tokio::test]
async fn a_failed_transaction_is_not_committed_and_says_why() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    let violation = insert(&tx, "Ada").await.unwrap_err();
    assert_eq!(violation.kind(), ErrorKind::UniqueViolation);
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    assert!(error.to_string().contains("users_email_key"), "{error}");
    assert_eq!(users(&stage).await, 0);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_statement_that_was_not_waited_for_bars_the_commit() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    // Had it been waited for, it would have failed.
    let violation = insert(&tx, "Ada");
    assert!(dropped_after(1, violation).await.is_none());
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    assert!(error.to_string().contains("dropped"), "{error}");
    stage.assert_clean().await;
    assert_eq!(users(&stage).await, 0);
}

#[tokio::test]
async fn a_statement_that_was_never_begun_bars_nothing() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    drop(insert(&tx, "Ada"));
    insert(&tx, "Bob").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(users(&stage).await, 1);
}

#[tokio::test]
async fn what_is_refused_before_it_is_sent_bars_nothing() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    let refused = insert(&tx, "A\0da").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Encode);
    insert(&tx, "Bob").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(users(&stage).await, 1);
}

#[tokio::test]
async fn statements_of_one_transaction_may_run_together() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    let (a, b, c) = tokio::join!(insert(&tx, "Ada"), insert(&tx, "Bob"), insert(&tx, "Cy"));
    assert_eq!(
        [a.unwrap().name, b.unwrap().name, c.unwrap().name],
        ["Ada", "Bob", "Cy"]
    );
    tx.commit().await.unwrap();
    assert_eq!(users(&stage).await, 3);
    stage.assert_clean().await;
}

#[tokio::test]
async fn one_of_several_that_fails_bars_the_commit() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    let (a, b, _) = tokio::join!(insert(&tx, "Ada"), insert(&tx, "Ada"), insert(&tx, "Cy"));
    assert_ne!(a.is_ok(), b.is_ok());
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    assert_eq!(users(&stage).await, 0);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_deferred_constraint_fails_at_commit() {
    let stage = Stage::new().await;
    let deferred =
        "ALTER TABLE posts ALTER CONSTRAINT posts_author_id_fkey DEFERRABLE INITIALLY DEFERRED";
    sql(deferred).batch(&stage.blog.db).await.unwrap();
    let tx = stage.db.begin().await.unwrap();
    let orphan = "INSERT INTO posts (author_id, title) VALUES (404, 'orphan')";
    assert_eq!(sql(orphan).execute(&tx).await.unwrap(), 1);
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(error.constraint(), Some("posts_author_id_fkey"));
    stage.assert_clean().await;
    assert!(stage.witness.sees("SELECT count(*) = 0 FROM posts").await);
}

#[tokio::test]
async fn a_commit_without_an_answer_is_unknown() {
    for delivered in [true, false] {
        let stage = Stage::new().await;
        stage.proxy.cut("COMMIT", delivered);
        let tx = stage.db.begin().await.unwrap();
        insert(&tx, "Ada").await.unwrap();
        let error = tx.commit().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommitUnknown);
        assert!(error.is_outcome_unknown());
        stage
            .witness
            .until("SELECT count(*) = 0 FROM subjects")
            .await;
        // Rightly so: it was committed in the one case, and not in the other.
        assert_eq!(users(&stage).await, u64::from(delivered));
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn a_connection_that_ended_before_commit_leaves_nothing_unknown() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    stage.witness.terminate_subjects().await;
    // The reason has to arrive first.
    let refused = in_time(insert(&tx, "Bob")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionLost);
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    assert!(error.to_string().contains("57P01"), "{error}");
    assert_eq!(users(&stage).await, 0);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_transaction_that_idled_for_too_long_is_not_committed_and_says_why() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    let limit = "SET LOCAL idle_in_transaction_session_timeout = '20ms'";
    sql(limit).execute(&tx).await.unwrap();
    stage
        .witness
        .until("SELECT count(*) = 0 FROM subjects")
        .await;
    let error = in_time(tx.commit()).await.unwrap_err();
    // Which of them depends on whether COMMIT was sent before the news came.
    let kinds = [ErrorKind::TransactionAborted, ErrorKind::CommitUnknown];
    assert!(kinds.contains(&error.kind()), "{error}");
    assert!(error.to_string().contains("25P03"), "{error}");
    assert_eq!(users(&stage).await, 0);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_closure_commits_when_it_is_ok_and_rolls_back_when_it_is_not() {
    let stage = Stage::new().await;
    let db = &stage.db;
    let ada = db.transaction(async |tx| insert(tx, "Ada").await).await;
    assert_eq!(ada.unwrap().name, "Ada");
    let failed: Result<(), String> = db
        .transaction(async |tx| {
            insert(tx, "Bob").await.map_err(Own)?;
            Err(Own("changed my mind"))
        })
        .await
        .map_err(|error: Own<_>| error.0.to_string());
    assert_eq!(failed.unwrap_err(), "changed my mind");
    assert_eq!(users(&stage).await, 1);
    stage.assert_clean().await;
}

/// An application's error.
struct Own<T>(T);

impl From<Own<Error>> for Own<&'static str> {
    fn from(_: Own<Error>) -> Self {
        Own("the database")
    }
}

impl From<Error> for Own<&'static str> {
    fn from(_: Error) -> Self {
        Own("the database")
    }
}

#[tokio::test]
async fn a_closure_that_swallows_a_failure_does_not_commit() {
    let stage = Stage::new().await;
    let swallowed: Result<()> = stage
        .db
        .transaction(async |tx| {
            insert(tx, "Ada").await?;
            let _ = insert(tx, "Ada").await;
            Ok(())
        })
        .await;
    assert_eq!(swallowed.unwrap_err().kind(), ErrorKind::TransactionAborted);
    assert_eq!(users(&stage).await, 0);
}

#[tokio::test]
async fn a_closure_can_make_savepoints() {
    let stage = Stage::new().await;
    let done: Result<()> = stage
        .db
        .transaction(async |tx| {
            insert(tx, "Ada").await?;
            let savepoint = tx.savepoint().await?;
            let again = User::insert(new_user("Ada")).execute(&savepoint).await;
            assert!(again.is_err());
            savepoint.rollback().await?;
            insert(tx, "Bob").await.map(|_| ())
        })
        .await;
    done.unwrap();
    assert_eq!(users(&stage).await, 2);
}

/// As a handler of a web server would: `Send`, on another thread, with what it captured.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closures_run_in_spawned_tasks() {
    let stage = Stage::with(|config| config.pool_size(4)).await;
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let (db, name) = (stage.db.clone(), format!("user-{number}"));
            tokio::spawn(async move { register(&db, &name).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(users(&stage).await, 16);
}

async fn register(db: &Db, name: &str) -> Result<i64> {
    db.transaction(async |tx| {
        let user = insert(tx, name).await?;
        let friend = format!("{name}-friend");
        insert(tx, &friend).await?;
        Ok(user.id)
    })
    .await
}

#[tokio::test]
async fn a_panic_in_a_closure_rolls_back() {
    let stage = Stage::new().await;
    let db = stage.db.clone();
    let panicking = tokio::spawn(async move {
        let result: Result<()> = db
            .transaction(async |tx| {
                insert(tx, "Ada").await?;
                panic!("as a test must")
            })
            .await;
        result
    });
    assert!(panicking.await.unwrap_err().is_panic());
    stage.assert_clean().await;
    assert_eq!(users(&stage).await, 0);
}

#[tokio::test]
async fn a_transaction_dropped_where_no_runtime_is_goes_to_nobody() {
    let stage = Stage::new().await;
    let before = stage.assert_clean().await;
    let tx = stage.db.begin().await.unwrap();
    insert(&tx, "Ada").await.unwrap();
    std::thread::spawn(move || drop(tx)).join().unwrap();
    assert_ne!(stage.assert_clean().await, before);
    assert_eq!(users(&stage).await, 0);
}

#[test]
fn a_transaction_that_outlives_its_runtime_is_not_stored() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let (first, second) = (runtime(), runtime());
    let stage = second.block_on(Stage::new());
    let url = crate::stage::through(&stage.proxy, stage.blog.database.url());
    let left_open = first.block_on(async {
        let db = Config::new(&url).unwrap().connect().await.unwrap();
        let tx = db.begin().await.unwrap();
        insert(&tx, "Ada").await.unwrap();
        tx
    });
    drop(first);
    // No runtime is left to say ROLLBACK on: it must not panic, and the server must hear of it all the same.
    drop(left_open);
    second.block_on(stage.assert_clean());
    assert_eq!(second.block_on(users(&stage)), 0);
}

#[tokio::test]
async fn what_a_commit_is_refused_for_names_the_line_that_asked() {
    let stage = Stage::new().await;
    let db = &stage.db;
    let table = "CREATE TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)";
    sql(table).execute(db).await.unwrap();
    let twice = async |tx: &mut Transaction| {
        let insert = sql("INSERT INTO once VALUES (1), (1)");
        insert.execute(tx).await
    };
    let mut tx = db.begin().await.unwrap();
    twice(&mut tx).await.unwrap();
    let refusals = [
        (tx.commit().await.unwrap_err(), line!()),
        (db.transaction(twice).await.unwrap_err(), line!()),
        (db.begin().run(twice).await.unwrap_err(), line!()),
        (db.begin().retry(1).run(twice).await.unwrap_err(), line!()),
    ];
    for (error, line) in refusals {
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        let place = error.location().expect("a place");
        assert_eq!((place.file(), place.line()), (file!(), line));
    }
    // Also what is not even sent.
    let tx = db.begin().await.unwrap();
    sql("SELECT 1 / 0").execute(&tx).await.unwrap_err();
    let (error, line) = (tx.commit().await.unwrap_err(), line!());
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    assert_eq!(error.location().expect("a place").line(), line);
    stage.assert_clean().await;
}
