//! What a pool does while nobody asks anything, and what it does when nobody is there to connect to.

use crate::blog::User;
use crate::proxy::Refusal::{Closed, Told};
use crate::stage::{Session, Stage, Witness, in_time, through};
use ormcore::{Config, ErrorKind};
use std::iter::repeat_n;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(1);
const MOMENT: Duration = Duration::from_millis(100);

async fn pids(witness: &Witness) -> Vec<i32> {
    let rows = witness
        .client()
        .query("SELECT pid FROM subjects ORDER BY pid", &[]);
    let rows = rows.await.expect("an answer");
    rows.iter().map(|row| row.get(0)).collect()
}

async fn until_so_many(witness: &Witness, connections: usize) {
    let question = format!("SELECT count(*) = {connections} FROM subjects");
    witness.until(&question).await;
}

/// There are so many, and none of those there were.
async fn until_others(witness: &Witness, connections: usize, before: &[i32]) {
    let question = format!(
        "SELECT count(*) = {connections} AND NOT bool_or(pid = ANY(ARRAY{before:?})) FROM subjects"
    );
    witness.until(&question).await;
}

#[tokio::test]
async fn so_many_connections_are_opened_before_anybody_asks_and_replaced_when_they_end() {
    let stage = Stage::with(|config| config.pool_size(5).min_connections(3)).await;
    until_so_many(&stage.witness, 3).await;
    for _ in 0..3 {
        let before = pids(&stage.witness).await;
        let ended = "SELECT pg_terminate_backend(pid) FROM subjects";
        stage.witness.client().query(ended, &[]).await.unwrap();
        until_others(&stage.witness, 3, &before).await;
    }
}

#[tokio::test]
async fn no_more_are_opened_than_there_may_be() {
    let stage = Stage::with(|config| config.pool_size(2).min_connections(5)).await;
    until_so_many(&stage.witness, 2).await;
    let (a, b) = tokio::join!(stage.db.begin(), stage.db.begin());
    let (a, b) = (a.unwrap(), b.unwrap());
    // One that ends while it is in use has no successor before it is given back.
    a.rollback().await.unwrap();
    b.rollback().await.unwrap();
    until_so_many(&stage.witness, 2).await;
    assert_eq!(stage.proxy.connections(), 2);
}

#[tokio::test]
async fn those_that_rest_for_too_long_are_closed_except_for_the_least() {
    for least in [0, 2] {
        let idle = |config: Config| config.pool_size(5).idle_timeout(MOMENT);
        let stage = Stage::with(|config| idle(config).min_connections(least)).await;
        let (a, b, c) = tokio::join!(stage.db.begin(), stage.db.begin(), stage.db.begin());
        let used = a.unwrap();
        let session = Session::ask(&used).await.pid;
        drop((b.unwrap(), c.unwrap()));
        // The one in use is not at rest, for however long nothing is asked.
        until_so_many(&stage.witness, least.max(1)).await;
        assert_eq!(Session::ask(&used).await.pid, session);
        used.rollback().await.unwrap();
        until_so_many(&stage.witness, least).await;
    }
}

#[tokio::test]
async fn those_that_may_rest_are_left_alone() {
    let hour = Duration::from_secs(60 * 60);
    // For ever, for longer than this, and as the least that there are.
    for (limit, least) in [(None, 0), (Some(hour), 0), (Some(MOMENT), 2)] {
        let idle = |config: Config| config.pool_size(5).idle_timeout(limit);
        // There is something to look for, often.
        let stage = Stage::with(|config| {
            let config = idle(config).min_connections(least);
            config.max_lifetime(hour)
        })
        .await;
        if least == 0 {
            let (a, b) = tokio::join!(stage.db.begin(), stage.db.begin());
            drop((a.unwrap(), b.unwrap()));
        }
        until_so_many(&stage.witness, 2).await;
        let before = pids(&stage.witness).await;
        if least == 0 {
            // Something to wake up for: one more, that ends.
            let (a, b, c) = tokio::join!(stage.db.begin(), stage.db.begin(), stage.db.begin());
            drop((a.unwrap(), b.unwrap(), c.unwrap()));
            let ended = format!(
                "SELECT bool_and(pg_terminate_backend(pid, 20000)) FROM subjects WHERE pid <> ALL(ARRAY{before:?})"
            );
            assert!(stage.witness.sees(&ended).await);
        }
        tokio::time::sleep(MOMENT * 3).await;
        assert_eq!(pids(&stage.witness).await, before, "{limit:?}");
    }
}

