//! Connections that reads share: nobody is given another's answer, whatever becomes of those before and behind.

use crate::blog::{Post, User, new_user};
use crate::stage::{Session, Stage, dropped_after, in_time};
use ormcore::{Config, Entity, ErrorKind, Expression, Result, Transaction, sql};
use std::time::Duration;
use tokio::time::sleep;

/// One shared connection, one in the pool, and little patience for that.
async fn stage() -> Stage {
    Stage::with(|config| shares(config).wait_timeout(Duration::from_millis(20))).await
}

fn shares(config: Config) -> Config {
    config.multiplexed_reads(1)
}

/// Repeats a read until it needs no connection of the pool.
async fn until_shared<T>(stage: &Stage, read: impl AsyncFn() -> Result<T>) -> T {
    let tx = in_time(stage.db.begin()).await.expect("the connection");
    let shared = in_time(async {
        loop {
            match read().await {
                Err(error) if error.kind() == ErrorKind::PoolTimeout => {}
                read => return read,
            }
        }
    });
    let read = shared.await.expect("an answer");
    tx.rollback().await.expect("nothing to undo");
    read
}

/// The session that reads share.
async fn shared_session(stage: &Stage) -> i32 {
    let pool = Session::ask(&stage.db).await.pid;
    let text = "SELECT pid FROM subjects WHERE pid <> $1";
    let row = stage.witness.client().query_one(text, &[&pool]).await;
    row.expect("one session besides the pool's").get(0)
}

async fn users(stage: &Stage, number: usize) -> Vec<User> {
    let rows = (0..number).map(|number| new_user(&format!("user-{number}")));
    let insert = User::insert_many(rows.collect());
    insert.all(&stage.blog.db).await.expect("users")
}

/// Whoever reads posts has to wait.
async fn lock_posts(stage: &Stage) -> Transaction {
    let tx = stage.blog.db.begin().await.expect("a connection");
    sql("LOCK TABLE posts").batch(&tx).await.expect("the lock");
    tx
}

#[tokio::test]
async fn reads_need_no_connection_of_the_pool() {
    let stage = stage().await;
    let ada = users(&stage, 1).await.remove(0);
    let get = async || User::get(ada.id).one(&stage.db).await;
    let find = async || User::find().with(User::POSTS).all(&stage.db).await;
    assert_eq!(until_shared(&stage, get).await.name, ada.name);
    assert_eq!(until_shared(&stage, find).await.len(), 1);
    let count = async || User::find().count(&stage.db).await;
    assert_eq!(until_shared(&stage, count).await, 1);
    let exists = async || User::find().exists(&stage.db).await;
    assert!(until_shared(&stage, exists).await);
    let session = shared_session(&stage).await;
    let tx = stage.db.begin().await.unwrap();
    for _ in 0..10 {
        assert_eq!(get().await.unwrap().name, ada.name);
        stage.proxy.sent();
        get().await.unwrap();
        assert_eq!(stage.proxy.sent(), "BES");
    }
    tx.rollback().await.unwrap();
    assert_eq!(shared_session(&stage).await, session);
}

#[tokio::test]
async fn unless_it_is_asked_for_everybody_has_a_connection_of_their_own() {
    let stage = Stage::new().await;
    for _ in 0..5 {
        User::find().count(&stage.db).await.unwrap();
    }
    sleep(Duration::from_millis(50)).await;
    stage.assert_clean().await;
    // Nothing stays prepared without a cache, and what is not prepared is not shared.
    let stage = Stage::with(|config| shares(config).statement_cache(0)).await;
    for _ in 0..5 {
        User::find().count(&stage.db).await.unwrap();
    }
    sleep(Duration::from_millis(50)).await;
    stage.assert_clean().await;
}

