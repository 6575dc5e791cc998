//! Statements that nobody waits for any more are stopped at the server, and nothing else is.

use crate::blog::{User, new_user};
use crate::stage::{Stage, dropped_after, in_time};
use ormcore::{Error, sql};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Statements of all lengths, dropped early and late; and after each of them one on the same connection, and all the time
/// some on another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_dropped_statements_take_no_other_along() {
    let stage = Stage::new().await;
    let done = Arc::new(AtomicBool::new(false));
    let bystander = {
        let (db, done) = (stage.blog.db.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            while !done.load(Ordering::SeqCst) {
                sql("SELECT pg_sleep(0.002)").execute(&db).await?;
            }
            Ok::<_, Error>(())
        })
    };
    let sleep = |seconds: f64| sql("SELECT pg_sleep($1)").bind(seconds);
    // Prepared: what is dropped while it is being prepared costs its connection.
    sleep(0.0).execute(&stage.db).await.unwrap();
    let session = stage.assert_clean().await;
    for number in 0..200_u32 {
        let seconds = [0.0, 0.001, 0.005, 0.02, 600.0][number as usize % 5];
        let mut statement = Box::pin(sleep(seconds).execute(&stage.db));
        if dropped_after(1, statement.as_mut()).await.is_some() {
            continue;
        }
        let later = Duration::from_micros(u64::from(number % 7) * 700);
        if tokio::time::timeout(later, statement).await.is_err() {
            // Whoever comes next is not the one who is meant.
            in_time(sleep(0.001).execute(&stage.db)).await.unwrap();
        }
    }
    assert_eq!(
        stage.assert_clean().await,
        session,
        "it was kept all the time"
    );
    done.store(true, Ordering::SeqCst);
    in_time(bystander).await.unwrap().unwrap();
}

/// Statements that end by themselves just when the server is asked to stop them: the request must not come too late, to
/// whoever is next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_comes_too_late_stops_nobody_else() {
    let stage = Stage::new().await;
    let sleep = |seconds: f64| sql("SELECT pg_sleep($1)").bind(seconds);
    sleep(0.0).execute(&stage.db).await.unwrap();
    let session = stage.assert_clean().await;
    for number in 0..200_u32 {
        let seconds = 0.004 + f64::from(number % 40) * 0.0001;
        let statement = Box::pin(sleep(seconds).execute(&stage.db));
        let dropped = dropped_after(1, statement).await;
        assert!(dropped.is_none());
        in_time(sleep(0.01).execute(&stage.db)).await.unwrap();
    }
    assert_eq!(
        stage.assert_clean().await,
        session,
        "it was kept all the time"
    );
}

#[tokio::test]
async fn all_connections_are_there_again_after_all_were_dropped() {
    let stage = Stage::with(|config| config.pool_size(4)).await;
    for _ in 0..5 {
        let long = || sql("SELECT pg_sleep(600)").execute(&stage.db);
        let asleep = "SELECT count(*) = 4 FROM subjects WHERE wait_event = 'PgSleep'";
        tokio::select! {
            _ = async { tokio::join!(long(), long(), long(), long()) } => panic!("they slept for ten minutes"),
            () = stage.witness.until(asleep) => {}
        }
        let idle = "SELECT count(*) = 4 AND bool_and(state = 'idle') FROM subjects";
        stage.witness.until(idle).await;
        // All of them can be had at once.
        let begin = || stage.db.begin();
        let (a, b, c, d) =
            in_time(async { tokio::join!(begin(), begin(), begin(), begin()) }).await;
        for tx in [a, b, c, d] {
            assert_eq!(User::find().count(&tx.unwrap()).await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn a_result_that_nobody_reads_to_its_end_is_stopped() {
    let stage = Stage::new().await;
    let endless = "SELECT n AS id, repeat('x', 1000) AS name, '' AS email, NULL::int AS age, now() AS created_at
                   FROM generate_series(1, 1000000000000) AS n";
    // Prepared, and with something to read.
    let few = sql("SELECT 1").execute(&stage.db).await;
    few.unwrap();
    for _ in 0..3 {
        let rows = sql(endless).all::<User>(&stage.db);
        let some = tokio::time::timeout(Duration::from_millis(100), rows).await;
        assert!(some.is_err(), "it ended");
        in_time(stage.assert_clean()).await;
    }
}

#[tokio::test]
async fn a_transaction_given_up_while_it_works_is_undone_on_its_connection() {
    let stage = Stage::new().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    sql("SELECT pg_sleep(0)").execute(&stage.db).await.unwrap();
    let sleep = || sql("SELECT pg_sleep($1)").bind(600.0);
    sql("SELECT pg_sleep($1)")
        .bind(0.0)
        .execute(&stage.db)
        .await
        .unwrap();
    let session = stage.assert_clean().await;
    for explicitly in [true, false] {
        let tx = stage.db.begin().await.unwrap();
        let older = || User::update(ada.id).set(User::AGE, 1);
        older().execute(&tx).await.unwrap();
        let asleep = "SELECT count(*) = 1 FROM subjects WHERE wait_event = 'PgSleep'";
        tokio::select! {
            _ = sleep().execute(&tx) => panic!("it slept for ten minutes"),
            () = stage.witness.until(asleep) => {}
        }
        if explicitly {
            in_time(tx.rollback()).await.unwrap();
        } else {
            drop(tx);
        }
        // Its locks are gone, and so is what it did.
        in_time(older().execute(&stage.blog.db)).await.unwrap();
        assert_eq!(stage.assert_clean().await, session);
    }
}

#[tokio::test]
async fn what_cannot_be_brought_to_rest_is_closed() {
    let stage = Stage::new().await;
    sql("SELECT pg_sleep($1)")
        .bind(0.0)
        .execute(&stage.db)
        .await
        .unwrap();
    let session = stage.assert_clean().await;
    stage.proxy.freeze(true);
    let lost = sql("SELECT pg_sleep($1)").bind(600.0);
    assert!(dropped_after(1, lost.execute(&stage.db)).await.is_none());
    // Longer than a connection of its own is waited for.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    stage.proxy.freeze(false);
    assert_ne!(stage.assert_clean().await, session);
}

#[tokio::test]
async fn a_statement_dropped_while_it_is_prepared_leaves_nothing_at_the_server() {
    let stage = Stage::new().await;
    stage.proxy.drip();
    for polls in 1..4 {
        let text = format!("SELECT 'needle {polls}' FROM users WHERE id = $1");
        let statement = || sql(text.clone()).bind(1_i64);
        let lost = dropped_after(polls, statement().execute(&stage.db)).await;
        assert!(lost.is_none());
        statement().execute(&stage.db).await.unwrap();
        // Had it been left over, it would be there twice.
        let prepared = format!(
            "SELECT 'prepared', count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT ''needle {polls}''%'"
        );
        let (_, count): (String, i64) = in_time(sql(prepared).one(&stage.db)).await.unwrap();
        assert_eq!(count, 1);
        stage.assert_clean().await;
    }
}
