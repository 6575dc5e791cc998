//! The pool: who gets which connection, at what price, and what happens to connections that ended.

use crate::blog::{User, new_user};
use crate::proxy::Proxy;
use crate::stage::{Session, Stage, Witness, in_time, through};
use dev_postgres::{Cluster, Server};
use ormcore::{Config, Db, ErrorKind, sql};
use std::time::Duration;

#[tokio::test]
async fn a_query_costs_one_round_trip_and_the_first_of_its_kind_two() {
    let stage = Stage::new().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    stage.proxy.sent();
    User::get(ada.id).one(&stage.db).await.unwrap();
    // Parse, Describe, Sync; Bind, Execute, Sync.
    assert_eq!(stage.proxy.sent(), "PDSBES");
    User::get(ada.id).one(&stage.db).await.unwrap();
    assert_eq!(stage.proxy.sent(), "BES");
    assert!(User::get(404).maybe(&stage.db).await.unwrap().is_none());
    assert_eq!(stage.proxy.sent(), "BES");
}

#[tokio::test]
async fn the_connection_used_last_is_used_next() {
    let stage = Stage::with(|config| config.pool_size(3)).await;
    let (a, b, c) = tokio::join!(stage.db.begin(), stage.db.begin(), stage.db.begin());
    let (a, b, c) = (a.unwrap(), b.unwrap(), c.unwrap());
    let last = Session::ask(&b).await.pid;
    for tx in [a, c, b] {
        tx.rollback().await.unwrap();
    }
    for _ in 0..5 {
        assert_eq!(Session::ask(&stage.db).await.pid, last);
    }
}

#[tokio::test]
async fn there_are_never_more_connections_than_allowed() {
    let stage = Stage::with(|config| config.pool_size(3)).await;
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let db = stage.db.clone();
            tokio::spawn(async move {
                sql("SELECT pg_sleep(0.01)").execute(&db).await.unwrap();
                Session::ask(&db).await.pid
            })
        })
        .collect();
    let mut pids = Vec::new();
    for task in tasks {
        pids.push(task.await.unwrap());
    }
    pids.sort_unstable();
    pids.dedup();
    assert!(pids.len() <= 3, "{} sessions", pids.len());
    assert!(stage.witness.count("SELECT count(*) FROM subjects").await <= 3);
}

#[tokio::test]
async fn who_waits_gets_the_connection_that_is_given_back() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    let waiting = User::find().count(&stage.db);
    let giving = async {
        tokio::task::yield_now().await;
        tx.rollback().await
    };
    let (count, given) = in_time(async { tokio::join!(waiting, giving) }).await;
    assert_eq!(count.unwrap(), 0);
    given.unwrap();
}

#[tokio::test]
async fn who_waits_for_too_long_is_told_what_to_do() {
    let stage = Stage::with(|config| config.wait_timeout(Duration::from_millis(50))).await;
    let tx = stage.db.begin().await.unwrap();
    let error = in_time(User::find().count(&stage.db)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PoolTimeout);
    let text = error.to_string();
    assert!(
        text.contains("all 1 are in use") && text.contains("Config::pool_size"),
        "{text}"
    );
    assert!(error.location().unwrap().file().ends_with("pool.rs"));
    tx.rollback().await.unwrap();
    stage.assert_clean().await;
}

#[tokio::test]
async fn who_waits_for_too_long_is_told_who_has_the_connections() {
    let small = |config: Config| config.pool_size(4).wait_timeout(Duration::from_millis(50));
    let stage = Stage::with(small).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        open.push((stage.db.begin().await.unwrap(), line!()));
    }
    let (pinned, pinned_at) = (stage.db.pin().await.unwrap(), line!());
    let many = "INSERT INTO users (name, email) SELECT n::text, n::text FROM generate_series(1, 50000) AS n";
    sql(many).execute(&stage.blog.db).await.unwrap();
    let (mut rows, rows_at) = (User::find().stream(&stage.db), line!());
    rows.next().await.unwrap().unwrap();

    let (beginning, asked_at) = (stage.db.begin(), line!());
    let error = in_time(beginning).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PoolTimeout);
    let location = error.location().expect("a line");
    assert_eq!((location.file(), location.line()), (file!(), asked_at));
    let text = error.to_string();
    let here = |line: u32| format!("taken at {}:{line} ", file!());
    let both = format!("{}2 times and for ", here(open[0].1));
    for expected in [both, here(pinned_at) + "for ", here(rows_at) + "for "] {
        assert!(text.contains(&expected), "{expected}: {text}");
    }
    assert!(!text.contains("single"), "{text}");
    drop((open, pinned, rows));
}

