//! Prepared statements: bounded, and replaced when the server no longer takes them.

use crate::blog::{User, new_user};
use crate::stage::{Session, Stage, in_time};
use ormcore::{Entity, ErrorKind, sql};
use std::time::Duration;

const MINE: &str = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%mine%'";

/// What the connection itself has prepared; nobody else can see it.
#[derive(Entity, Debug)]
struct Count {
    #[orm(primary_key)]
    count: i64,
}

async fn prepared(stage: &Stage) -> i64 {
    let count: Count = sql(MINE).one(&stage.db).await.expect("a count");
    count.count
}

#[tokio::test]
async fn there_are_never_more_prepared_statements_than_allowed() {
    let stage = Stage::with(|config| config.statement_cache(10)).await;
    for number in 0..50 {
        sql(format!("SELECT {number} AS mine"))
            .execute(&stage.db)
            .await
            .unwrap();
    }
    // One of the ten counts.
    assert_eq!(prepared(&stage).await, 10);
    stage.proxy.sent();
    sql("SELECT 49 AS mine").execute(&stage.db).await.unwrap();
    assert_eq!(stage.proxy.sent(), "BES");
    sql("SELECT 0 AS mine").execute(&stage.db).await.unwrap();
    assert!(stage.proxy.sent().starts_with("PDS"));
}

#[tokio::test]
async fn without_a_cache_nothing_stays_prepared() {
    let stage = Stage::with(|config| config.statement_cache(0)).await;
    for number in 0..5 {
        sql(format!("SELECT {number} AS mine"))
            .execute(&stage.db)
            .await
            .unwrap();
    }
    assert_eq!(prepared(&stage).await, 1);
}

#[tokio::test]
async fn columns_that_changed_go_unnoticed_outside_a_transaction() {
    let stage = Stage::new().await;
    User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let all = || sql("SELECT * FROM users").all::<User>(&stage.db);
    all().await.unwrap();
    sql("ALTER TABLE users ADD COLUMN town text")
        .batch(&stage.blog.db)
        .await
        .unwrap();
    stage.proxy.sent();
    assert_eq!(all().await.unwrap()[0].name, "Ada");
    // Refused, prepared again, sent again; and the old statement is closed.
    assert_eq!(stage.proxy.sent().replace("CS", ""), "BESPDSBES");
    all().await.unwrap();
    assert_eq!(stage.proxy.sent().replace("CS", ""), "BES");
    stage.assert_clean().await;
}

