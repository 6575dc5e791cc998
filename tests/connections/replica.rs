//! Reads that go to a replica, because they were told to. The replica is played by the same server: what is looked at is
//! which pool is asked, and what it refuses.

use crate::blog::{User, new_user};
use crate::stage::{Stage, in_time, through};
use ormcore::{Config, ErrorKind, sql};

/// A stage whose replica is reached through the proxy, and itself the straight way.
async fn stage() -> (Stage, ormcore::Db) {
    let stage = Stage::new().await;
    stage.db.close();
    stage
        .witness
        .until("SELECT count(*) = 0 FROM subjects")
        .await;
    let url = through(&stage.proxy, stage.blog.database.url());
    let config = Config::new(stage.blog.database.url()).expect("an answer");
    let db = config
        .replica(&url)
        .expect("an answer")
        .connect()
        .await
        .expect("an answer");
    (stage, db)
}

#[tokio::test]
async fn only_what_is_asked_of_the_replica_goes_there() {
    let (stage, db) = stage().await;
    stage.proxy.sent();
    let ada = User::insert(new_user("Ada")).one(&db).await.unwrap();
    assert_eq!(User::find().count(&db).await.unwrap(), 1);
    assert_eq!(stage.proxy.sent(), "");
    let replica = db.replica().unwrap();
    let found = User::find().with(User::POSTS).all(&replica).await.unwrap();
    assert_eq!(found[0].id, ada.id);
    assert_ne!(stage.proxy.sent(), "");
    let tx = replica.begin().await.unwrap();
    assert_eq!(User::get(ada.id).one(&tx).await.unwrap().name, "Ada");
    tx.commit().await.unwrap();
    assert_ne!(stage.proxy.sent(), "");
}

#[tokio::test]
async fn nothing_is_written_through_it() {
    let (_stage, db) = stage().await;
    let replica = db.replica().unwrap();
    let error = User::insert(new_user("Ada"))
        .execute(&replica)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::ReadOnly, Some("25006"))
    );
    let tx = replica.begin().await.unwrap();
    let error = User::delete().all_rows().execute(&tx).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::ReadOnly, Some("25006"))
    );
    drop(tx);
    // It is the pool that refuses: on the other handle nothing of it is left.
    User::insert(new_user("Ada")).execute(&db).await.unwrap();
    assert_eq!(User::find().count(&replica).await.unwrap(), 1);
}

#[tokio::test]
async fn locks_that_would_keep_nobody_out_are_not_taken_there() {
    let (_stage, db) = stage().await;
    let error = db.replica().unwrap().advisory_lock(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    db.advisory_lock(1).await.unwrap().release().await.unwrap();
}

#[tokio::test]
async fn without_one_nothing_else_is_taken_for_it() {
    let stage = Stage::new().await;
    let error = stage.db.replica().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("Config::replica"), "{error}");
    let (_stage, db) = self::stage().await;
    assert!(
        db.replica().unwrap().replica().is_err(),
        "it has none itself"
    );
}

#[tokio::test]
async fn both_end_together() {
    let (stage, db) = stage().await;
    let replica = db.replica().unwrap();
    sql("SELECT 1").execute(&replica).await.unwrap();
    db.close();
    stage
        .witness
        .until("SELECT count(*) = 0 FROM subjects")
        .await;
    let error = in_time(sql("SELECT 1").execute(&replica))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
}

#[tokio::test]
async fn what_a_replica_is_set_up_with_stays() {
    let stage = Stage::new().await;
    let url = stage.blog.database.url();
    let options = format!("{url}?options=-c%20work_mem%3D99kB");
    let config = Config::new(url).unwrap().replica(&options).unwrap();
    let db = config.connect().await.unwrap();
    let replica = db.replica().unwrap();
    let setting = sql("SHOW work_mem").scalar::<String>(&replica).await;
    assert_eq!(setting.unwrap(), "99kB");
    let mistake = Config::new(url).unwrap().replica("no url").unwrap_err();
    assert_eq!(mistake.kind(), ErrorKind::Config);
}