#[tokio::test]
async fn single_statements_are_counted_only_and_who_gave_a_connection_back_has_none() {
    let stage = Stage::with(|config| config.wait_timeout(Duration::from_millis(50))).await;
    drop(stage.db.pin().await.unwrap());
    stage.db.begin().await.unwrap().commit().await.unwrap();
    let sleeping = sql("SELECT pg_sleep(600)").execute(&stage.db);
    let waiting = async {
        let asleep = "SELECT count(*) = 1 FROM subjects WHERE wait_event = 'PgSleep'";
        stage.witness.until(asleep).await;
        stage.db.pin().await.unwrap_err().to_string()
    };
    let text = in_time(async {
        tokio::select! {
            text = waiting => text,
            slept = sleeping => panic!("{slept:?}"),
        }
    })
    .await;
    assert!(text.contains("(1 by single statements)"), "{text}");
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_connection_that_ended_while_it_rested_is_replaced() {
    let stage = Stage::new().await;
    for _ in 0..5 {
        stage.witness.terminate_subjects().await;
        // Whether or not the news have arrived.
        assert_eq!(User::find().count(&stage.db).await.unwrap(), 0);
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn a_read_is_repeated_when_its_connection_ends_and_a_write_is_not() {
    let stage = Stage::new().await;
    for delivered in [false, true] {
        // Once with the text, when it is prepared, and once with the value.
        for cut in ["\"users\"", "needle"] {
            let read = || User::find().filter(User::NAME.eq("needle")).all(&stage.db);
            stage.proxy.cut(cut, delivered);
            assert_eq!(read().await.unwrap().len(), 0);
            let tx = stage.db.begin().await.unwrap();
            stage.proxy.cut(cut, delivered);
            let read = User::find()
                .filter(User::NAME.eq("needle"))
                .count(&tx)
                .await;
            assert_eq!(read.unwrap_err().kind(), ErrorKind::ConnectionLost);
            tx.commit().await.unwrap_err();
            stage.assert_clean().await;
        }
        stage.proxy.cut("secret needle", delivered);
        let insert = User::insert(new_user("secret needle")).one(&stage.db).await;
        assert_eq!(insert.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
        User::delete()
            .all_rows()
            .execute(&stage.blog.db)
            .await
            .unwrap();
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn a_write_whose_connection_ended_before_it_was_sent_is_repeated() {
    let stage = Stage::new().await;
    for delivered in [false, true] {
        // To prepare it is not to execute it.
        stage.proxy.cut("\"users\"", delivered);
        let insert = User::insert(new_user("Ada")).one(&stage.db).await;
        assert_eq!(insert.unwrap().name, "Ada");
        assert_eq!(
            User::delete().all_rows().execute(&stage.db).await.unwrap(),
            1
        );
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn a_server_that_restarts_is_found_again() {
    let data = std::env::temp_dir().join(format!("ormcore-restart-{}", std::process::id()));
    let server = Server::builder().data_dir(&data).start().unwrap();
    let (upstream, url) = (server.port(), server.url("postgres"));
    let proxy = Proxy::to(upstream);
    let db = Db::connect(&through(&proxy, &url)).await.unwrap();
    let before = Session::ask(&db).await;
    drop(server);
    let error = in_time(sql("SELECT 1").execute(&db)).await.unwrap_err();
    assert!(
        [ErrorKind::Connect, ErrorKind::ConnectionLost].contains(&error.kind()),
        "{error}"
    );
    let server = Server::builder().data_dir(&data).start().unwrap();
    proxy.redirect(server.port());
    // Reads survive whatever the pool has not noticed yet.
    let after = in_time(Session::ask(&db)).await;
    assert!(!after.in_transaction);
    assert_ne!(before.pid, 0);
    drop(server);
    std::fs::remove_dir_all(&data).unwrap();
}

#[tokio::test]
async fn a_server_with_no_room_left_says_so() {
    let server = Server::builder()
        .setting("max_connections", "5")
        .setting("superuser_reserved_connections", "0")
        .start()
        .unwrap();
    let cluster = Cluster::of(server).unwrap();
    let database = cluster.database().unwrap();
    let witness = Witness::of(database.url()).await;
    let db = Config::new(database.url())
        .unwrap()
        .pool_size(20)
        .connect()
        .await
        .unwrap();
    let mut open = Vec::new();
    let error = loop {
        match db.begin().await {
            Ok(tx) => open.push(tx),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(error.code(), Some("53300"));
    // Those who have a connection go on, and so does the next after them.
    for tx in open {
        tx.rollback().await.unwrap();
        db.begin().await.unwrap().rollback().await.unwrap();
    }
    let idle = "SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'idle'";
    assert!(witness.sees(idle).await);
}

#[tokio::test]
async fn a_closed_pool_gives_no_connections() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    stage.db.close();
    let error = User::find().count(&stage.db).await.unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
    tx.commit().await.unwrap();
    stage
        .witness
        .until("SELECT count(*) = 0 FROM subjects")
        .await;
}

#[tokio::test]
async fn connections_that_rest_end_with_the_pool() {
    let stage = Stage::with(|config| config.pool_size(3)).await;
    let open = tokio::join!(stage.db.begin(), stage.db.begin(), stage.db.begin());
    drop((open.0.unwrap(), open.1.unwrap(), open.2.unwrap()));
    let three = "SELECT count(*) = 3 FROM subjects";
    assert!(stage.witness.sees(three).await);
    stage.db.close();
    let none = "SELECT count(*) = 0 FROM subjects";
    stage.witness.until(none).await;
}

#[tokio::test]
async fn a_connection_that_is_too_old_is_replaced_when_nobody_uses_it() {
    let stage = Stage::with(|config| config.max_lifetime(Duration::ZERO)).await;
    let mut before = 0;
    for _ in 0..3 {
        let tx = stage.db.begin().await.unwrap();
        let session = Session::ask(&tx).await.pid;
        assert_eq!(Session::ask(&tx).await.pid, session);
        assert_ne!(session, before);
        before = session;
        tx.commit().await.unwrap();
        let gone = "SELECT count(*) = 0 FROM subjects";
        stage.witness.until(gone).await;
    }
    let hour = Duration::from_secs(60 * 60);
    let stage = Stage::with(|config| config.max_lifetime(hour)).await;
    let session = stage.assert_clean().await;
    for _ in 0..3 {
        assert_eq!(Session::ask(&stage.db).await.pid, session);
    }
}

#[tokio::test]
async fn connections_that_age_while_they_rest_are_replaced_too() {
    let limit = Duration::from_millis(200);
    let stage = Stage::with(|config| config.pool_size(2).max_lifetime(limit)).await;
    let (one, other) = tokio::join!(stage.db.begin(), stage.db.begin());
    let (one, other) = (one.unwrap(), other.unwrap());
    let before = [Session::ask(&one).await.pid, Session::ask(&other).await.pid];
    one.rollback().await.unwrap();
    other.rollback().await.unwrap();
    tokio::time::sleep(limit).await;
    let (one, other) = tokio::join!(stage.db.begin(), stage.db.begin());
    for tx in [one, other] {
        let session = Session::ask(&tx.unwrap()).await.pid;
        assert!(!before.contains(&session));
    }
}
