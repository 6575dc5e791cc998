//! `.consistent()`: the statements of one load see the same, whatever others commit between them.

use crate::blog::{Post, User, new_post, new_user};
use crate::stage::{Session, Stage, in_time};
use ormcore::{ErrorKind, Isolation, Result, Transaction};

/// Ada, who has one post.
async fn stage() -> Stage {
    let stage = Stage::new().await;
    let ada = User::insert(new_user("Ada")).one(&stage.blog.db).await;
    let post = Post::insert(new_post(&ada.expect("Ada"), "One"));
    post.execute(&stage.blog.db).await.expect("a post");
    stage
}

/// Somebody who writes a user and two posts, and keeps everybody from reading posts until that is committed.
async fn writer(stage: &Stage) -> Transaction {
    let tx = stage.blog.db.begin().await.expect("a transaction");
    let lock = "LOCK TABLE posts IN ACCESS EXCLUSIVE MODE";
    ormcore::sql(lock).execute(&tx).await.expect("a lock");
    let ada = User::find().one(&tx).await.expect("Ada");
    let bob = User::insert(new_user("Bob")).one(&tx).await.expect("Bob");
    for author in [&ada, &bob] {
        let post = Post::insert(new_post(author, "Two"));
        post.execute(&tx).await.expect("a post");
    }
    tx
}

/// Loads, while that is committed once the load has come to the posts.
async fn meanwhile<T>(stage: &Stage, load: impl Future<Output = Result<T>>) -> Result<T> {
    let writer = writer(stage).await;
    let (loaded, ()) = in_time(async {
        tokio::join!(load, async {
            let waits = "SELECT count(*) = 1 FROM subjects WHERE wait_event_type = 'Lock'";
            stage.witness.until(waits).await;
            writer.commit().await.expect("a commit");
        })
    })
    .await;
    loaded
}

fn seen(users: &[User]) -> (usize, usize) {
    let posts = users
        .iter()
        .map(|user| user.posts.get().expect("posts").len());
    (users.len(), posts.sum())
}

#[tokio::test]
async fn what_is_committed_between_the_statements_of_a_load_is_not_seen() {
    let stage = stage().await;
    let load = User::find().with(User::POSTS).consistent().all(&stage.db);
    let users = meanwhile(&stage, load).await.unwrap();
    assert_eq!(seen(&users), (1, 1));
    stage.assert_clean().await;
    // It is there.
    let users = User::find()
        .with(User::POSTS)
        .consistent()
        .all(&stage.db)
        .await;
    assert_eq!(seen(&users.unwrap()), (2, 3));
    stage.assert_clean().await;
}

#[tokio::test]
async fn without_that_it_is_seen() {
    let stage = stage().await;
    let load = User::find().with(User::POSTS).all(&stage.db);
    let users = meanwhile(&stage, load).await.unwrap();
    assert_eq!(seen(&users), (1, 2));
    stage.assert_clean().await;
}

#[tokio::test]
async fn one_row_and_what_belongs_to_it_are_of_one_moment() {
    for consistent in [true, false] {
        let stage = stage().await;
        let get = User::get(1).with(User::POSTS);
        let get = if consistent { get.consistent() } else { get };
        let user = meanwhile(&stage, get.one(&stage.db)).await.unwrap();
        let expected = if consistent { 1 } else { 2 };
        assert_eq!(user.posts.get().unwrap().len(), expected);
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn a_page_and_the_number_of_rows_are_of_one_moment() {
    for consistent in [true, false] {
        let stage = stage().await;
        // Only the second statement looks at posts, for its order.
        let users = User::find().order_by(User::POSTS.count());
        let users = if consistent {
            users.consistent()
        } else {
            users
        };
        let page = meanwhile(&stage, users.numbered_page(1, 10, &stage.db));
        let page = page.await.unwrap();
        let expected = if consistent { 1 } else { 2 };
        assert_eq!((page.total, page.rows.len()), (1, expected));
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn a_transaction_has_a_snapshot_or_is_told() {
    let stage = stage().await;
    let load = || User::find().with(User::POSTS).consistent();
    for isolation in [Isolation::RepeatableRead, Isolation::Serializable] {
        let tx = stage.db.begin().isolation(isolation).await.unwrap();
        assert_eq!(seen(&load().all(&tx).await.unwrap()), (1, 1));
        let page = load().numbered_page(1, 10, &tx).await.unwrap();
        assert_eq!((page.total, seen(&page.rows)), (1, (1, 1)));
        User::insert(new_user("Cyd")).execute(&tx).await.unwrap();
        tx.rollback().await.unwrap();
    }
    for said in [None, Some(Isolation::ReadCommitted)] {
        let begin = stage.db.begin();
        let begin = match said {
            Some(isolation) => begin.isolation(isolation),
            None => begin,
        };
        let tx = begin.await.unwrap();
        let error = load().all(&tx).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        let text = error.to_string();
        assert!(text.contains("Isolation::RepeatableRead"), "{text}");
        assert!(text.contains("consistent.rs"), "{text}");
        let error = load().numbered_page(1, 10, &tx).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        // Nothing was sent: nothing is spoilt.
        tx.commit().await.unwrap();
    }
    stage.assert_clean().await;
}

#[tokio::test]
async fn begin_travels_along_and_nobody_waits_for_the_commit() {
    let stage = stage().await;
    let load = || User::find().with(User::POSTS).consistent().all(&stage.db);
    load().await.unwrap();
    let session = stage.assert_clean().await;
    stage.proxy.sent();
    load().await.unwrap();
    stage.proxy.until_sent("QBESBESQ").await;
    assert_eq!(stage.assert_clean().await, session);
    // What becomes of it is nobody's concern.
    stage.proxy.cut("COMMIT", false);
    assert_eq!(seen(&load().await.unwrap()), (1, 1));
    assert_ne!(Session::ask(&stage.db).await.pid, session);
    stage.assert_clean().await;
}

#[tokio::test]
async fn what_fails_in_between_leaves_nothing_open() {
    let stage = stage().await;
    let session = Session::ask(&stage.db).await.pid;
    let gone = "ALTER TABLE posts RENAME TO hidden";
    ormcore::sql(gone).execute(&stage.blog.db).await.unwrap();
    let load = User::find().with(User::POSTS).consistent().all(&stage.db);
    assert_eq!(in_time(load).await.unwrap_err().code(), Some("42P01"));
    assert_eq!(stage.assert_clean().await, session);
}
