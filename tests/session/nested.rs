//! Parts of the work that are undone by themselves.

use crate::shop::{Post, User, new_post, new_user, shop};
use ormcore::{Error, ErrorKind, RowState};
use std::time::Duration;

#[tokio::test]
async fn a_part_that_goes_well_stays_with_the_rest() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let bob = s
        .nested(async |s| {
            s[ada].age = Some(1);
            Ok::<_, Error>(s.add(new_user("Bob")))
        })
        .await
        .unwrap();
    assert_eq!((s[ada].age, &*s[bob].name), (Some(1), "Bob"));
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 0);
    s.commit().await.unwrap();
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 2);
    // What is rolled back later takes the part along.
    let cyd = s
        .nested(async |s| Ok::<_, Error>(s.add(new_user("Cyd"))))
        .await;
    s.rollback().await.unwrap();
    assert!(s.state(cyd.unwrap()).is_err());
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 2);
}

#[tokio::test]
async fn a_part_that_fails_is_undone_and_the_rest_goes_on() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    let post = s.add(new_post(key, "a"));
    s.flush().await.unwrap();
    s[ada].age = Some(1);
    let refused = s
        .nested(async |s| {
            s[ada].age = Some(2);
            s.flush().await?;
            s[ada].name = "x".into();
            s.remove(post);
            s.add(new_user("Bob"));
            s.flush().await?;
            s.add(new_user("Cyd"));
            Err::<(), _>(s.get::<User>(99).await.unwrap_err())
        })
        .await;
    assert!(refused.unwrap_err().is_not_found());
    assert_eq!((s[ada].age, &*s[ada].name), (Some(1), "Ada"));
    assert_eq!(s.state(post).unwrap(), RowState::Clean);
    assert!(s.changes().is_empty());
    s[ada].name = "Eve".into();
    s.commit().await.unwrap();
    let stored = User::find().one(&fresh.db).await.unwrap();
    assert_eq!((stored.age, &*stored.name), (Some(1), "Eve"));
    assert_eq!(stored, s[ada]);
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_flush_that_fails_in_a_part_can_be_tried_again_there() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let bob = s
        .nested(async |s| {
            let bob = s.add(new_user("Bob"));
            s.flush().await?;
            let bad = s.add(new_user("Ada"));
            assert!(s.flush().await.unwrap_err().is_unique_violation());
            assert_eq!(s.state(bob)?, RowState::Pending);
            assert_eq!(s.state(ada)?, RowState::Clean);
            s.remove(bad);
            Ok::<_, Error>(bob)
        })
        .await
        .unwrap();
    s.commit().await.unwrap();
    assert_eq!(s[bob].name, "Bob");
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 2);
}

#[tokio::test]
async fn parts_stand_inside_each_other() {
    let (fresh, mut s) = shop().await;
    let outer = s
        .nested(async |s| {
            s.add(new_user("Ada"));
            let inner = s
                .nested(async |s| {
                    s.add(new_user("Bob"));
                    s.flush().await?;
                    Err::<(), _>(s.get::<User>(99).await.unwrap_err())
                })
                .await;
            assert!(inner.is_err());
            s.add(new_user("Cyd"));
            Ok::<_, Error>(())
        })
        .await;
    outer.unwrap();
    let early = s.nested(async |s| s.commit().await).await.unwrap_err();
    assert_eq!(early.kind(), ErrorKind::Usage);
    s.commit().await.unwrap();
    let names = User::find().order_by(User::NAME).all(&fresh.db).await;
    let names: Vec<_> = names.unwrap().into_iter().map(|user| user.name).collect();
    assert_eq!(names, ["Ada", "Cyd"]);
}

#[tokio::test]
async fn a_part_that_is_dropped_half_way_is_undone() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let part = s.nested(async |s| {
        s[ada].age = Some(7);
        s.add(new_user("Bob"));
        s.flush().await?;
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok::<_, Error>(())
    });
    assert!(
        tokio::time::timeout(Duration::from_millis(300), part)
            .await
            .is_err()
    );
    s.commit().await.unwrap();
    let stored = User::find().one(&fresh.db).await.unwrap();
    assert_eq!((stored.age, s[ada].age), (None, None));
}