#[tokio::test]
async fn many_tasks_get_each_their_own_row() {
    let stage = Stage::with(|config| shares(config).pool_size(4)).await;
    let users = users(&stage, 64).await;
    until_shared(&stage, async || User::find().count(&stage.db).await).await;
    let tasks: Vec<_> = users
        .into_iter()
        .map(|user| {
            let db = stage.db.clone();
            tokio::spawn(async move {
                for _ in 0..20 {
                    let found = User::get(user.id).one(&db).await.unwrap();
                    assert_eq!((found.id, &found.name), (user.id, &user.name));
                    let named = User::find().filter(User::NAME.eq(user.name.as_str()));
                    assert_eq!(named.one(&db).await.unwrap().id, user.id);
                    assert_eq!(User::find().count(&db).await.unwrap(), 64);
                }
            })
        })
        .collect();
    for task in tasks {
        in_time(task).await.unwrap();
    }
}

#[tokio::test]
async fn whatever_writes_or_takes_its_time_has_a_connection_of_its_own() {
    let stage = stage().await;
    let ada = users(&stage, 1).await.remove(0);
    until_shared(&stage, async || User::find().exists(&stage.db).await).await;
    let session = shared_session(&stage).await;
    let only_that =
        format!("SELECT query LIKE 'SELECT EXISTS%' FROM subjects WHERE pid = {session}");
    for _ in 0..3 {
        User::insert(new_user("Bob")).one(&stage.db).await.unwrap();
        let bob = || User::NAME.eq("Bob");
        let update = User::update(ada.id).set(User::AGE, 36);
        update.execute(&stage.db).await.unwrap();
        let delete = User::delete().filter(bob());
        assert_eq!(delete.execute(&stage.db).await.unwrap(), 1);
        sql("SELECT 1").execute(&stage.db).await.unwrap();
        sql("SELECT 1").batch(&stage.db).await.unwrap();
        let tx = stage.db.begin().await.unwrap();
        User::get(ada.id).one(&tx).await.unwrap();
        tx.commit().await.unwrap();
        let mut rows = User::find().stream(&stage.db);
        while let Some(row) = rows.next().await {
            row.unwrap();
        }
        drop(rows);
        User::find().for_each(&stage.db, |_| Ok(())).await.unwrap();
        let locked = User::find().for_update().all(&stage.db).await;
        assert_eq!(locked.unwrap().len(), 1);
        let called = Expression::<User, i64>::call("abs", [User::ID.into()]).gt(0);
        let found = User::find().filter(called).count(&stage.db).await;
        assert_eq!(found.unwrap(), 1);
        assert!(stage.witness.sees(&only_that).await);
    }
}

