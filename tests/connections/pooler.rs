//! Behind a pooler whose clients share sessions: what is refused before it is sent, and what is sent otherwise than to a server.
//! The pooler is played by the proxy, which gives prepared statements other names.

use crate::blog::{NewUser, User, new_user};
use crate::stage::{Stage, in_time, through};
use futures_util::stream;
use ormcore::migrate::{Migrations, run};
use ormcore::{Config, CopyIn, Db, Error, ErrorKind, Result, sql};
use std::time::Duration;

async fn pooled(stage: &Stage, settings: impl FnOnce(Config) -> Config) -> Result<Db> {
    let url = through(&stage.proxy, stage.blog.database.url());
    let config = Config::new(&url).expect("a URL").transaction_pooler();
    in_time(settings(config).connect()).await
}

async fn stage() -> (Stage, Db) {
    let stage = Stage::new().await;
    stage.proxy.rename();
    let db = pooled(&stage, |config| config.pool_size(2)).await;
    (stage, db.expect("names are kept apart"))
}

fn assert_refused(error: &Error, remedy: &str) {
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    assert!(error.to_string().contains(remedy), "{error}");
    assert!(error.location().is_some(), "{error}");
}

#[tokio::test]
async fn names_that_are_everybodys_are_refused() {
    let stage = Stage::new().await;
    let error = pooled(&stage, |config| config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error.to_string().contains("max_prepared_statements"),
        "{error}"
    );
}

#[tokio::test]
async fn settings_that_would_be_lost_are_refused() {
    let (stage, _db) = stage().await;
    let limit = Duration::from_secs(1);
    for error in [
        pooled(&stage, |config| config.lock_timeout(limit))
            .await
            .unwrap_err(),
        pooled(&stage, |config| config.idle_in_transaction_timeout(limit))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("ALTER ROLE"), "{error}");
    }
}

#[tokio::test]
async fn what_ends_with_a_transaction_works_as_ever() {
    let (_stage, db) = stage().await;
    let ada = User::insert(new_user("Ada")).one(&db).await.unwrap();
    let rows: Vec<NewUser> = vec![new_user("Bob")];
    CopyIn::stream(stream::iter(rows))
        .execute(&db)
        .await
        .unwrap();
    let tx = db.begin().await.unwrap();
    sql("SET LOCAL work_mem = '1MB'")
        .execute(&tx)
        .await
        .unwrap();
    sql("CREATE TEMP TABLE seen (id bigint) ON COMMIT DROP")
        .execute(&tx)
        .await
        .unwrap();
    tx.advisory_lock(1).await.unwrap();
    assert_eq!(User::get(ada.id).one(&tx).await.unwrap().name, "Ada");
    // What is refused was not sent: the transaction goes on.
    let error = sql("SET work_mem = '1MB'").execute(&tx).await.unwrap_err();
    assert_refused(&error, "SET LOCAL");
    tx.commit().await.unwrap();
    assert_eq!(
        User::find().with(User::POSTS).all(&db).await.unwrap().len(),
        2
    );
}

#[tokio::test]
async fn what_would_change_the_session_of_others_is_not_sent() {
    let (stage, db) = stage().await;
    let changes = [
        "SET work_mem = '1MB'",
        "LISTEN news",
        "CREATE TEMP TABLE seen (id bigint)",
        "SELECT pg_advisory_lock(1)",
        "BEGIN",
    ];
    stage.proxy.sent();
    for change in changes {
        assert_refused(&sql(change).execute(&db).await.unwrap_err(), "SET LOCAL");
        assert_refused(&sql(change).batch(&db).await.unwrap_err(), "SET LOCAL");
    }
    assert_refused(&db.pin().await.unwrap_err(), "SET LOCAL");
    assert_eq!(stage.proxy.sent(), "");
}

#[tokio::test]
async fn what_needs_a_session_of_its_own_goes_past_the_pooler_or_nowhere() {
    let (stage, db) = stage().await;
    let file = (
        "20261120_120000_notes.sql",
        "-- UP\nCREATE TABLE notes ();\n",
    );
    let notes = Migrations::new([file]).unwrap();
    assert_refused(
        &db.listen(["news"]).await.unwrap_err(),
        "Config::direct_url",
    );
    assert_refused(
        &db.advisory_lock(1).await.unwrap_err(),
        "Config::direct_url",
    );
    assert_refused(&run(&db, &notes).await.unwrap_err(), "Config::direct_url");

    let straight = stage.blog.database.url();
    let direct = |config: Config| config.direct_url(straight).expect("a URL");
    let db = pooled(&stage, direct).await.unwrap();
    let mut news = db.listen(["news"]).await.unwrap();
    db.notify("news", "1").await.unwrap();
    in_time(news.next()).await.unwrap();
    db.advisory_lock(1).await.unwrap().release().await.unwrap();
    assert_eq!(run(&db, &notes).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_statement_that_the_server_no_longer_takes_has_another_text() {
    let (stage, db) = stage().await;
    let all = || sql("SELECT * FROM users").execute(&db);
    all().await.unwrap();
    for (number, column) in ["a", "b"].iter().enumerate() {
        let alter = format!("ALTER TABLE users ADD COLUMN {column} text");
        sql(alter).batch(&stage.blog.db).await.unwrap();
        all().await.unwrap();
        let renewed = format!("SELECT * FROM users /*{}*/", number + 1);
        let seen = format!("SELECT count(*) = 1 FROM subjects WHERE query = '{renewed}'");
        assert!(stage.witness.sees(&seen).await, "{renewed}");
    }
}
