//! New values of rows that are there are checked where they are at hand.

use crate::fresh::Fresh;
use crate::library::{Account, AccountPatch, Nick, account, accounts, refused};
use ormcore::ErrorKind;

async fn one() -> (Fresh, i64) {
    let fresh = accounts().await;
    let ada = Account::insert(account("a@b")).one(&fresh.db).await;
    let id = ada.expect("a row").id;
    fresh.statements();
    (fresh, id)
}

#[tokio::test]
async fn a_patch_is_refused_for_what_it_changes() {
    let (fresh, id) = one().await;
    let patch = AccountPatch {
        site: Some(Some("nowhere".into())),
        nick: Some(Nick(String::new())),
        notes: Some("new".into()),
        ..AccountPatch::default()
    };
    let update = Account::update(id).patch(patch);
    let error = update.one(&fresh.db).await.unwrap_err();
    let expected = [("site", "url", None), ("nick", "not_empty", None)];
    assert_eq!(refused(&error), expected);
    assert_eq!(error.invalid_fields()[0].entity, "Account");
    assert_eq!(fresh.statements(), Vec::<String>::new());
    let patch = AccountPatch {
        site: Some(None),
        age: Some(Some(37)),
        ..AccountPatch::default()
    };
    let ada = Account::update(id).patch(patch).one(&fresh.db).await;
    assert_eq!(ada.unwrap().age, Some(37));
}

#[tokio::test]
async fn a_value_that_is_set_is_looked_at_however_it_is_written() {
    let (fresh, id) = one().await;
    let db = &fresh.db;
    let owned = String::from("no address");
    let update = || Account::update(id);
    for (set, field) in [
        (update().set(Account::EMAIL, "none"), "email"),
        (update().set(Account::EMAIL, &owned), "email"),
        (update().set(Account::EMAIL, owned.clone()), "email"),
        (update().set(Account::SITE, "none"), "site"),
        (update().set(Account::SITE, Some(owned.clone())), "site"),
        (update().set(Account::AGE, 151), "age"),
        (update().set(Account::AGE, Some(-1)), "age"),
        (update().set(Account::NICK, Nick(String::new())), "nick"),
    ] {
        let error = set.execute(db).await.unwrap_err();
        let fields = refused(&error).into_iter().map(|one| one.0);
        assert!(fields.eq([field]), "{error}");
    }
    let many = Account::update_many().all_rows().set(Account::AGE, -1);
    assert_eq!(many.all(db).await.unwrap_err().kind(), ErrorKind::Invalid);
    let some = update().set(Account::AGE, -1).returning(Account::ID);
    assert_eq!(some.all(db).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(fresh.statements(), Vec::<String>::new());
    let right = update()
        .set(Account::AGE, None)
        .set(Account::EMAIL, "c@d")
        .set(Account::NOTES, "anything");
    assert_eq!(right.one(db).await.unwrap().email, "c@d");
}

#[tokio::test]
async fn of_several_values_for_a_column_only_the_last_counts() {
    let (fresh, id) = one().await;
    let right = Account::update(id)
        .set(Account::AGE, -1)
        .set(Account::AGE, 1)
        .set(Account::EMAIL, "none")
        .patch(AccountPatch {
            email: Some("c@d".into()),
            ..AccountPatch::default()
        })
        .set(Account::SITE, "none")
        .set_null(Account::SITE);
    let ada = right.one(&fresh.db).await.unwrap();
    assert_eq!((ada.age, ada.site), (Some(1), None));
    let wrong = Account::update(id)
        .set(Account::AGE, 1)
        .set(Account::AGE, -1)
        .set(Account::AGE, -2);
    let error = wrong.one(&fresh.db).await.unwrap_err();
    assert_eq!(refused(&error), [("age", "range", None)]);
}

#[tokio::test]
async fn expressions_are_the_databases_own_business() {
    let (fresh, id) = one().await;
    let older = Account::update(id).set(Account::AGE, Account::AGE + 1000);
    let ada = older.one(&fresh.db).await.unwrap();
    assert_eq!(ada.age, Some(1036));
    let notes = Account::update(id).set(Account::SITE, Account::NOTES);
    let ada = notes.one(&fresh.db).await.unwrap();
    assert_eq!(ada.site.as_deref(), Some(""));
}

#[tokio::test]
async fn of_many_rows_with_values_of_their_own_the_error_tells_which() {
    let (fresh, id) = one().await;
    let rows = [(id, Some(1)), (2, Some(-1)), (3, None), (4, Some(151))];
    let error = Account::update_each(Account::AGE, rows)
        .all(&fresh.db)
        .await;
    let expected = [("age", "range", Some(1)), ("age", "range", Some(3))];
    assert_eq!(refused(&error.unwrap_err()), expected);
    let rows = [(id, ("Ada".to_owned(), "none".to_owned()))];
    let both = Account::update_each((Account::NOTES, Account::EMAIL), rows);
    let error = both.execute(&fresh.db).await.unwrap_err();
    assert_eq!(refused(&error), [("email", "email", Some(0))]);
    assert_eq!(fresh.statements(), Vec::<String>::new());
    let rows = [(id, Some(99))];
    let right = Account::update_each(Account::AGE, rows).execute(&fresh.db);
    assert_eq!(right.await.unwrap(), 1);
}