#[tokio::test]
async fn columns_that_changed_fail_one_transaction_and_not_the_next() {
    let stage = Stage::new().await;
    let text = "SELECT * FROM users";
    sql(text).all::<User>(&stage.db).await.unwrap();
    sql("ALTER TABLE users ADD COLUMN town text")
        .batch(&stage.blog.db)
        .await
        .unwrap();
    let tx = stage.db.begin().await.unwrap();
    let error = sql(text).all::<User>(&tx).await.unwrap_err();
    assert_eq!(error.code(), Some("0A000"));
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    let tx = stage.db.begin().await.unwrap();
    sql(text).all::<User>(&tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_postgresql_does_not_support_is_sent_once() {
    let stage = Stage::new().await;
    stage.proxy.sent();
    let text = "SELECT DISTINCT id FROM users FOR UPDATE";
    let error = sql(text).execute(&stage.db).await.unwrap_err();
    assert_eq!(error.code(), Some("0A000"));
    assert_eq!(stage.proxy.sent(), "PDS");
    let raising = "CREATE FUNCTION unsupported() RETURNS int LANGUAGE plpgsql AS
                   $$ BEGIN RAISE EXCEPTION USING ERRCODE = '0A000'; END $$";
    sql(raising).batch(&stage.blog.db).await.unwrap();
    let error = sql("SELECT unsupported()")
        .execute(&stage.db)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("0A000"));
    assert_eq!(stage.proxy.sent(), "PDSBES");
}

#[tokio::test]
async fn rows_that_were_read_are_not_read_twice() {
    let stage = Stage::new().await;
    let function = "CREATE FUNCTION spoil(n int) RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN IF n = 100 THEN RAISE EXCEPTION USING ERRCODE = '0A000'; END IF; RETURN n; END $$";
    sql(function).batch(&stage.blog.db).await.unwrap();
    let text = "SELECT n::bigint AS id, spoil(n) AS name, '' AS email, NULL::int AS age, now() AS created_at
                FROM generate_series(1, 100) AS n";
    for _ in 0..2 {
        stage.proxy.sent();
        sql(text).all::<User>(&stage.db).await.unwrap_err();
        assert_eq!(stage.proxy.sent().matches('B').count(), 1);
    }
}

#[tokio::test]
async fn statements_the_server_forgot_are_prepared_again() {
    let stage = Stage::new().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    for forget in ["DISCARD ALL", "DEALLOCATE ALL"] {
        User::get(ada.id).one(&stage.db).await.unwrap();
        sql(forget).batch(&stage.db).await.unwrap();
        assert_eq!(User::get(ada.id).one(&stage.db).await.unwrap().name, "Ada");
        // From where nobody can tell from the text.
        let hidden = format!("DO $$ BEGIN EXECUTE '{forget}'; END $$");
        let _ = sql(hidden).batch(&stage.db).await;
        assert_eq!(User::get(ada.id).one(&stage.db).await.unwrap().name, "Ada");
        stage.assert_clean().await;
    }
}

#[derive(Entity, Debug)]
#[orm(table = "moods")]
struct Mood {
    #[orm(primary_key)]
    id: i64,
    label: String,
    mood: String,
}

/// More than fits into the buffers between the server and those who read.
const MANY: i64 = 20_000;

async fn moods() -> Stage {
    let stage = Stage::new().await;
    let text = format!(
        "CREATE TYPE mood AS ENUM ('happy', 'sad');
         CREATE TABLE moods (id bigint PRIMARY KEY, label text NOT NULL, mood mood NOT NULL);
         INSERT INTO moods SELECT n, repeat('x', 100), 'sad' FROM generate_series(1, {MANY}) AS n"
    );
    sql(text).batch(&stage.blog.db).await.expect("moods");
    stage
}

/// It asks for the type on the same connection, which waits for somebody to read the rows: nothing here may use it.
#[tokio::test]
async fn the_drivers_unprepared_query_hangs_on_types_it_does_not_know() {
    let stage = moods().await;
    let client = stage.witness.client();
    let query = client.query_typed("SELECT id, label, mood FROM moods", &[]);
    let hangs = tokio::time::timeout(Duration::from_secs(2), query).await;
    assert!(
        hangs.is_err(),
        "it no longer hangs: prepared statements are no longer the only way"
    );
}

#[tokio::test]
async fn types_the_driver_does_not_know_do_not_hang() {
    let stage = moods().await;
    let text = "SELECT id, label, mood::text AS mood, mood AS raw FROM moods";
    let found: Vec<Mood> = in_time(sql(text).all(&stage.db)).await.unwrap();
    assert_eq!(found.len(), usize::try_from(MANY).unwrap());
    assert_eq!((found[0].label.len(), found[0].mood.as_str()), (100, "sad"));
    assert_eq!(found[0].id, 1);
    stage.assert_clean().await;
}

#[tokio::test]
async fn types_are_found_again_after_the_server_forgot_how() {
    let stage = moods().await;
    let ask =
        |column: &str| format!("SELECT id, label, 'x' AS mood, {column} AS raw FROM moods LIMIT 1");
    sql(ask("mood")).all::<Mood>(&stage.db).await.unwrap();
    // A type it has not met, on a connection whose own statements are gone.
    let _ = sql("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
        .batch(&stage.db)
        .await;
    sql(ask("ARRAY[mood]"))
        .all::<Mood>(&stage.db)
        .await
        .unwrap();
    Session::ask(&stage.db).await;
}
