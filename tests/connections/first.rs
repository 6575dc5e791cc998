//! The first execution of a statement on a connection, after another connection has learned what the server thinks of it.

use crate::blog::{Post, User, new_post, new_user};
use crate::stage::{Stage, in_time};
use ormcore::{ErrorKind, Result, Transaction, sql};

/// Two connections. The one that knows no statement yet is got by taking the other.
async fn stage() -> Stage {
    Stage::with(|config| config.pool_size(2)).await
}

/// Takes the connection that was used last, after this was done on it; what comes next is done on a new one.
async fn learned<T>(stage: &Stage, work: impl AsyncFn() -> Result<T>) -> Transaction {
    stage.witness.terminate_subjects().await;
    // Whoever finds that out is told.
    let _ = sql("SELECT 1").execute(&stage.db).await;
    work().await.expect("nothing wrong with it");
    let tx = stage.db.begin().await.expect("that connection");
    stage.proxy.sent();
    tx
}

/// The messages since this was asked last, without the password of a new connection.
fn sent(stage: &Stage) -> String {
    stage.proxy.sent().replace('p', "")
}

#[tokio::test]
async fn what_another_connection_has_learned_is_sent_at_once() {
    let stage = stage().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let get = async || User::get(ada.id).one(&stage.db).await;
    let tx = learned(&stage, get).await;
    assert_eq!(get().await.unwrap().name, "Ada");
    // It is prepared, and sent unprepared right behind.
    assert_eq!(sent(&stage), "PDSPBDES");
    assert_eq!(get().await.unwrap().name, "Ada");
    assert_eq!(sent(&stage), "BES");
    tx.rollback().await.unwrap();

    let rename = async || {
        User::update(ada.id)
            .set(User::NAME, "Eve")
            .execute(&stage.db)
            .await
    };
    let tx = learned(&stage, rename).await;
    assert_eq!(rename().await.unwrap(), 1);
    assert_eq!(sent(&stage), "PDSPBDES");
    assert_eq!(rename().await.unwrap(), 1);
    assert_eq!(sent(&stage), "BES");
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn rows_that_were_written_are_asked_for_in_the_ordinary_way_and_so_is_sql_of_others() {
    let stage = stage().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let post = async || {
        Post::insert(new_post(&ada, "On engines"))
            .one(&stage.db)
            .await
    };
    let tx = learned(&stage, post).await;
    post().await.unwrap();
    assert_eq!(sent(&stage), "PDSBES");
    tx.rollback().await.unwrap();
    let raw = async || sql("SELECT 1 AS mine").execute(&stage.db).await;
    let tx = learned(&stage, raw).await;
    raw().await.unwrap();
    assert_eq!(sent(&stage), "PDSBES");
    tx.rollback().await.unwrap();
    let raw = async || sql("DELETE FROM posts").execute(&stage.db).await;
    let tx = learned(&stage, raw).await;
    raw().await.unwrap();
    assert_eq!(sent(&stage), "PDSBES");
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn begin_rides_with_it() {
    let stage = stage().await;
    let count = async || User::find().count(&stage.db).await;
    let tx = learned(&stage, count).await;
    let other = stage.db.begin().await.unwrap();
    User::find().count(&other).await.unwrap();
    assert_eq!(sent(&stage), "QPDSPBDES");
    other.commit().await.unwrap();
    tx.rollback().await.unwrap();
}

/// What is refused is refused as ever.
#[tokio::test]
async fn its_failure_is_the_statements_own() {
    let stage = stage().await;
    for name in ["Ada", "Eve"] {
        User::insert(new_user(name)).one(&stage.db).await.unwrap();
    }
    let rename = |email: &'static str| {
        let update = User::update_many().filter(User::NAME.eq("Ada"));
        update.set(User::EMAIL, email).execute(&stage.db)
    };
    let tx = learned(&stage, async || rename("ada@example.org").await).await;
    let error = rename("eve@example.org").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(sent(&stage), "PDSPBDES");
    rename("ada@example.org").await.unwrap();
    assert_eq!(sent(&stage), "BES");
    tx.rollback().await.unwrap();
}

/// From now on names are of a type that the driver does not know and no text is equal to. It has the one name under which
/// a `String` is read from such a type.
async fn names_become_labels(stage: &Stage) {
    let alter = "CREATE TYPE citext AS ENUM ('Ada');
                 ALTER TABLE users ALTER COLUMN name TYPE citext USING name::citext";
    sql(alter).batch(&stage.blog.db).await.expect("labels");
}

#[tokio::test]
async fn types_that_changed_are_learned_anew_and_nothing_is_done_twice() {
    let stage = stage().await;
    User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let grow = async || {
        let update = User::update_many().filter(User::NAME.eq("Ada"));
        update.set(User::AGE, 36).execute(&stage.db).await
    };
    let audit = "CREATE TABLE audit (age int);
                 CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN INSERT INTO audit VALUES (NEW.age); RETURN NEW; END $$;
                 CREATE TRIGGER audit AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note()";
    sql(audit).batch(&stage.blog.db).await.unwrap();
    let tx = learned(&stage, grow).await;
    names_become_labels(&stage).await;
    assert_eq!(grow().await.unwrap(), 1);
    assert!(sent(&stage).starts_with("PDSPBDESPDS"));
    let witness = &stage.witness;
    assert_eq!(witness.count("SELECT count(*) FROM audit").await, 2);
    assert_eq!(grow().await.unwrap(), 1);
    assert_eq!(sent(&stage), "BES");
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn types_that_changed_fail_one_transaction_and_not_the_next() {
    let stage = stage().await;
    User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let adas = || User::find().filter(User::NAME.eq("Ada"));
    let held = learned(&stage, async || adas().count(&stage.db).await).await;
    names_become_labels(&stage).await;
    let tx = stage.db.begin().await.unwrap();
    let error = adas().count(&tx).await.unwrap_err();
    assert_eq!(error.code(), Some("42883"));
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    let tx = stage.db.begin().await.unwrap();
    assert_eq!(adas().count(&tx).await.unwrap(), 1);
    tx.commit().await.unwrap();
    held.rollback().await.unwrap();
}

#[tokio::test]
async fn what_has_types_the_driver_does_not_know_is_prepared_first() {
    let stage = stage().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    names_become_labels(&stage).await;
    let get = async || User::get(ada.id).one(&stage.db).await;
    let named = async || {
        User::find()
            .filter(User::NAME.eq("Ada"))
            .count(&stage.db)
            .await
    };
    let tx = learned(&stage, get).await;
    assert_eq!(get().await.unwrap().name, "Ada");
    assert!(!sent(&stage).contains("PBDES"));
    tx.rollback().await.unwrap();
    let tx = learned(&stage, named).await;
    assert_eq!(named().await.unwrap(), 1);
    assert!(!sent(&stage).contains("PBDES"));
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn columns_that_change_in_between_go_unnoticed() {
    let stage = stage().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let get = async || User::get(ada.id).one(&stage.db).await;
    let tx = learned(&stage, get).await;
    let change = async {
        stage.proxy.until_unnamed().await;
        // Both connections have prepared it: the old one long ago.
        let prepared =
            "SELECT count(*) = 2 FROM subjects WHERE state = 'idle' AND query LIKE 'SELECT%users%'";
        stage.witness.until(prepared).await;
        let alter = "ALTER TABLE users ALTER COLUMN name TYPE varchar";
        sql(alter).batch(&stage.blog.db).await.unwrap();
        stage.proxy.freeze(false);
    };
    let (read, ()) = in_time(async { tokio::join!(get(), change) }).await;
    assert_eq!(read.unwrap().name, "Ada");
    assert_eq!(sent(&stage).replace("CS", ""), "PDSPBDESPDSBES");
    tx.rollback().await.unwrap();
}

/// More than fits into the buffers between the server and those who read.
const MANY: u64 = 20_000;

#[tokio::test]
async fn a_column_of_a_type_the_driver_does_not_know_does_not_hang() {
    let stage = stage().await;
    let fill = format!(
        "INSERT INTO users (name, email) SELECT 'Ada', repeat('x', 100) || n FROM generate_series(1, {MANY}) AS n"
    );
    sql(fill).batch(&stage.blog.db).await.unwrap();
    let all = async || User::find().all(&stage.db).await;
    let tx = learned(&stage, all).await;
    names_become_labels(&stage).await;
    for _ in 0..2 {
        let found = in_time(all()).await.unwrap();
        assert_eq!(found.len() as u64, MANY);
        assert!(found.iter().all(|user| user.name == "Ada"));
    }
    tx.rollback().await.unwrap();
}
