//! What is wrong is named, and the session is as it was before the flush.

use crate::shop::{NewUser, Post, User, new_post, new_user, shop};
use ormcore::{ErrorKind, RowState, sql};

#[tokio::test]
async fn a_stale_version_names_the_row_and_can_be_tried_again() {
    let (fresh, mut s) = shop().await;
    let rows = s.add_all(["Ada", "Bob", "Cyd"].map(new_user));
    s.commit().await.unwrap();
    let bob = User::update(s[rows[1]].id).set(User::AGE, 9);
    bob.execute(&fresh.db).await.unwrap();
    rows.iter().for_each(|row| s[*row].age = Some(1));
    let stale = s.commit().await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::StaleVersion);
    let text = stale.to_string();
    assert!(text.contains("the flush of the `User` of Ref(1)"), "{text}");
    assert!(text.contains("somebody else changed it since"), "{text}");
    let failure = s.failure().unwrap();
    assert_eq!(failure.row::<User>(), Some(rows[1]));
    assert_eq!(failure.row::<Post>(), None);
    assert!(failure.gone::<User>().is_empty());
    assert_eq!(
        (failure.entity(), failure.columns()),
        ("User", &["version"][..])
    );
    // Nothing was kept, and everything is still to be written.
    let ages = User::find().filter(User::AGE.eq(1)).count(&fresh.db);
    assert_eq!(ages.await.unwrap(), 0);
    assert_eq!(s.changes().to_string(), "update 3 of users: age");
    s.refresh(rows[1]).await.unwrap();
    assert_eq!((s[rows[1]].age, s[rows[1]].version), (Some(9), 2));
    s[rows[1]].age = Some(10);
    assert_eq!(s.commit().await.unwrap().dirty, 3);
    assert!(s.failure().is_none());
    assert_eq!(s[rows[1]].version, 3);
}

#[tokio::test]
async fn a_removed_row_that_changed_meanwhile_is_stale_too() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    User::update(1)
        .set(User::AGE, 9)
        .execute(&fresh.db)
        .await
        .unwrap();
    s.remove(ada);
    let stale = s.flush().await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::StaleVersion);
    assert_eq!(s.failure().unwrap().row::<User>(), Some(ada));
    assert_eq!(s.state(ada).unwrap(), RowState::Deleted);
    s.rollback().await.unwrap();
    assert_eq!(s.state(ada).unwrap(), RowState::Clean);
}

#[tokio::test]
async fn who_removed_a_row_without_a_version_is_told_by_the_count() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    let posts = s.add_all(["a", "b"].map(|title| new_post(key, title)));
    s.commit().await.unwrap();
    Post::delete()
        .key(s[posts[0]].id)
        .execute(&fresh.db)
        .await
        .unwrap();
    posts.iter().for_each(|post| s.remove(*post));
    assert_eq!(s.commit().await.unwrap().deleted, 1);
}

#[tokio::test]
async fn a_row_that_is_gone_is_told_from_one_that_somebody_changed() {
    let (fresh, mut s) = shop().await;
    let rows = s.add_all(["Ada", "Bob", "Cyd", "Dan"].map(new_user));
    s.commit().await.unwrap();
    let (bob, cyd) = (s[rows[1]].id, s[rows[2]].id);
    User::update(bob)
        .set(User::AGE, 9)
        .execute(&fresh.db)
        .await
        .unwrap();
    User::delete().key(cyd).execute(&fresh.db).await.unwrap();
    // One that nobody but the session's own transaction knows of is not gone.
    let eve = s.add(new_user("Eve"));
    s.flush().await.unwrap();
    for row in rows.iter().chain([&eve]) {
        s[*row].age = Some(1);
    }
    let stale = s.flush().await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::StaleVersion);
    let text = stale.to_string();
    assert!(text.contains("the flush of 2 rows of `User`: "), "{text}");
    assert!(text.contains("refresh those that are there"), "{text}");
    let failure = s.failure().unwrap();
    assert_eq!(failure.rows::<User>(), [rows[1], rows[2]]);
    assert_eq!(failure.gone::<User>(), [rows[2]]);
    assert!(failure.gone::<Post>().is_empty());
    s.refresh(rows[1]).await.unwrap();
    s[rows[1]].age = Some(1);
    let stale = s.flush().await.unwrap_err();
    let text = stale.to_string();
    assert!(text.contains("it is not there any more"), "{text}");
    let failure = s.failure().unwrap();
    assert_eq!(failure.row::<User>(), Some(rows[2]));
    assert_eq!(failure.gone::<User>(), [rows[2]]);
    assert!(failure.columns().is_empty());
    // As it says.
    s.remove(rows[2]);
    let flush = s.commit().await.unwrap();
    assert_eq!((flush.dirty, flush.deleted), (3, 0));
    let ages = User::find().filter(User::AGE.eq(1)).count(&fresh.db);
    assert_eq!(ages.await.unwrap(), 4);
}

