//! Parts of the work that are undone by themselves.

use crate::shop::{Post, User, new_post, new_user, shop};
use ormcore::{Db, Error, ErrorKind, RowState, sql};
use std::future::pending;
use std::time::Duration;
use tokio::time::timeout;

/// Long enough for a part to come to where it waits.
const SOON: Duration = Duration::from_millis(300);

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
    assert!(timeout(SOON, part).await.is_err());
    s.commit().await.unwrap();
    let stored = User::find().one(&fresh.db).await.unwrap();
    assert_eq!((stored.age, s[ada].age), (None, None));
}

#[tokio::test]
async fn a_part_that_is_dropped_is_undone_at_once_and_nothing_that_comes_after_it_is() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    s.flush().await.unwrap();
    let part = s.nested(async |s| {
        s[ada].age = Some(7);
        s.flush().await?;
        s[ada].name = "x".into();
        pending::<()>().await;
        Ok::<_, Error>(())
    });
    assert!(timeout(SOON, part).await.is_err());
    assert_eq!((s[ada].age, &*s[ada].name), (None, "Ada"));
    let bob = s.add(new_user("Bob"));
    s[ada].age = Some(8);
    s.commit().await.unwrap();
    assert_eq!((s[ada].age, &*s[bob].name), (Some(8), "Bob"));
    let stored = User::find().order_by(User::NAME).all(&fresh.db).await;
    let stored: Vec<_> = stored.unwrap().into_iter().map(|user| user.age).collect();
    assert_eq!(stored, [Some(8), None]);
}

#[tokio::test]
async fn a_part_inside_another_that_is_dropped_leaves_the_outer_one() {
    let (fresh, mut s) = shop().await;
    s.nested(async |s| {
        let ada = s.add(new_user("Ada"));
        let inner = s.nested(async |s| {
            s.add(new_user("Bob"));
            s.flush().await?;
            pending::<()>().await;
            Ok::<_, Error>(())
        });
        assert!(timeout(SOON, inner).await.is_err());
        s.add(new_user("Cyd"));
        s[ada].age = Some(1);
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    s.commit().await.unwrap();
    assert_eq!(names(&fresh.db).await, ["Ada", "Cyd"]);
}

/// Posts take longer to be written than anybody waits.
async fn slow_posts(db: &Db) {
    sql("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); RETURN NEW; END $$; \
         CREATE TRIGGER wait BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION wait()")
        .batch(db)
        .await
        .expect("a trigger");
}

#[tokio::test]
async fn a_part_that_is_dropped_while_it_flushes_is_undone_and_the_rest_is_flushed_again() {
    let (fresh, mut s) = shop().await;
    slow_posts(&fresh.db).await;
    let ada = s.add(new_user("Ada"));
    s.flush().await.unwrap();
    let part = s.nested(async |s| {
        s[ada].age = Some(7);
        s.add(new_user("Bob"));
        s.flush().await?;
        let key = s.key(ada);
        s.add(new_post(key, "a"));
        s.flush().await
    });
    assert!(timeout(SOON, part).await.is_err());
    s.add(new_user("Cyd"));
    // The transaction went with the statement that nobody waits for.
    assert_eq!(s.state(ada).unwrap(), RowState::Pending);
    s.commit().await.unwrap();
    assert_eq!(s[ada].age, None);
    assert_eq!(names(&fresh.db).await, ["Ada", "Cyd"]);
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_flush_that_is_dropped_inside_a_part_costs_that_part_and_no_more() {
    let (fresh, mut s) = shop().await;
    slow_posts(&fresh.db).await;
    let ada = s.add(new_user("Ada"));
    let part = s.nested(async |s| {
        s.nested(async |s| {
            s[ada].age = Some(7);
            s.flush().await?;
            let key = s.key(ada);
            s.add(new_post(key, "a"));
            assert!(timeout(SOON, s.flush()).await.is_err());
            let lost = s.flush().await.unwrap_err();
            assert_eq!(lost.kind(), ErrorKind::TransactionAborted);
            assert!(lost.to_string().contains("`nested`"), "{lost}");
            Ok::<_, Error>(())
        })
        .await
    });
    assert_eq!(
        part.await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    s.add(new_user("Bob"));
    s.commit().await.unwrap();
    assert_eq!(s[ada].age, None);
    assert_eq!(names(&fresh.db).await, ["Ada", "Bob"]);
}

#[tokio::test]
async fn what_was_done_directly_in_a_part_is_not_lost_in_silence() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let part = s
        .nested(async |s| {
            let insert = User::insert(new_user("Bob"));
            insert.execute(s.executor().await?).await?;
            let bad = s.add(new_user("Ada"));
            assert!(s.flush().await.unwrap_err().is_unique_violation());
            s.try_remove(bad)?;
            Ok::<_, Error>(())
        })
        .await;
    // Bob cannot be added again here.
    assert_eq!(part.unwrap_err().kind(), ErrorKind::TransactionAborted);
    s.commit().await.unwrap();
    assert_eq!(s[ada].name, "Ada");
    assert_eq!(names(&fresh.db).await, ["Ada"]);
    // Before the part it cannot be done again either.
    let insert = User::insert(new_user("Bob"));
    insert.execute(s.executor().await.unwrap()).await.unwrap();
    let undone = s.nested(async |s| {
        s.add(new_user("Ada"));
        s.flush().await.map(|_| ())
    });
    assert!(undone.await.unwrap_err().is_unique_violation());
    s.commit().await.unwrap();
    assert_eq!(names(&fresh.db).await, ["Ada", "Bob"]);
}

#[tokio::test]
async fn the_errors_of_a_part_say_where_it_is() {
    let (_fresh, mut s) = shop().await;
    let line = line!() + 1;
    let part = s.nested(async |s| s.rollback().await);
    let error = part.await.unwrap_err();
    let place = error.location().expect("a place");
    assert_eq!((place.file(), place.line()), (file!(), line));
}

async fn names(db: &Db) -> Vec<String> {
    let users = User::find().order_by(User::NAME).all(db).await;
    let users = users.expect("users").into_iter();
    users.map(|user| user.name).collect()
}