#[tokio::test]
async fn those_that_are_too_old_are_replaced_while_they_rest() {
    let old = |config: Config| config.pool_size(2).max_lifetime(MOMENT * 3);
    let stage = Stage::with(|config| old(config).min_connections(2)).await;
    until_so_many(&stage.witness, 2).await;
    let before = pids(&stage.witness).await;
    until_others(&stage.witness, 2, &before).await;
}

#[tokio::test]
async fn nothing_is_kept_for_a_pool_that_is_gone() {
    let stage = Stage::with(|config| config.pool_size(3).min_connections(3)).await;
    until_so_many(&stage.witness, 3).await;
    let Stage { db, witness, .. } = &stage;
    db.close();
    until_so_many(witness, 0).await;

    let url = through(&stage.proxy, stage.blog.database.url());
    let config = Config::new(&url).unwrap();
    let db = config.pool_size(3).min_connections(3).connect().await;
    until_so_many(witness, 3).await;
    stage.proxy.connections();
    drop(db.unwrap());
    until_so_many(witness, 0).await;
    tokio::time::sleep(MOMENT).await;
    assert_eq!(stage.proxy.connections(), 0);
}

#[tokio::test]
async fn a_server_that_was_away_is_come_back_to() {
    let stage = Stage::with(|config| {
        let config = config.pool_size(2).min_connections(2).connect_retries(0);
        config.connect_back_off(SHORT, SHORT)
    })
    .await;
    until_so_many(&stage.witness, 2).await;
    let before = pids(&stage.witness).await;
    stage.proxy.refuse([Closed, Told("57P03"), Told("53300")]);
    let ended = "SELECT pg_terminate_backend(pid) FROM subjects";
    stage.witness.client().query(ended, &[]).await.unwrap();
    until_others(&stage.witness, 2, &before).await;
}

#[tokio::test]
async fn a_server_that_starts_is_waited_for() {
    let stage = Stage::with(|config| config.connect_back_off(SHORT, SHORT)).await;
    for refusals in [
        [Told("57P03"), Told("57P03")],
        [Closed, Told("57P03")],
        [Closed, Closed],
    ] {
        stage.witness.terminate_subjects().await;
        stage.proxy.connections();
        stage.proxy.refuse(refusals);
        in_time(User::find().count(&stage.db)).await.unwrap();
        assert_eq!(stage.proxy.connections(), 3);
    }
    stage.assert_clean().await;
}

#[tokio::test]
async fn there_is_an_end_to_waiting_for_it() {
    let stage = Stage::new().await;
    let config = |stage: &Stage| {
        let url = through(&stage.proxy, stage.blog.database.url());
        Config::new(&url).unwrap().connect_back_off(SHORT, SHORT)
    };
    for (retries, attempts) in [(0, 1), (2, 3), (5, 6)] {
        stage.proxy.refuse(repeat_n(Told("57P03"), 100));
        stage.proxy.connections();
        let error = in_time(config(&stage).connect_retries(retries).connect())
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Connect, Some("57P03"))
        );
        assert_eq!(stage.proxy.connections(), attempts);
    }
    // Also an end in time.
    stage.proxy.refuse(repeat_n(Told("57P03"), 1_000_000));
    let endless = config(&stage)
        .connect_retries(1_000_000)
        .wait_timeout(MOMENT);
    let error = in_time(endless.connect()).await.unwrap_err();
    assert_eq!(error.code(), Some("57P03"));
}

#[tokio::test]
async fn what_stays_as_it_is_is_not_tried_again() {
    let stage = Stage::new().await;
    let url = through(&stage.proxy, stage.blog.database.url());
    for code in ["28P01", "28000", "3D000", "53300", "42501"] {
        stage.proxy.refuse(repeat_n(Told(code), 100));
        stage.proxy.connections();
        let error = in_time(Config::new(&url).unwrap().connect())
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Connect, Some(code))
        );
        assert_eq!(stage.proxy.connections(), 1, "{code}");
    }
}
