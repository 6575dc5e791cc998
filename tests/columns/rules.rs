//! New rows are checked before anything is sent.

use crate::library::{ALL, Account, Nick, account, accounts, refused, stored, wrong};
use ormcore::{ErrorKind, InvalidField};

#[tokio::test]
async fn everything_wrong_with_a_new_row_is_told_at_once_and_nothing_is_sent() {
    let fresh = accounts().await;
    let line = line!() + 1;
    let error = Account::insert(wrong()).one(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.location().unwrap().line(), line);
    assert!(!error.is_retryable() && error.statement().is_none());
    let found = error.invalid_fields().iter();
    let found: Vec<_> = found.map(|one| (one.field, one.rule, one.text)).collect();
    assert_eq!(found, ALL);
    let told = |one: &InvalidField| (one.entity == "Account", one.row);
    assert!(
        error
            .invalid_fields()
            .iter()
            .all(|one| told(one) == (true, None))
    );
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("9 values are not valid: `Account::name` must have a length of 1 to 8; "),
        "{text}"
    );
    for secret in ["SECRET", "707", "NaN"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert_eq!(fresh.statements(), Vec::<String>::new());
    assert!(!fresh.everything().contains("SECRET"));
    assert_eq!(stored(&fresh.db).await, 0);
}

#[tokio::test]
async fn limits_belong_to_what_they_limit() {
    let fresh = accounts().await;
    let mut least = account("a@b");
    (least.name, least.age, least.ratio) = ("ä".into(), Some(0), Some(0.0));
    let mut most = account("c@d");
    (most.name, most.age, most.ratio) = ("äöüäöüäö".into(), Some(150), Some(1.0));
    most.tags.push("b".into());
    for right in [least, most] {
        Account::insert(right).execute(&fresh.db).await.unwrap();
    }
    let mut beyond = account("e@f");
    (beyond.name, beyond.age, beyond.ratio) = ("äöüäöüäöü".into(), Some(151), Some(1.1));
    let error = Account::insert(beyond)
        .execute(&fresh.db)
        .await
        .unwrap_err();
    let fields = refused(&error).into_iter().map(|one| one.0);
    assert!(fields.eq(["name", "age", "ratio"]), "{error}");
}

#[tokio::test]
async fn null_and_what_is_left_out_is_not_looked_at() {
    let fresh = accounts().await;
    let mut new = account("a@b");
    (new.site, new.age, new.ratio) = (None, None, None);
    let stored = Account::insert(new).one(&fresh.db).await.unwrap();
    assert_eq!((stored.site, stored.age), (None, None));
    assert!((stored.ratio - 0.5).abs() < f64::EPSILON);
}

#[tokio::test]
async fn of_many_rows_the_error_tells_which_and_none_is_stored() {
    let fresh = accounts().await;
    let mut rows: Vec<_> = ["a@b", "", "c@d", "e@f"].map(account).into();
    rows[3].nick = Nick(String::new());
    rows[3].age = Some(-1);
    let all = || Account::insert_many(rows.clone());
    let expected = [
        ("email", "email", Some(1)),
        ("age", "range", Some(3)),
        ("nick", "not_empty", Some(3)),
    ];
    let error = all().all(&fresh.db).await.unwrap_err();
    assert_eq!(refused(&error), expected);
    assert!(
        error.to_string().starts_with(
            "3 values are not valid: rows[1]: `Account::email` must be an e-mail address; rows[3]: "
        ),
        "{error}"
    );
    let keys = all().keys(&fresh.db).await.unwrap_err();
    let count = all().execute(&fresh.db).await.unwrap_err();
    let some = all().returning(Account::ID).all(&fresh.db).await;
    for error in [keys, count, some.unwrap_err()] {
        assert_eq!(refused(&error), expected);
    }
    let one = Account::insert(rows[1].clone()).returning(Account::ID);
    let error = one.one(&fresh.db).await.unwrap_err();
    assert_eq!(refused(&error), [("email", "email", None)]);
    assert_eq!(fresh.statements(), Vec::<String>::new());
    rows.truncate(1);
    Account::insert_many(rows).execute(&fresh.db).await.unwrap();
    assert_eq!(stored(&fresh.db).await, 1);
}

#[tokio::test]
async fn an_upsert_is_refused_for_its_rows_and_for_what_it_sets() {
    let fresh = accounts().await;
    let mut new = account("a@b");
    new.slug = "a b".into();
    let upsert = || Account::upsert(new.clone()).on_conflict(Account::EMAIL);
    let set = upsert().set(Account::AGE, -1).update(Account::NAME);
    let error = set.one(&fresh.db).await.unwrap_err();
    let (slug, age) = (("slug", "custom", None), ("age", "range", None));
    assert_eq!(refused(&error), [age, slug]);
    let error = upsert().update_all().execute(&fresh.db).await.unwrap_err();
    assert_eq!(refused(&error), [slug]);
    let error = upsert().do_nothing().maybe(&fresh.db).await.unwrap_err();
    assert_eq!(refused(&error), [slug]);
    let set = upsert().set(Account::AGE, -1).returning(Account::ID);
    let error = set.all(&fresh.db).await.unwrap_err();
    assert_eq!(refused(&error), [age, slug]);

    let many = || Account::upsert_many(vec![account("a@b"), new.clone()]);
    let many = || many().on_conflict(Account::EMAIL);
    let second = ("slug", "custom", Some(1));
    let error = many().do_nothing().all(&fresh.db).await.unwrap_err();
    assert_eq!(refused(&error), [second]);
    let set = many().set(Account::AGE, -1);
    let error = set.execute(&fresh.db).await.unwrap_err();
    assert_eq!(refused(&error), [age, second]);
    assert_eq!(fresh.statements(), Vec::<String>::new());

    let right = Account::upsert(account("a@b")).on_conflict(Account::EMAIL);
    right.update_all().one(&fresh.db).await.unwrap();
}

#[tokio::test]
async fn a_copy_ends_at_the_first_row_that_is_refused_and_stores_none() {
    let fresh = accounts().await;
    let rows = ["a@b", "c@d", "", "nothing"].map(account);
    let error = Account::copy_in(rows).execute(&fresh.db).await.unwrap_err();
    assert_eq!(refused(&error), [("email", "email", Some(2))]);
    assert!(error.location().is_some());
    let error = Account::copy_in([wrong()]).execute(&fresh.db).await;
    assert_eq!(error.unwrap_err().invalid_fields().len(), ALL.len());
    assert_eq!(stored(&fresh.db).await, 0);
    let rows = ["a@b", "c@d"].map(account);
    assert_eq!(Account::copy_in(rows).execute(&fresh.db).await.unwrap(), 2);
}

#[tokio::test]
async fn a_transaction_goes_on_behind_a_row_that_was_refused() {
    let fresh = accounts().await;
    let tx = fresh.db.begin().await.unwrap();
    Account::insert(account("a@b")).execute(&tx).await.unwrap();
    Account::insert(wrong()).execute(&tx).await.unwrap_err();
    Account::insert(account("c@d")).execute(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stored(&fresh.db).await, 2);
}
