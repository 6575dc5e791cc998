//! The same row is the same `Ref`, and what is known is not asked for again.

use crate::shop::{Mood, Post, User, new_post, new_user, shop, until_somebody_waits};
use futures_util::future::{Either, select};
use ormcore::{ErrorKind, Ref, RowState};
use std::pin::pin;

#[tokio::test]
async fn a_row_is_read_once_and_is_the_same_however_it_is_found() {
    let (fresh, mut s) = shop().await;
    let ada = User::insert(new_user("Ada")).one(&fresh.db).await.unwrap();
    fresh.statements();
    let first = s.get::<User>(ada.id).await.unwrap();
    assert_eq!(fresh.statements().len(), 1);
    assert_eq!(s.get::<User>(ada.id).await.unwrap(), first);
    assert_eq!(s.maybe::<User>(ada.id).await.unwrap(), Some(first));
    assert_eq!(fresh.statements(), [""; 0]);
    let named = User::find().filter(User::NAME.eq("Ada"));
    assert_eq!(s.one(named).await.unwrap(), first);
    assert_eq!(s.all(User::find()).await.unwrap(), [first]);
    assert_eq!(s.first(User::find()).await.unwrap(), Some(first));
    assert_eq!(fresh.statements().len(), 3);
    assert_eq!(s[first], ada);
    assert_eq!(s.state(first).unwrap(), RowState::Clean);
}

#[tokio::test]
async fn a_session_that_only_reads_holds_no_connection_and_begins_nothing() {
    let (fresh, mut s) = shop().await;
    s.maybe::<User>(1).await.unwrap();
    assert_eq!(s.commit().await.unwrap().rows(), 0);
    assert_eq!(fresh.statements().len(), 1);
    assert!(!format!("{s:?}").contains("in_transaction: true"));
}

#[tokio::test]
async fn nobody_is_an_error_of_its_own_kind() {
    let (_fresh, mut s) = shop().await;
    let missing = s.get::<User>(7).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert!(missing.to_string().contains("identity.rs"), "{missing}");
    let missing = s.one(User::find()).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert_eq!(s.first(User::find()).await.unwrap(), None);
    s.add(new_user("Ada"));
    s.add(new_user("Bob"));
    let many = s.one(User::find()).await.unwrap_err();
    assert_eq!(many.kind(), ErrorKind::TooManyRows);
}

#[tokio::test]
async fn what_was_changed_here_is_not_overwritten_by_a_question() {
    let (fresh, s) = shop().await;
    let mut s = s.autoflush(false);
    let ada = User::insert(new_user("Ada")).one(&fresh.db).await.unwrap();
    let row = s.get::<User>(ada.id).await.unwrap();
    s[row].name = "Ada Lovelace".into();
    s[row].mood = Some(Mood::Wild);
    assert_eq!(s.all(User::find()).await.unwrap(), [row]);
    assert_eq!(s[row].name, "Ada Lovelace");
    assert_eq!(s.state(row).unwrap(), RowState::Dirty(vec!["name", "mood"]));
    assert_eq!(s.changes().to_string(), "update 1 of users: name, mood");
    s[row].name = "Ada".into();
    s[row].mood = None;
    assert_eq!(s.state(row).unwrap(), RowState::Clean);
    assert!(s.changes().is_empty());
}

/// Sent while another session has the lock, and answered when that ends.
#[tokio::test]
async fn a_row_that_is_locked_is_waited_for_and_is_then_as_it_is_now() {
    let (fresh, mut first) = shop().await;
    let ada = User::insert(new_user("Ada")).one(&fresh.db).await.unwrap();
    let mut second = fresh.db.session();
    let known = second.get::<User>(ada.id).await.unwrap();
    let locked = first.get_for_update::<User>(ada.id).await.unwrap();
    assert!(format!("{first:?}").contains("in_transaction: true"));
    first[locked].age = Some(1);
    first.flush().await.unwrap();
    {
        let waits = pin!(second.get_for_update::<User>(ada.id));
        let seen = pin!(until_somebody_waits(&fresh.db));
        let Either::Right(((), waits)) = select(waits, seen).await else {
            panic!("it does not wait for the lock");
        };
        first.commit().await.unwrap();
        assert_eq!(waits.await.unwrap(), known);
    }
    assert_eq!(second[known].age, Some(1));
    second[known].age = second[known].age.map(|age| age + 1);
    second.commit().await.unwrap();
    assert_eq!(User::find().one(&fresh.db).await.unwrap().age, Some(2));
}

