//! Keys of new rows, used before and after they are real; and what is found by a key.

use crate::shop::{Comment, NewPost, Post, User, new_comment, new_post, new_user, shop};
use ormcore::{Error, ErrorKind, RowState};

#[tokio::test]
async fn a_key_of_a_new_row_stays_good_when_the_row_has_its_real_one() {
    let (fresh, mut s) = shop().await;
    let bob = s.add(new_user("Bob"));
    let key = s.key(bob);
    s.flush().await.unwrap();
    let first = s.add(new_post(key, "in the same transaction"));
    s.commit().await.unwrap();
    let second = s.add(new_post(key, "behind the commit"));
    s[first].editor_id = Some(key);
    s.commit().await.unwrap();
    assert_eq!(s[first].author_id, s[bob].id);
    assert_eq!(s[first].editor_id, Some(s[bob].id));
    assert_eq!(s[second].author_id, s[bob].id);
    let of_bob = Post::find().filter(Post::AUTHOR_ID.eq(s[bob].id));
    assert_eq!(of_bob.count(&fresh.db).await.unwrap(), 2);
}

#[tokio::test]
async fn a_key_of_a_row_that_was_never_stored_is_refused_before_anything_is_sent() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let bob = s.add(new_user("Bob"));
    let (real, broken) = (s.key(ada), s.key(bob));
    s.remove(bob);
    let mut post = new_post(real, "Hello");
    post.editor_id = Some(broken);
    let post = s.add(post);
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let text = error.to_string();
    assert!(text.contains("`Post::editor_id`"), "{text}");
    assert!(text.contains("a new `User`"), "{text}");
    assert_eq!(s.failure().unwrap().row::<Post>(), Some(post));
    assert_eq!(fresh.statements(), [""; 0]);
    let new: &mut NewPost = s.new_row_mut(post).unwrap();
    new.editor_id = None;
    assert_eq!(s.commit().await.unwrap().pending, 2);
}

#[tokio::test]
async fn a_key_of_a_row_that_was_rolled_back_is_refused_too() {
    let (_fresh, mut s) = shop().await;
    let bob = s.add(new_user("Bob"));
    let key = s.key(bob);
    s.flush().await.unwrap();
    s.rollback().await.unwrap();
    s.add(new_post(key, "Hello"));
    assert_eq!(s.commit().await.unwrap_err().kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn a_row_to_be_inserted_again_may_refer_to_one_that_is_new() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let ada = s.key(ada);
    let post = s.add(new_post(ada, "Hello"));
    let post = s.key(post);
    let answer = s.add(new_comment(post, "an answer"));
    s.flush().await.unwrap();
    let question = s.add(new_comment(post, "a question"));
    s[answer].parent_id = Some(s.key(question));
    let stray = s.add(new_post(77, "by nobody"));
    assert!(s.flush().await.is_err());
    s.remove(stray);
    s.commit().await.unwrap();
    assert_eq!(s[answer].parent_id, Some(s[question].id));
    let stored = Comment::get(s[answer].id).one(&fresh.db).await.unwrap();
    assert_eq!(stored.parent_id, Some(s[question].id));
}

#[tokio::test]
async fn a_row_is_found_by_the_key_it_is_stored_under() {
    let (fresh, mut s) = shop().await;
    for name in ["Ada", "Bob"] {
        User::insert(new_user(name)).one(&fresh.db).await.unwrap();
    }
    // A key that is changed in memory changes nothing about which row it is.
    let ada = s.get::<User>(1).await.unwrap();
    s[ada].id = 5;
    s.detach(ada).unwrap();
    let bob = s.get::<User>(2).await.unwrap();
    let ada = s.get::<User>(1).await.unwrap();
    assert_ne!(ada, bob);
    assert_eq!(s[ada].name, "Ada");
    // Nor where it is removed, and back again.
    s[ada].id = 5;
    s.remove(ada);
    s.flush().await.unwrap();
    s.rollback().await.unwrap();
    assert!(s.maybe::<User>(5).await.unwrap().is_none());
    assert_eq!(s.get::<User>(1).await.unwrap(), ada);
    assert_eq!(s[ada].id, 1);
    // Nor where it is gone for good.
    s[ada].id = 2;
    s.remove(ada);
    s.commit().await.unwrap();
    assert_eq!(s.get::<User>(2).await.unwrap(), bob);
    assert!(s.maybe::<User>(1).await.unwrap().is_none());
}

#[tokio::test]
async fn what_was_changed_before_a_row_expired_is_not_lost_by_a_failed_flush() {
    let (fresh, s) = shop().await;
    let mut s = s.autoflush(false);
    User::insert(new_user("Ada")).one(&fresh.db).await.unwrap();
    let ada = s.get::<User>(1).await.unwrap();
    s[ada].age = Some(36);
    s.flush().await.unwrap();
    s.expire(ada).unwrap();
    s.add(new_post(77, "by nobody"));
    assert!(s.flush().await.is_err());
    s.all(User::find()).await.unwrap();
    assert_eq!(s[ada].age, Some(36));
    assert_eq!(s.state(ada).unwrap(), RowState::Dirty(vec!["age"]));
}

#[tokio::test]
async fn what_was_read_behind_a_flush_is_read_again_after_a_rollback() {
    let (fresh, mut s) = shop().await;
    for name in ["Ada", "Bob"] {
        User::insert(new_user(name)).one(&fresh.db).await.unwrap();
    }
    let mut post = new_post(1, "Hello");
    post.editor_id = Some(2);
    Post::insert(post).one(&fresh.db).await.unwrap();
    let (ada, bob) = (
        s.get::<User>(1).await.unwrap(),
        s.get::<User>(2).await.unwrap(),
    );
    s.remove(bob);
    s.flush().await.unwrap();
    // The database has set it to NULL.
    let post = s.get::<Post>(1).await.unwrap();
    assert_eq!(s[post].editor_id, None);
    s.rollback().await.unwrap();
    assert_eq!(s.state(post).unwrap(), RowState::Expired);
    assert_eq!(s.state(ada).unwrap(), RowState::Clean);
    assert_eq!(s.get::<Post>(1).await.unwrap(), post);
    assert_eq!(s[post].editor_id, Some(2));
}

#[tokio::test]
async fn what_was_read_behind_a_flush_of_a_part_is_read_again_when_the_part_is_undone() {
    let (fresh, mut s) = shop().await;
    for name in ["Ada", "Bob"] {
        User::insert(new_user(name)).one(&fresh.db).await.unwrap();
    }
    for editor in [Some(2), None] {
        let mut post = new_post(1, "Hello");
        post.editor_id = editor;
        Post::insert(post).one(&fresh.db).await.unwrap();
    }
    let bob = s.get::<User>(2).await.unwrap();
    s[bob].age = Some(1);
    s.flush().await.unwrap();
    let before = s.get::<Post>(2).await.unwrap();
    let part = s.nested(async |s| {
        s.remove(bob);
        s.flush().await?;
        let post = s.get::<Post>(1).await?;
        assert_eq!(s[post].editor_id, None);
        Err::<(), _>(Error::refused("no"))
    });
    part.await.unwrap_err();
    let post = s.get::<Post>(1).await.unwrap();
    assert_eq!(s[post].editor_id, Some(2));
    // What was read before that part has shown nothing of it.
    assert_eq!(s.state(before).unwrap(), RowState::Clean);
}
