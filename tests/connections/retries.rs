//! Transactions that are run again: when, how often, and what is never done twice.

use crate::blog::{User, new_user};
use crate::stage::{Stage, in_time};
use ormcore::{Begin, Error, ErrorKind, Isolation, Result, Transaction, sql};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(1);

/// Counts how often the work was run.
#[derive(Default)]
pub(crate) struct Runs(AtomicU32);

impl Runs {
    pub(crate) fn next(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn so_far(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

async fn ada(stage: &Stage) -> i64 {
    let ada = User::insert(new_user("Ada")).one(&stage.blog.db).await;
    ada.expect("a user").id
}

async fn age(stage: &Stage, id: i64) -> Option<i32> {
    User::get(id).one(&stage.blog.db).await.expect("Ada").age
}

fn repeatable(stage: &Stage) -> Begin<'_> {
    stage.db.begin().isolation(Isolation::RepeatableRead)
}

/// Adds a year, after somebody else has done so meanwhile.
async fn overtaken(stage: &Stage, tx: &Transaction, id: i64) -> Result<()> {
    let found = User::get(id).one(tx).await?;
    let older = |age: Option<i32>| User::update(id).set(User::AGE, age.unwrap_or(0) + 1);
    older(found.age).execute(&stage.blog.db).await?;
    older(found.age).execute(tx).await.map(|_| ())
}

#[tokio::test]
async fn a_serialization_failure_is_run_again() {
    let stage = Stage::new().await;
    let (id, runs) = (ada(&stage).await, Runs::default());
    let done = repeatable(&stage).retry(3).back_off(SHORT, SHORT);
    let done = done.run(async |tx| match runs.next() {
        1 => overtaken(&stage, tx, id).await,
        _ => {
            let found = User::get(id).one(tx).await?;
            let older = User::update(id).set(User::AGE, found.age.unwrap_or(0) + 1);
            older.execute(tx).await.map(|_| ())
        }
    });
    in_time(done).await.unwrap();
    assert_eq!(runs.so_far(), 2);
    // What was read the second time is what the other one wrote.
    assert_eq!(age(&stage, id).await, Some(2));
    stage.assert_clean().await;
}

#[tokio::test]
async fn there_is_an_end_to_it() {
    let stage = Stage::new().await;
    let (id, runs) = (ada(&stage).await, Runs::default());
    let done = repeatable(&stage).retry(2).back_off(SHORT, SHORT);
    let done = done.run(async |tx| {
        runs.next();
        overtaken(&stage, tx, id).await
    });
    let error = in_time(done).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Serialization);
    assert!(error.is_retryable());
    assert_eq!(runs.so_far(), 3);
    assert_eq!(age(&stage, id).await, Some(3), "only the others were kept");
    stage.assert_clean().await;
}

#[tokio::test]
async fn without_being_asked_nothing_is_run_again() {
    let stage = Stage::new().await;
    let (id, runs) = (ada(&stage).await, Runs::default());
    let work = async |tx: &mut Transaction| {
        runs.next();
        overtaken(&stage, tx, id).await
    };
    repeatable(&stage).run(work).await.unwrap_err();
    repeatable(&stage).retry(0).run(work).await.unwrap_err();
    assert_eq!(runs.so_far(), 2);
}

#[tokio::test]
async fn a_failure_that_comes_with_commit_is_run_again() {
    let stage = Stage::new().await;
    let runs = Runs::default();
    // Each counts, and writes what the other would have counted.
    let done = stage.db.begin().isolation(Isolation::Serializable);
    let done = done.retry(3).back_off(SHORT, SHORT).run(async |tx| {
        let count = User::find().count(tx).await?;
        if runs.next() == 1 {
            let other = stage.blog.db.begin().isolation(Isolation::Serializable);
            let other = other.await?;
            User::find().count(&other).await?;
            User::insert(new_user("other")).execute(&other).await?;
            User::insert(new_user("first")).execute(tx).await?;
            other.commit().await?;
        } else {
            User::insert(new_user("again")).execute(tx).await?;
        }
        Ok::<_, Error>(count)
    });
    assert_eq!(in_time(done).await.unwrap(), 1);
    assert_eq!(runs.so_far(), 2);
    assert_eq!(User::find().count(&stage.db).await.unwrap(), 2);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_deadlock_is_run_again() {
    let stage = Stage::new().await;
    let first = ada(&stage).await;
    let second = User::insert(new_user("Bob")).one(&stage.db).await.unwrap();
    let second = second.id;
    let runs = Runs::default();
    let older = |id| User::update(id).set(User::AGE, 1);
    let done = stage.db.begin().retry(3).back_off(SHORT, SHORT);
    let done = done.run(async |tx| {
        // Who looks for a deadlock first is the one to fail.
        sql("SET LOCAL deadlock_timeout = '20ms'")
            .execute(tx)
            .await?;
        older(first).execute(tx).await?;
        if runs.next() > 1 {
            return older(second).execute(tx).await;
        }
        let other = stage.blog.db.begin().await?;
        sql("SET LOCAL deadlock_timeout = '600s'")
            .execute(&other)
            .await?;
        older(second).execute(&other).await?;
        let (mine, theirs) = tokio::join!(
            async {
                let mine = older(second).execute(tx).await;
                // Theirs goes on when mine is undone; which happens after this closure.
                mine.expect_err("a deadlock")
            },
            async {
                let waits = "SELECT count(*) = 1 FROM subjects WHERE wait_event_type = 'Lock'";
                stage.witness.until(waits).await;
                let theirs = older(first).execute(&other);
                tokio::time::timeout(Duration::from_secs(5), theirs).await
            }
        );
        assert_eq!(mine.kind(), ErrorKind::Deadlock);
        theirs.expect("it is let through")?;
        other.commit().await?;
        Err(mine)
    });
    in_time(done).await.unwrap();
    assert_eq!(runs.so_far(), 2);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_lock_that_is_not_to_be_had_is_run_again_when_that_is_asked_for() {
    let stage = Stage::new().await;
    let id = ada(&stage).await;
    for asked in [false, true] {
        let runs = Runs::default();
        let mut retry = stage.db.begin().lock_timeout(SHORT).retry(1);
        if asked {
            retry = retry.on_lock_not_available();
        }
        let done = retry.back_off(SHORT, SHORT).run(async |tx| {
            let other = stage.blog.db.begin().await?;
            let older = || User::update(id).set(User::AGE, 1);
            if runs.next() == 1 {
                older().execute(&other).await?;
            }
            let result = older().execute(tx).await;
            other.rollback().await?;
            result
        });
        match in_time(done).await {
            Ok(_) => assert!(asked),
            Err(error) => assert_eq!((asked, error.kind()), (false, ErrorKind::LockNotAvailable)),
        }
        assert_eq!(runs.so_far(), 1 + u32::from(asked));
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn it_is_the_transaction_that_knows_whatever_the_work_makes_of_the_failure() {
    #[derive(Debug)]
    struct Own;
    impl From<Error> for Own {
        fn from(_: Error) -> Self {
            Self
        }
    }
    let stage = Stage::new().await;
    let (id, runs) = (ada(&stage).await, Runs::default());
    let done = repeatable(&stage).retry(4).back_off(SHORT, SHORT);
    let done = done.run(async |tx| match runs.next() {
        // Its error says nothing of the sort.
        1 => overtaken(&stage, tx, id).await.map_err(|_| Own),
        // Nobody says anything.
        2 => {
            let _ = overtaken(&stage, tx, id).await;
            Ok(())
        }
        // It was undone, and nothing went well since.
        3 => {
            let savepoint = tx.savepoint().await?;
            overtaken_in(&stage, &savepoint, id).await.unwrap_err();
            savepoint.rollback().await?;
            Err(Own)
        }
        // It comes from within a savepoint.
        4 => {
            let inner = async |savepoint: &mut ormcore::Savepoint<'_>| {
                let found = User::get(id).one(&*savepoint).await?;
                let older = || User::update(id).set(User::AGE, found.age.unwrap_or(0) + 1);
                older().execute(&stage.blog.db).await?;
                older().execute(&*savepoint).await
            };
            tx.attempt(inner).await.map(|_| ()).map_err(|_: Error| Own)
        }
        _ => Ok(()),
    });
    in_time(done).await.unwrap();
    assert_eq!(runs.so_far(), 5);
    stage.assert_clean().await;
}

#[tokio::test]
async fn what_is_wrong_with_the_work_itself_is_not_run_again() {
    let stage = Stage::new().await;
    let id = ada(&stage).await;
    let runs = Runs::default();
    let refused = stage.db.begin().retry(3).run(async |tx| {
        runs.next();
        User::insert(new_user("Ada")).execute(tx).await
    });
    assert!(refused.await.unwrap_err().is_unique_violation());
    let changed_its_mind: Result<()> = repeatable(&stage)
        .retry(3)
        .run(async |tx| {
            runs.next();
            let inner = tx.attempt(async |_| Err::<(), _>(not_found(&stage).await));
            inner.await.unwrap_err();
            // What was undone in a savepoint, and got over, is not what failed in the end.
            let undone = tx.savepoint().await?;
            overtaken_in(&stage, &undone, id).await.unwrap_err();
            drop(undone);
            User::find().count(tx).await?;
            Err(not_found(&stage).await)
        })
        .await;
    assert!(changed_its_mind.unwrap_err().is_not_found());
    assert_eq!(runs.so_far(), 2);
    stage.assert_clean().await;
}

async fn not_found(stage: &Stage) -> Error {
    let missing = User::get(404).one(&stage.blog.db).await;
    missing.expect_err("nobody has it")
}

async fn overtaken_in(stage: &Stage, savepoint: &ormcore::Savepoint<'_>, id: i64) -> Result<u64> {
    User::get(id).one(savepoint).await?;
    let older = || User::update(id).set(User::AGE, 1);
    older().execute(&stage.blog.db).await?;
    older().execute(savepoint).await
}

/// As a handler of a web server would: `Send`, on another thread, with what it borrows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_get_in_each_others_way_all_get_done() {
    let stage = Stage::with(|config| config.pool_size(4)).await;
    let id = ada(&stage).await;
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let db = stage.db.clone();
            tokio::spawn(async move {
                let column = String::from("one more");
                let serializable = db.begin().isolation(Isolation::Serializable);
                let retry = serializable.retry(1_000).back_off(SHORT, SHORT * 20);
                retry
                    .run(async |tx| {
                        assert_eq!(column, "one more");
                        let found = User::get(id).one(tx).await?;
                        let older = User::update(id).set(User::AGE, found.age.unwrap_or(0) + 1);
                        older.execute(tx).await
                    })
                    .await
            })
        })
        .collect();
    for task in tasks {
        in_time(task).await.unwrap().unwrap();
    }
    assert_eq!(age(&stage, id).await, Some(6));
}