#[tokio::test]
async fn what_was_changed_here_is_kept_by_a_lock_and_flushed_first() {
    let (fresh, s) = shop().await;
    let ada = User::insert(new_user("Ada")).one(&fresh.db).await.unwrap();
    let mut s = s.autoflush(false);
    let row = s.get::<User>(ada.id).await.unwrap();
    s[row].name = "Ada Lovelace".into();
    let elsewhere = User::update(ada.id).set(User::AGE, 7);
    elsewhere.one(&fresh.db).await.unwrap();
    assert_eq!(s.get_for_update::<User>(ada.id).await.unwrap(), row);
    assert_eq!((&*s[row].name, s[row].age), ("Ada Lovelace", None));
    // Somebody was faster, as the row's version tells.
    let stale = s.flush().await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::StaleVersion);
    s.refresh(row).await.unwrap();
    assert_eq!((&*s[row].name, s[row].age), ("Ada", Some(7)));
    s.remove(row);
    let gone = s.get_for_update::<User>(ada.id).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    assert!(gone.to_string().contains("identity.rs"), "{gone}");
    let mut s = s.autoflush(true);
    assert!(s.get_for_update::<User>(ada.id).await.is_err());
    s.rollback().await.unwrap();
    s[row].name = "Bob".into();
    s.get_for_update::<User>(ada.id).await.unwrap();
    assert_eq!(s.state(row).unwrap(), RowState::Clean);
    assert_eq!(s[row].name, "Bob");
}

#[tokio::test]
async fn a_ref_of_another_session_or_of_what_went_is_told_apart() {
    let (fresh, mut s) = shop().await;
    let mut other = fresh.db.session();
    let ours: Ref<User> = s.add(new_user("Ada"));
    let theirs = other.add(new_user("Bob"));
    assert_ne!(ours, theirs);
    for error in [
        s.try_row(theirs).unwrap_err(),
        s.try_row_mut(theirs).unwrap_err(),
        s.try_remove(theirs).unwrap_err(),
        s.try_key(theirs).unwrap_err(),
        s.state(theirs).unwrap_err(),
        s.new_row::<crate::shop::NewUser>(theirs).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(
            error.to_string().contains("no longer in this session"),
            "{error}"
        );
    }
    let early = s.try_row(ours).unwrap_err().to_string();
    assert!(early.contains("not in the database yet"), "{early}");
    s.remove(ours);
    assert!(s.try_row(ours).is_err());
    // Its place is taken by another, and the old handle does not lead there.
    let next = s.add(new_user("Cyd"));
    assert_ne!(ours, next);
    s.flush().await.unwrap();
    assert_eq!(s[next].name, "Cyd");
    assert!(s.try_row(ours).is_err());
    assert_eq!(format!("{next:?}"), "Ref(0)");
}

#[tokio::test]
#[should_panic(expected = "not in the database yet")]
async fn indexing_what_is_not_there_panics() {
    let (_fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let _ = &s[ada];
}

#[tokio::test]
async fn a_session_goes_where_a_task_goes() {
    let (fresh, mut s) = shop().await;
    let work = tokio::spawn(async move {
        let ada = s.add(new_user("Ada"));
        let key = s.key(ada);
        let post = s.add(new_post(key, "Hello"));
        s.commit().await.unwrap();
        (s[ada].id, s[post].author_id)
    });
    let (id, author) = work.await.unwrap();
    assert_eq!(id, author);
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 1);
}
