//! The caller's own SQL can change a session: nobody else gets it then.

use crate::blog::{User, new_user};
use crate::stage::{Session, Stage};
use ormcore::{ErrorKind, sql};

#[tokio::test]
async fn a_transaction_opened_by_sql_is_handed_to_nobody() {
    let stage = Stage::new().await;
    let before = Session::ask(&stage.db).await;
    sql("BEGIN").execute(&stage.db).await.unwrap();
    stage.assert_clean().await;
    sql("-- set-up\nSELECT 1; BEGIN")
        .batch(&stage.db)
        .await
        .unwrap();
    stage.assert_clean().await;
    assert_ne!(Session::ask(&stage.db).await.pid, before.pid);
}

#[tokio::test]
async fn a_setting_is_handed_to_nobody() {
    let stage = Stage::new().await;
    sql("SET search_path TO nowhere")
        .execute(&stage.db)
        .await
        .unwrap();
    User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let tx = stage.db.begin().await.unwrap();
    sql("SET search_path TO nowhere")
        .execute(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(User::find().count(&stage.db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_setting_for_one_transaction_costs_no_connection() {
    let stage = Stage::new().await;
    let before = Session::ask(&stage.db).await;
    let tx = stage.db.begin().await.unwrap();
    sql("SET LOCAL search_path TO nowhere")
        .execute(&tx)
        .await
        .unwrap();
    User::find().count(&tx).await.unwrap_err();
    tx.rollback().await.unwrap();
    assert_eq!(Session::ask(&stage.db).await.pid, before.pid);
}

#[tokio::test]
async fn sql_does_not_end_a_transaction_behind_its_back() {
    let stage = Stage::new().await;
    let mut tx = stage.db.begin().await.unwrap();
    User::insert(new_user("Ada")).execute(&tx).await.unwrap();
    for text in [
        "COMMIT",
        "rollback",
        "/* now */ END",
        "SAVEPOINT mine",
        "BEGIN",
    ] {
        let error = sql(text).execute(&tx).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.to_string().contains("tx.commit()"), "{error}");
        let error = sql(text).batch(&tx).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
    }
    let savepoint = tx.savepoint().await.unwrap();
    assert_eq!(
        sql("COMMIT").execute(&savepoint).await.unwrap_err().kind(),
        ErrorKind::Usage
    );
    savepoint.release().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(User::find().count(&stage.db).await.unwrap(), 1);
}