#[tokio::test]
async fn without_a_version_a_row_that_is_not_written_is_gone() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    let posts = s.add_all(["a", "b", "c"].map(|title| new_post(key, title)));
    s.commit().await.unwrap();
    for post in [posts[0], posts[2]] {
        let delete = Post::delete().key(s[post].id);
        delete.execute(&fresh.db).await.unwrap();
    }
    posts.iter().for_each(|post| s[*post].title.push('!'));
    let stale = s.commit().await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::StaleVersion);
    let text = stale.to_string();
    assert!(text.contains("they are not there any more"), "{text}");
    let failure = s.failure().unwrap();
    assert_eq!(failure.rows::<Post>(), [posts[0], posts[2]]);
    assert_eq!(failure.gone::<Post>(), [posts[0], posts[2]]);
    assert!(failure.columns().is_empty());
    s.detach(posts[0]).unwrap();
    s.detach(posts[2]).unwrap();
    assert_eq!(s.commit().await.unwrap().dirty, 1);
    let stored = Post::find().one(&fresh.db).await.unwrap();
    assert_eq!(stored.title, "b!");
}

#[tokio::test]
async fn a_row_that_is_removed_and_gone_is_as_it_was_wanted() {
    let (fresh, mut s) = shop().await;
    let rows = s.add_all(["Ada", "Bob"].map(new_user));
    s.commit().await.unwrap();
    User::delete()
        .key(s[rows[0]].id)
        .execute(&fresh.db)
        .await
        .unwrap();
    rows.iter().for_each(|row| s.remove(*row));
    assert_eq!(s.commit().await.unwrap().deleted, 1);
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 0);
}

#[tokio::test]
async fn what_went_wrong_first_is_told() {
    let (fresh, mut s) = shop().await;
    let rows = s.add_all(["Ada", "Bob"].map(new_user));
    s.commit().await.unwrap();
    let update = User::update(s[rows[0]].id).set(User::AGE, 9);
    update.execute(&fresh.db).await.unwrap();
    // It is not removed, and so its value is not free.
    s.remove(rows[0]);
    let new = s.add(new_user("Ada"));
    let stale = s.commit().await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::StaleVersion, "{stale}");
    assert_eq!(s.failure().unwrap().row::<User>(), Some(rows[0]));
    // One that has gone is no reason, and what comes behind it is.
    let delete = User::delete().key(s.key(rows[0]));
    delete.execute(&fresh.db).await.unwrap();
    let bob = s.add(new_user("Bob"));
    let taken = s.commit().await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::UniqueViolation, "{taken}");
    assert_eq!(s.failure().unwrap().row::<User>(), Some(bob));
    s.remove(bob);
    s.commit().await.unwrap();
    assert_eq!(s[new].email, "ada@example.org");
}