#[tokio::test]
async fn one_that_fails_harms_no_other() {
    #[derive(Entity, Debug)]
    #[orm(table = "parts")]
    struct Part {
        #[orm(primary_key)]
        id: i32,
        part: i32,
    }
    let stage = stage().await;
    let view =
        "CREATE VIEW parts AS SELECT id, 6 / (id - 2) AS part FROM generate_series(1, 3) AS id";
    sql(view).batch(&stage.blog.db).await.unwrap();
    let part = |id| Part::get(id).one(&stage.db);
    until_shared(&stage, async || part(1).await).await;
    let tx = stage.db.begin().await.unwrap();
    for _ in 0..20 {
        let (one, two, three) = tokio::join!(part(1), part(2), part(3));
        assert_eq!((one.unwrap().part, three.unwrap().part), (-6, 6));
        assert_eq!(two.unwrap_err().code(), Some("22012"));
    }
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn a_shared_connection_that_ended_is_replaced() {
    let stage = stage().await;
    let count = async || User::find().count(&stage.db).await;
    let posts = async || Post::find().count(&stage.db).await;
    for in_flight in [false, true, false, true] {
        until_shared(&stage, count).await;
        until_shared(&stage, posts).await;
        let session = shared_session(&stage).await;
        let end = format!("SELECT pg_terminate_backend({session})");
        if in_flight {
            // It waits at the server: nothing of a reply is on its way when the session ends.
            let lock = lock_posts(&stage).await;
            let waits = format!(
                "SELECT count(*) = 1 FROM pg_stat_activity WHERE pid = {session} AND wait_event_type = 'Lock'"
            );
            let gone = format!("SELECT count(*) = 0 FROM subjects WHERE pid = {session}");
            let (read, ()) = tokio::join!(posts(), async {
                stage.witness.until(&waits).await;
                assert!(stage.witness.sees(&end).await);
                stage.witness.until(&gone).await;
                lock.rollback().await.unwrap();
            });
            assert_eq!(read.unwrap(), 0);
        } else {
            assert!(stage.witness.sees(&end).await);
            // Whether or not the news have arrived.
            assert_eq!(count().await.unwrap(), 0);
        }
        until_shared(&stage, count).await;
        assert_ne!(shared_session(&stage).await, session);
    }
}

/// A session may be ended by the server after a row and before the end of the reply: it looks whether it has to stop in
/// between. Who has taken the row cannot take it back.
#[tokio::test]
async fn a_reply_that_ends_half_way_is_an_answer_or_an_error_and_the_next_read_has_another_connection()
 {
    let stage = stage().await;
    let ada = users(&stage, 1).await.remove(0);
    let count = async || User::find().count(&stage.db).await;
    for _ in 0..4 {
        until_shared(&stage, count).await;
        let session = shared_session(&stage).await;
        let end = format!("SELECT pg_terminate_backend({session})");
        let gone = format!("SELECT count(*) = 0 FROM subjects WHERE pid = {session}");
        stage.proxy.hold(true);
        let (read, ()) = tokio::join!(count(), async {
            assert!(stage.witness.sees(&end).await);
            stage.witness.until(&gone).await;
            stage.proxy.hold(false);
        });
        match read {
            Ok(number) => assert_eq!(number, 1),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionLost),
        }
        assert_eq!(User::get(ada.id).one(&stage.db).await.unwrap().id, ada.id);
        until_shared(&stage, count).await;
        assert_ne!(shared_session(&stage).await, session);
    }
}

#[tokio::test]
async fn columns_that_changed_go_unnoticed() {
    let stage = stage().await;
    let ada = users(&stage, 1).await.remove(0);
    let get = async || User::get(ada.id).one(&stage.db).await;
    until_shared(&stage, get).await;
    for ty in ["varchar", "text", "varchar"] {
        let alter = format!("ALTER TABLE users ALTER COLUMN name TYPE {ty}");
        sql(alter).batch(&stage.blog.db).await.unwrap();
        assert_eq!(get().await.unwrap().name, ada.name);
        assert_eq!(until_shared(&stage, get).await.name, ada.name);
    }
}

#[tokio::test]
async fn behind_a_slow_statement_nobody_queues_up() {
    let stage = stage().await;
    let ada = users(&stage, 1).await.remove(0);
    let get = async || User::get(ada.id).one(&stage.db).await;
    until_shared(&stage, get).await;
    let posts = async || Post::find().count(&stage.db).await;
    until_shared(&stage, posts).await;
    let session = shared_session(&stage).await;
    let lock = lock_posts(&stage).await;
    let db = stage.db.clone();
    let slow = tokio::spawn(async move { Post::find().count(&db).await });
    let waits = format!(
        "SELECT wait_event_type IS NOT DISTINCT FROM 'Lock' FROM subjects WHERE pid = {session}"
    );
    stage.witness.until(&waits).await;
    sleep(Duration::from_millis(150)).await;
    for _ in 0..3 {
        assert_eq!(in_time(get()).await.unwrap().name, ada.name);
    }
    assert!(!slow.is_finished());
    lock.rollback().await.unwrap();
    assert_eq!(in_time(slow).await.unwrap().unwrap(), 0);
    until_shared(&stage, get).await;
    assert_eq!(shared_session(&stage).await, session);
}

