//! A connection that is kept without a transaction: its session is one, and nobody else ever sees what was done to it.

use crate::blog::{NewUser, User, new_user};
use crate::stage::{Session, Stage, dropped_after, in_time};
use futures_util::stream;
use ormcore::{CopyIn, Db, ErrorKind, Executor, sql};

async fn work_mem(executor: &impl Executor) -> String {
    sql("SHOW work_mem")
        .scalar(executor)
        .await
        .expect("a setting")
}

#[tokio::test]
async fn all_statements_go_to_one_connection_which_goes_back_as_it_was() {
    let stage = Stage::with(|config| config.pool_size(3)).await;
    let one = stage.db.pin().await.unwrap();
    let session = Session::ask(&one).await.pid;
    let ada = User::insert(new_user("Ada")).one(&one).await.unwrap();
    let (a, b, c) = tokio::join!(
        Session::ask(&one),
        Session::ask(&one),
        User::find().with(User::POSTS).all(&one),
    );
    assert_eq!((a.pid, b.pid, c.unwrap().len()), (session, session, 1));
    assert_ne!(Session::ask(&stage.db).await.pid, session);
    // Each stands for itself.
    assert_eq!(User::get(ada.id).one(&stage.db).await.unwrap().name, "Ada");
    drop(one);
    let again = stage.db.pin().await.unwrap();
    assert_eq!(Session::ask(&again).await.pid, session);
}

#[tokio::test]
async fn its_session_is_closed_when_it_was_changed() {
    let stage = Stage::new().await;
    let before = work_mem(&stage.db).await;
    let one = stage.db.pin().await.unwrap();
    let session = Session::ask(&one).await.pid;
    sql("SET work_mem = '77kB'").execute(&one).await.unwrap();
    assert_eq!(work_mem(&one).await, "77kB");
    assert_eq!(Session::ask(&one).await.pid, session);
    drop(one);
    assert_eq!(work_mem(&stage.db).await, before);
    assert_ne!(stage.assert_clean().await, session);
}

/// What is written by a COPY, and read by one, by a stream, by a find.
async fn by_every_way(one: &impl Executor) {
    let rows: Vec<NewUser> = vec![new_user("Ada"), new_user("Bob")];
    let copied = CopyIn::stream(stream::iter(rows)).execute(one).await;
    assert_eq!(copied.expect("an answer"), 2);
    let mut found = User::find().copy_out(one);
    let mut names = Vec::new();
    while let Some(user) = found.next().await {
        names.push(user.expect("an answer").name);
    }
    let mut found = User::find().stream(one);
    while let Some(user) = found.next().await {
        names.push(user.expect("an answer").name);
    }
    assert_eq!(names, ["Ada", "Bob", "Ada", "Bob"]);
    assert_eq!(User::find().all(one).await.expect("an answer").len(), 2);
    sql("ANALYZE users; ANALYZE users")
        .batch(one)
        .await
        .expect("an answer");
}

#[tokio::test]
async fn a_temporary_table_is_there_by_every_way_and_for_nobody_else() {
    let stage = Stage::with(|config| config.pool_size(2)).await;
    let one = stage.db.pin().await.unwrap();
    let hides = "CREATE TEMP TABLE users (LIKE public.users INCLUDING ALL)";
    sql(hides).execute(&one).await.unwrap();
    in_time(by_every_way(&one)).await;
    assert_eq!(User::find().count(&stage.db).await.unwrap(), 0);
    drop(one);
    let (a, b) = tokio::join!(stage.db.pin(), stage.db.pin());
    for other in [a.unwrap(), b.unwrap()] {
        assert_eq!(User::find().count(&other).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_lock_of_its_session_ends_with_it() {
    let stage = Stage::new().await;
    let free =
        "SELECT count(*) = 0 FROM pg_locks JOIN subjects USING (pid) WHERE locktype = 'advisory'";
    let one = stage.db.pin().await.unwrap();
    sql("SELECT pg_advisory_lock(1)")
        .execute(&one)
        .await
        .unwrap();
    assert!(!stage.witness.sees(free).await);
    drop(one);
    stage.witness.until(free).await;
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_statement_that_was_given_up_is_stopped_when_it_goes_back() {
    let stage = Stage::new().await;
    for _ in 0..3 {
        let one = stage.db.pin().await.unwrap();
        let session = Session::ask(&one).await.pid;
        let sleep = |seconds: f64| sql("SELECT pg_sleep($1)").bind(seconds).execute(&one);
        sleep(0.0).await.unwrap();
        assert!(dropped_after(1, sleep(600.0)).await.is_none());
        drop(one);
        assert_eq!(stage.assert_clean().await, session);
    }
    // Also the taking of it may be given up.
    let one = stage.db.pin().await.unwrap();
    assert!(dropped_after(1, stage.db.pin()).await.is_none());
    drop(one);
    stage.assert_clean().await;
}

#[tokio::test]
async fn when_its_connection_ends_no_statement_goes_to_another() {
    let stage = Stage::new().await;
    let one = stage.db.pin().await.unwrap();
    Session::ask(&one).await;
    stage.witness.terminate_subjects().await;
    for _ in 0..2 {
        let error = in_time(User::find().count(&one)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error}");
        assert!(error.location().is_some());
    }
    drop(one);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_statement_whose_plan_changed_is_prepared_again_on_it() {
    let stage = Stage::new().await;
    let one = stage.db.pin().await.unwrap();
    let session = Session::ask(&one).await.pid;
    let all = || sql("SELECT * FROM users").execute(&one);
    all().await.unwrap();
    sql("ALTER TABLE users ADD COLUMN hobby text")
        .batch(&stage.blog.db)
        .await
        .unwrap();
    all().await.unwrap();
    assert_eq!(Session::ask(&one).await.pid, session);
}

async fn refused(db: &Db) {
    let one = db.pin().await.expect("an answer");
    for statement in ["BEGIN", "COMMIT"] {
        let error = sql(statement).execute(&one).await.expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.to_string().contains("db.begin()"), "{error}");
        let error = sql(statement).batch(&one).await.expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::Usage);
    }
    let consistent = User::find().with(User::POSTS).consistent().all(&one);
    let error = consistent.await.expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("pinned"), "{error}");
}

#[tokio::test]
async fn it_is_no_transaction() {
    let stage = Stage::new().await;
    let session = Session::ask(&stage.db).await.pid;
    in_time(refused(&stage.db)).await;
    assert_eq!(stage.assert_clean().await, session);
}