#[tokio::test]
async fn a_value_that_is_taken_names_the_row_and_the_column() {
    let (fresh, mut s) = shop().await;
    User::insert(new_user("Bob")).one(&fresh.db).await.unwrap();
    let rows = s.add_all(["Ada", "Bob", "Cyd"].map(new_user));
    let taken = s.flush().await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::UniqueViolation);
    let text = taken.to_string();
    assert!(text.contains("the flush of the `User` of Ref(1)"), "{text}");
    assert!(text.contains("`User::email` must be unique"), "{text}");
    assert!(!text.contains("example.org"), "{text}");
    let failure = s.failure().unwrap();
    assert_eq!(failure.row::<User>(), Some(rows[1]));
    assert_eq!(failure.columns(), ["email"]);
    assert_eq!(s.state(rows[0]).unwrap(), RowState::Pending);
    s.new_row_mut::<NewUser>(rows[1]).unwrap().email = "bobby@example.org".into();
    assert_eq!(s.commit().await.unwrap().pending, 3);
    assert_eq!(s[rows[1]].email, "bobby@example.org");
}

#[tokio::test]
async fn what_refers_to_nobody_names_the_row_and_the_column() {
    let (_fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    s.add(new_post(key, "a"));
    let lost = s.add(new_post(77, "b"));
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    let failure = s.failure().unwrap();
    assert_eq!(failure.row::<Post>(), Some(lost));
    assert_eq!(failure.columns(), ["author_id"]);
    s.remove(lost);
    assert_eq!(s.commit().await.unwrap().pending, 2);
}

#[tokio::test]
async fn a_value_that_cannot_be_sent_names_its_row_before_anything_is_kept() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    s[ada].name = "a\0b".into();
    assert_eq!(s.changes().to_string(), "update 1 of users: name");
    let refused = s.commit().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Encode);
    assert_eq!(s.failure().unwrap().columns(), ["name"]);
    s[ada].name = "Eve".into();
    let bad = s.add(new_user("x\0"));
    let refused = s.commit().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Encode);
    assert_eq!(s.failure().unwrap().row::<User>(), Some(bad));
    s.remove(bad);
    s.commit().await.unwrap();
    assert_eq!(User::find().one(&fresh.db).await.unwrap().name, "Eve");
}

#[tokio::test]
async fn the_key_of_a_stored_row_stays() {
    let (_fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    s[ada].id = 5;
    let refused = s.flush().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Usage);
    assert!(
        refused
            .to_string()
            .contains("`User::id` is part of the primary key")
    );
    s.rollback().await.unwrap();
    assert_eq!(s[ada].id, 1);
}

/// By the key it was given it would be another row, or none.
#[tokio::test]
async fn a_row_whose_key_was_changed_here_is_not_read_again() {
    let (_fresh, mut s) = shop().await;
    let [ada, bob] = [s.add(new_user("Ada")), s.add(new_user("Bob"))];
    s.commit().await.unwrap();
    for other in [s[bob].id, 77] {
        s[ada].id = other;
        let refused = s.refresh(ada).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Usage);
        assert!(
            refused.to_string().contains("give it back its key"),
            "{refused}"
        );
        assert_eq!(s[ada].name, "Ada");
    }
    s[ada].id = 1;
    s[ada].name = "Bea".into();
    s.refresh(ada).await.unwrap();
    assert_eq!((s[ada].id, s[ada].name.as_str()), (1, "Ada"));
}

#[tokio::test]
async fn what_was_flushed_before_a_failure_is_flushed_again() {
    let (fresh, mut s) = shop().await;
    let [ada, bob] = [s.add(new_user("Ada")), s.add(new_user("Bob"))];
    s.commit().await.unwrap();
    let cyd = s.add(new_user("Cyd"));
    s[ada].age = Some(1);
    s.remove(bob);
    s.flush().await.unwrap();
    let id = s[cyd].id;
    s[cyd].age = Some(2);
    let mut dan = new_user("Dan");
    dan.email = "ada@example.org".into();
    let dan = s.add(dan);
    let taken = s.flush().await.unwrap_err();
    assert!(taken.is_unique_violation());
    assert_eq!(s.state(cyd).unwrap(), RowState::Pending);
    assert_eq!(s.state(ada).unwrap(), RowState::Dirty(vec!["age"]));
    assert_eq!(s.state(bob).unwrap(), RowState::Deleted);
    s.remove(dan);
    let flush = s.commit().await.unwrap();
    assert_eq!((flush.pending, flush.dirty, flush.deleted), (1, 1, 1));
    assert_eq!((s[cyd].id, s[cyd].age, s[ada].version), (id, Some(2), 2));
    let stored = User::find()
        .order_by(User::ID)
        .all(&fresh.db)
        .await
        .unwrap();
    assert_eq!(stored.len(), 2);
    assert_eq!((&stored[0], &stored[1]), (&s[ada], &s[cyd]));
}