#[tokio::test]
async fn when_the_server_is_silent_only_who_asked_it_is_told() {
    let patience = |config: Config| shares(config).statement_timeout(Duration::from_millis(500));
    let stage =
        Stage::with(|config| patience(config).wait_timeout(Duration::from_millis(20))).await;
    let ada = users(&stage, 1).await.remove(0);
    let get = async || User::get(ada.id).one(&stage.db).await;
    until_shared(&stage, get).await;
    let posts = async || Post::find().count(&stage.db).await;
    until_shared(&stage, posts).await;
    let session = shared_session(&stage).await;
    // The pool's connection knows this one too.
    let tx = stage.db.begin().await.unwrap();
    User::get(ada.id).one(&tx).await.unwrap();
    tx.rollback().await.unwrap();
    let lock = lock_posts(&stage).await;
    stage.proxy.sent();
    let (slow, behind) = in_time(async { tokio::join!(posts(), get()) }).await;
    assert_eq!(slow.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(behind.unwrap().name, ada.name);
    // The one behind it was sent again, and the slow one was not.
    assert_eq!(stage.proxy.sent(), "BESBESBES");
    // It does not go on for nobody.
    let gone = format!("SELECT count(*) = 0 FROM subjects WHERE pid = {session}");
    stage.witness.until(&gone).await;
    lock.rollback().await.unwrap();
    assert_eq!(until_shared(&stage, posts).await, 0);
}

#[tokio::test]
async fn a_read_may_be_dropped_wherever_it_waits() {
    let stage = stage().await;
    let users = users(&stage, 3).await;
    let get = async |user: &User| User::get(user.id).one(&stage.db).await;
    until_shared(&stage, async || get(&users[0]).await).await;
    let all = async || User::find().all(&stage.db).await;
    until_shared(&stage, all).await;
    let session = shared_session(&stage).await;
    stage.proxy.drip();
    for polls in 1..100 {
        let reads = async {
            let (_, one, two) =
                tokio::join!(dropped_after(polls, all()), get(&users[1]), get(&users[2]));
            (one.unwrap().id, two.unwrap().id)
        };
        assert_eq!(in_time(reads).await, (users[1].id, users[2].id));
        let done = in_time(dropped_after(polls, all())).await;
        assert_eq!(in_time(get(&users[0])).await.unwrap().id, users[0].id);
        if let Some(all) = done {
            assert_eq!(all.unwrap().len(), 3);
            assert!(polls > 2, "it waited at {polls} places only");
            until_shared(&stage, async || get(&users[0]).await).await;
            assert_eq!(shared_session(&stage).await, session);
            return;
        }
    }
    panic!("it is never done");
}

/// Each leaves its seat only when its reply has passed: many dropped ones do not pile up at the server.
#[tokio::test]
async fn dropped_reads_keep_their_seats_until_they_are_answered() {
    let stage = stage().await;
    let count = async || User::find().count(&stage.db).await;
    until_shared(&stage, count).await;
    let tx = stage.db.begin().await.unwrap();
    stage.proxy.sent();
    stage.proxy.hold(true);
    for _ in 0..100 {
        let _ = dropped_after(1, count()).await;
    }
    stage.proxy.hold(false);
    in_time(async { while count().await.is_err() {} }).await;
    let asked = stage.proxy.sent().matches('B').count();
    assert!((2..=33).contains(&asked), "{asked} were sent");
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn a_connection_is_not_blamed_for_what_nobody_waits_for() {
    let patience = |config: Config| shares(config).statement_timeout(Duration::from_millis(300));
    let stage =
        Stage::with(|config| patience(config).wait_timeout(Duration::from_millis(20))).await;
    let count = async || User::find().count(&stage.db).await;
    until_shared(&stage, count).await;
    let session = shared_session(&stage).await;
    assert!(dropped_after(1, count()).await.is_none());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(shared_session(&stage).await, session);
}

#[tokio::test]
async fn shared_connections_end_with_their_db() {
    let stage = stage().await;
    until_shared(&stage, async || User::find().count(&stage.db).await).await;
    stage.db.close();
    let error = User::find().count(&stage.db).await.unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
    let nobody = "SELECT count(*) = 0 FROM subjects";
    stage.witness.until(nobody).await;

    let stage = self::stage().await;
    let two = "SELECT count(*) = 2 FROM subjects";
    User::find().count(&stage.db).await.unwrap();
    stage.witness.until(two).await;
    drop(stage.db);
    stage.witness.until(nobody).await;
}
