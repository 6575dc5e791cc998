//! A comment behind every statement: it is there by every way, costs no round trip, and nothing here tells it.

use crate::blog::{NewUser, User, new_user};
use crate::stage::{Stage, in_time};
use futures_util::stream;
use ormcore::{CopyIn, sql};

const COMMENT: &str = " /*service='a%27b%2A%2Fc',version='1.4'*/";

async fn commented() -> Stage {
    Stage::with(|config| {
        let config = config.comment("version", "1.4").comment("service", "a'b");
        config.pool_size(2).comment("service", "a'b*/c")
    })
    .await
}

/// The last statement of the session has the comment, and once.
async fn assert_commented(stage: &Stage, begin: &str) {
    let seen = format!(
        "SELECT count(*) > 0 FROM subjects WHERE query LIKE '{begin}%' AND right(query, length($x${COMMENT}$x$)) = $x${COMMENT}$x$
         AND query NOT LIKE '%*/%*/'"
    );
    assert!(stage.witness.sees(&seen).await, "{begin}");
}

#[tokio::test]
async fn it_stands_behind_every_statement() {
    let stage = commented().await;
    let db = &stage.db;
    User::insert(new_user("Ada")).one(db).await.unwrap();
    assert_commented(&stage, "INSERT").await;
    assert_eq!(User::find().all(db).await.unwrap().len(), 1);
    assert_commented(&stage, "SELECT").await;
    sql("UPDATE users SET age = 1 -- a remark\n")
        .execute(db)
        .await
        .unwrap();
    assert_commented(&stage, "UPDATE").await;
    sql("ANALYZE users").batch(db).await.unwrap();
    assert_commented(&stage, "ANALYZE").await;
    let rows: Vec<NewUser> = vec![new_user("Bob")];
    CopyIn::stream(stream::iter(rows))
        .execute(db)
        .await
        .unwrap();
    assert_commented(&stage, "COPY").await;
    // For the first time on another connection.
    let (one, other) = (db.begin().await.unwrap(), db.begin().await.unwrap());
    for tx in [one, other] {
        assert_eq!(User::find().all(&tx).await.unwrap().len(), 2);
        assert_commented(&stage, "SELECT").await;
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn statements_stay_prepared_and_are_told_without_it() {
    let stage = commented().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let get = || User::get(ada.id).one(&stage.db);
    in_time(get()).await.unwrap();
    stage.proxy.sent();
    in_time(get()).await.unwrap();
    assert_eq!(stage.proxy.sent(), "BES");
    let error = User::insert(new_user("Ada"))
        .one(&stage.db)
        .await
        .unwrap_err();
    assert!(error.is_unique_violation());
    assert!(!error.statement().unwrap().contains("/*"), "{error}");
}
