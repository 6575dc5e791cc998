//! Rows that expire, that leave as plain values, and that come back.

use crate::shop::{User, new_user, shop};
use ormcore::{ErrorKind, RowState};

#[tokio::test]
async fn a_row_is_read_again_when_it_is_asked_for() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    let update = User::update(1).set(User::AGE, 5);
    update.execute(&fresh.db).await.unwrap();
    assert_eq!(s.get::<User>(1).await.unwrap(), ada);
    assert_eq!(s[ada].age, None);
    s[ada].name = "forgotten".into();
    s.refresh(ada).await.unwrap();
    assert_eq!((s[ada].age, &*s[ada].name), (Some(5), "Ada"));
    s.expire(ada).unwrap();
    assert_eq!(s.state(ada).unwrap(), RowState::Expired);
    s.get::<User>(1).await.unwrap();
    assert_eq!(s.state(ada).unwrap(), RowState::Clean);
    s[ada].age = Some(6);
    assert_eq!(s.expire(ada).unwrap_err().kind(), ErrorKind::Usage);
    s.rollback().await.unwrap();
    User::delete().key(1).execute(&fresh.db).await.unwrap();
    assert!(s.refresh(ada).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_locked_row_is_as_it_is_now() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    let update = User::update(1).set(User::AGE, 5);
    update.execute(&fresh.db).await.unwrap();
    assert_eq!(s.one(User::find().for_update()).await.unwrap(), ada);
    assert_eq!((s[ada].age, s[ada].version), (Some(5), 2));
    let locked = User::find().nowait().all(&fresh.db).await.unwrap_err();
    assert_eq!(locked.kind(), ErrorKind::LockNotAvailable);
    s[ada].age = Some(6);
    s.commit().await.unwrap();
}

#[tokio::test]
async fn a_row_can_leave_and_come_back() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    assert_eq!(s.take(ada).unwrap_err().kind(), ErrorKind::Usage);
    s.flush().await.unwrap();
    let early = s.detach(ada).unwrap_err();
    assert!(
        early.to_string().contains("commit or roll back first"),
        "{early}"
    );
    s.commit().await.unwrap();
    s[ada].age = Some(1);
    let mut value: User = s.take(ada).unwrap();
    assert!(s.try_row(ada).is_err() && s.changes().is_empty());
    assert_eq!(value.age, Some(1));
    value.name = "Eve".into();
    let mut other = fresh.db.session();
    let row = other.merge(value).await.unwrap();
    assert_eq!(other.changes().to_string(), "update 1 of users: name, age");
    other.commit().await.unwrap();
    let stored = User::get(1).one(&fresh.db).await.unwrap();
    assert_eq!(stored, other[row]);
    assert_eq!((&*stored.name, stored.age), ("Eve", Some(1)));
    // One that is known is changed where it is.
    let mut again = User::get(1).one(&fresh.db).await.unwrap();
    again.tags = vec!["x".into()];
    assert_eq!(other.merge(again).await.unwrap(), row);
    assert_eq!(other[row].tags, ["x"]);
    other.detach(row).unwrap();
    assert!(other.changes().is_empty());
}

#[tokio::test]
async fn a_value_of_an_old_version_is_not_merged() {
    let (fresh, mut s) = shop().await;
    s.add(new_user("Ada"));
    s.commit().await.unwrap();
    let old = User::get(1).one(&fresh.db).await.unwrap();
    let update = User::update(1).set(User::AGE, 5);
    update.execute(&fresh.db).await.unwrap();
    let mut other = fresh.db.session();
    let stale = other.merge(old).await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::StaleVersion);
    let mut gone = User::get(1).one(&fresh.db).await.unwrap();
    gone.id = 9;
    assert!(other.merge(gone).await.unwrap_err().is_not_found());
}