#[tokio::test]
async fn a_commit_that_is_refused_leaves_everything_to_be_tried_again() {
    let (fresh, mut s) = shop().await;
    sql("ALTER TABLE posts DROP CONSTRAINT posts_author_id_fkey, \
         ADD CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES users DEFERRABLE INITIALLY DEFERRED")
        .batch(&fresh.db)
        .await
        .unwrap();
    let ada = s.add(new_user("Ada"));
    let author_id = s.key(ada);
    s.add(new_post(author_id, "b"));
    let post = s.add(new_post(55, "a"));
    s.flush().await.unwrap();
    let refused = s.commit().await.unwrap_err();
    assert!(refused.is_foreign_key_violation());
    let text = refused.to_string();
    assert!(text.contains("the flush of the `Post` of Ref(1)"), "{text}");
    assert!(text.contains("`Post::author_id` must refer"), "{text}");
    assert_eq!(s.failure().unwrap().row::<Post>(), Some(post));
    assert_eq!(s.failure().unwrap().columns(), ["author_id"]);
    assert_eq!(s.state(post).unwrap(), RowState::Pending);
    s[post].author_id = s.key(ada);
    s.commit().await.unwrap();
    assert_eq!(s[post].author_id, s[ada].id);
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 2);
    // Who is referred to still is named too, when the commit says so.
    let bob = s.add(new_user("Bob"));
    s.commit().await.unwrap();
    s.remove(bob);
    s.remove(ada);
    s.flush().await.unwrap();
    assert!(s.commit().await.unwrap_err().is_foreign_key_violation());
    assert_eq!(s.failure().unwrap().row::<User>(), Some(ada));
    assert_eq!(s.state(ada).unwrap(), RowState::Deleted);
}

#[tokio::test]
async fn what_one_did_oneself_in_a_lost_transaction_is_not_forgotten_silently() {
    let (fresh, mut s) = shop().await;
    let tx = s.executor().await.unwrap();
    User::insert(new_user("Bob")).one(tx).await.unwrap();
    let bad = s.add(new_user("Bob"));
    assert!(s.flush().await.unwrap_err().is_unique_violation());
    let lost = s.commit().await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::TransactionAborted);
    assert!(lost.to_string().contains("rollback"), "{lost}");
    s.rollback().await.unwrap();
    assert!(s.state(bad).is_err());
    s.add(new_user("Cyd"));
    s.commit().await.unwrap();
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_question_that_fails_takes_nothing_of_the_session_along() {
    let (fresh, mut s) = shop().await;
    User::insert(new_user("Bob")).one(&fresh.db).await.unwrap();
    let ada = s.add(new_user("Ada"));
    s.flush().await.unwrap();
    s[ada].age = Some(1);
    let tx = fresh.db.begin().await.unwrap();
    User::find().for_update().all(&tx).await.unwrap();
    let locked = s.all(User::find().nowait()).await.unwrap_err();
    assert_eq!(locked.kind(), ErrorKind::LockNotAvailable);
    tx.rollback().await.unwrap();
    // PostgreSQL has given up the whole transaction; the session has not.
    let aborted = s.commit().await.unwrap_err();
    assert_eq!(aborted.kind(), ErrorKind::TransactionAborted);
    assert_eq!(s.state(ada).unwrap(), RowState::Pending);
    s.commit().await.unwrap();
    let stored = User::get(s[ada].id).one(&fresh.db).await.unwrap();
    assert_eq!(stored, s[ada]);
    assert_eq!(stored.age, Some(1));
}
