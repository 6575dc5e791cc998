//! The caller's own SQL can change a session: nobody else gets it then.

use crate::blog::{User, new_user};
use crate::stage::{Session, Stage};
use ormcore::{ErrorKind, Expression, fragment, sql};

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

#[tokio::test]
async fn a_function_that_changes_the_session_is_handed_to_nobody_wherever_it_is_called() {
    let stage = Stage::new().await;
    User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let text = |text: &str| Expression::<User, String>::value(text.to_owned()).into();
    let not_local = || Expression::<User, bool>::value(false).into();
    let nowhere = || [text("search_path"), text("nowhere"), not_local()];
    let call = || Expression::<User, String>::call("set_config", nowhere());

    let set = User::find().select(call()).one(&stage.db).await;
    assert_eq!(set.unwrap(), "nowhere");
    let set = User::find().filter(call().eq("nowhere"));
    assert_eq!(set.count(&stage.db).await.unwrap(), 1);
    let set = fragment!("set_config('search_path', {\"nowhere\"}, false) = 'nowhere'");
    assert!(User::find().filter(set).exists(&stage.db).await.unwrap());
    let set = User::update_many().set(User::NAME, call()).all_rows();
    assert_eq!(set.execute(&stage.db).await.unwrap(), 1);
    let set = sql("SELECT set_config('search_path', 'nowhere', false)");
    set.execute(&stage.db).await.unwrap();
    let tx = stage.db.begin().await.unwrap();
    User::find().select(call()).one(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(User::find().one(&stage.db).await.unwrap().name, "nowhere");
}

#[tokio::test]
async fn a_lock_of_a_session_goes_with_it() {
    let stage = Stage::new().await;
    sql("SELECT pg_advisory_lock(42)")
        .execute(&stage.db)
        .await
        .unwrap();
    stage.assert_clean().await;
    let locks = "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = 42";
    stage.witness.until(locks).await;
}

#[tokio::test]
async fn a_temporary_table_is_handed_to_nobody() {
    let stage = Stage::new().await;
    User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    sql("CREATE TEMP TABLE users (LIKE users)")
        .execute(&stage.db)
        .await
        .unwrap();
    assert_eq!(User::find().count(&stage.db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_function_that_only_sets_for_one_transaction_costs_no_connection() {
    let stage = Stage::new().await;
    let before = Session::ask(&stage.db).await;
    let tx = stage.db.begin().await.unwrap();
    let set = sql!("SELECT set_config('search_path', {\"nowhere\"}, true)");
    set.execute(&tx).await.unwrap();
    User::find().count(&tx).await.unwrap_err();
    tx.rollback().await.unwrap();
    assert_eq!(Session::ask(&stage.db).await.pid, before.pid);
}
