//! What hooks change belongs to the work they are called for; and what they may not do in the middle of it.

use crate::shop::{NewPost, NewUser, Post, User, new_post, new_user, shop};
use ormcore::{
    Error, ErrorKind, Flush, Hooks, Ref, Result, RowHooks, RowState, Session, async_trait, sql,
};
use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;

/// Long enough for a hook to be reached.
const SOON: Duration = Duration::from_millis(300);

/// Everybody who is added is welcomed with a post.
struct Welcomes;

#[async_trait]
impl RowHooks<User> for Welcomes {
    async fn after_insert(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        let key = s.key(row);
        s.add(new_post(key, " welcome "));
        Ok(())
    }
}

#[tokio::test]
async fn what_a_hook_added_before_a_part_is_none_of_the_part() {
    let (fresh, s) = shop().await;
    let mut s = s.on_rows::<User>(Welcomes);
    s.add(new_user("Ada"));
    let undone = s.nested(async |_| Err::<(), _>(Error::refused("no"))).await;
    assert_eq!(undone.unwrap_err().kind(), ErrorKind::Refused);
    s.commit().await.unwrap();
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 1);
}

#[tokio::test]
async fn what_a_hook_adds_at_the_end_of_a_part_is_a_part_of_it() {
    let (fresh, s) = shop().await;
    let mut s = s.on_rows::<User>(Welcomes);
    let part = s.nested(async |s| Ok::<_, Error>(s.add(new_user("Ada"))));
    part.await.unwrap();
    assert!(s.changes().is_empty());
    s.commit().await.unwrap();
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 1);
}

#[tokio::test]
async fn questions_know_of_what_hooks_added() {
    let (_fresh, s) = shop().await;
    let mut s = s.on_rows::<User>(Welcomes);
    s.add(new_user("Ada"));
    assert_eq!(s.all(Post::find()).await.unwrap().len(), 1);
    s.add(new_user("Bob"));
    let posts = Post::find().count(s.executor().await.unwrap()).await;
    assert_eq!(posts.unwrap(), 2);
}

/// Wants to do in the middle of a flush what there is only without one.
struct Interrupts(&'static str);

#[async_trait]
impl RowHooks<User> for Interrupts {
    async fn before_insert(&self, s: &mut Session, _: Ref<User>) -> Result<()> {
        let refused = match self.0 {
            "nested" => s.nested(async |_| Err(Error::refused("no"))).await,
            "commit" => s.commit().await.map(|_| ()),
            _ => s.rollback().await,
        };
        let error = refused.expect_err("not in the middle");
        assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
        assert!(error.to_string().contains("a hook cannot"), "{error}");
        Ok(())
    }
}

#[tokio::test]
async fn a_hook_cannot_begin_a_part_or_end_the_transaction() {
    for what in ["nested", "commit", "rollback"] {
        let (fresh, s) = shop().await;
        let mut s = s.on_rows::<User>(Interrupts(what));
        let ada = s.add(new_user("Ada"));
        s.commit().await.unwrap();
        assert_eq!(s.state(ada).unwrap(), RowState::Clean);
        assert_eq!(User::find().count(&fresh.db).await.unwrap(), 1, "{what}");
    }
}

/// Waits for ever before it does its work, so many times.
struct Stalls(AtomicU32);

impl Stalls {
    fn once() -> Self {
        Self(AtomicU32::new(1))
    }

    async fn stall(&self) {
        if self.0.swap(0, Ordering::SeqCst) > 0 {
            pending::<()>().await;
        }
    }
}

#[async_trait]
impl RowHooks<User> for Stalls {
    async fn after_insert(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        self.stall().await;
        Welcomes.after_insert(s, row).await
    }
}

#[async_trait]
impl Hooks for Stalls {
    async fn after_flush(&self, s: &mut Session, _: Flush) -> Result<()> {
        self.stall().await;
        s.executor().await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_row_is_not_kept_without_the_hook_behind_it() {
    let (fresh, s) = shop().await;
    let mut s = s.on_rows::<User>(Stalls::once());
    let ada = s.add(new_user("Ada"));
    assert!(timeout(SOON, s.flush()).await.is_err());
    // It was dropped in the middle: the flush is to be done again, and its hook with it. What comes now is none of that.
    let bob = s.add(new_user("Bob"));
    s.commit().await.unwrap();
    for row in [ada, bob] {
        assert_eq!(s.state(row).unwrap(), RowState::Clean);
    }
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 2);
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 2);
}

#[tokio::test]
async fn a_flush_is_not_kept_without_the_hook_behind_it() {
    let (fresh, s) = shop().await;
    let mut s = s.on(Stalls::once());
    let ada = s.add(new_user("Ada"));
    assert!(timeout(SOON, s.flush()).await.is_err());
    assert_eq!(s.commit().await.unwrap().pending, 1);
    assert_eq!(s.state(ada).unwrap(), RowState::Clean);
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_hook_that_is_dropped_with_its_part_leaves_the_rest() {
    let (fresh, s) = shop().await;
    let mut s = s
        .on_rows::<User>(Stalls(AtomicU32::new(0)))
        .on_rows::<Post>(StallsAtPosts);
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    s[ada].age = Some(1);
    let part = s.nested(async |s| {
        s[ada].age = Some(2);
        let key = s.key(ada);
        s.add(new_post(key, "stall"));
        s.flush().await
    });
    assert!(timeout(SOON, part).await.is_err());
    assert_eq!(s[ada].age, Some(1));
    s.commit().await.unwrap();
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 1);
    assert_eq!(User::find().one(&fresh.db).await.unwrap().age, Some(1));
}

struct StallsAtPosts;

#[async_trait]
impl RowHooks<Post> for StallsAtPosts {
    async fn after_insert(&self, s: &mut Session, row: Ref<Post>) -> Result<()> {
        if s[row].title == "stall" {
            pending::<()>().await;
        }
        Ok(())
    }
}

/// Posts have no blanks around them, and are never empty.
struct Tidies;

#[async_trait]
impl RowHooks<Post> for Tidies {
    async fn before_insert(&self, s: &mut Session, row: Ref<Post>) -> Result<()> {
        let new: &mut NewPost = s.new_row_mut(row)?;
        new.title = new.title.trim().to_owned();
        Ok(())
    }

    async fn before_update(&self, s: &mut Session, row: Ref<Post>) -> Result<()> {
        match s[row].title.is_empty() {
            true => Err(Error::refused("a post without a title")),
            false => Ok(()),
        }
    }
}

/// Each user has a post that is called as he is.
struct Names(Mutex<Option<Ref<Post>>>);

#[async_trait]
impl RowHooks<User> for Names {
    async fn before_insert(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        let title = format!(" {} ", s.new_row::<NewUser>(row)?.name);
        let key = s.key(row);
        let post = s.add(new_post(key, &title));
        *self.0.lock().expect("a post") = Some(post);
        Ok(())
    }

    async fn before_update(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        let (name, post) = (s[row].name.clone(), *self.0.lock().expect("a post"));
        s[post.expect("a post")].title = name;
        Ok(())
    }
}

#[tokio::test]
async fn what_a_hook_changes_has_hooks_of_its_own_before_it_is_written() {
    let (fresh, s) = shop().await;
    // The one who changes is told after the one whose rows are changed.
    let mut s = s
        .on_rows::<Post>(Tidies)
        .on_rows::<User>(Names(Mutex::default()));
    let none = s.add(new_post(0, "none"));
    s.remove(none);
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    assert_eq!(Post::find().one(&fresh.db).await.unwrap().title, "Ada");
    s[ada].name = String::new();
    fresh.statements();
    let refused = s.commit().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused);
    assert!(fresh.statements().is_empty());
    s.rollback().await.unwrap();
    s[ada].name = "Eve".into();
    s.commit().await.unwrap();
    assert_eq!(Post::find().one(&fresh.db).await.unwrap().title, "Eve");
}

/// Nobody comes alone.
struct Endless(AtomicU32);

#[async_trait]
impl RowHooks<User> for Endless {
    async fn before_insert(&self, s: &mut Session, _: Ref<User>) -> Result<()> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        s.add(new_user(&format!("user{number}")));
        Ok(())
    }
}

#[tokio::test]
async fn hooks_that_would_change_rows_for_ever_are_stopped() {
    let (fresh, s) = shop().await;
    let mut s = s.on_rows::<User>(Endless(AtomicU32::new(0)));
    s.add(new_user("Ada"));
    let refused = s.flush().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Usage, "{refused}");
    assert!(refused.to_string().contains("hooks change"), "{refused}");
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 0);
}

/// Looks at everybody else before anybody is looked at, and at their posts.
struct Looks(Arc<AtomicU32>);

#[async_trait]
impl RowHooks<User> for Looks {
    async fn before_load(&self, s: &mut Session) -> Result<()> {
        if self.0.fetch_add(1, Ordering::SeqCst) > 5 {
            return Err(Error::refused("it goes round"));
        }
        s.get::<User>(1).await?;
        // The hooks of what was read have run: this one still does.
        s.all(User::find()).await?;
        s.all(Post::find()).await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_hook_is_still_one_after_it_has_read_a_row() {
    let (fresh, s) = shop().await;
    User::insert(new_user("Ada")).one(&fresh.db).await.unwrap();
    let calls = Arc::new(AtomicU32::new(0));
    let mut s = s.on_rows::<User>(Looks(Arc::clone(&calls)));
    let post = s.add(new_post(1, "a"));
    s.all(User::find()).await.unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(s[post].title, "a");
}

/// Notes what is not in the database yet while it reads.
struct Waits(Arc<Mutex<Vec<RowState>>>);

#[async_trait]
impl RowHooks<User> for Waits {
    async fn before_load(&self, s: &mut Session) -> Result<()> {
        let post = s.add(new_post(1, "a"));
        s.get::<User>(1).await?;
        s.all(Post::find()).await?;
        self.0.lock().expect("states").push(s.state(post)?);
        Ok(())
    }
}

#[tokio::test]
async fn a_hook_that_reads_does_not_flush_at_its_second_question_either() {
    let (fresh, s) = shop().await;
    User::insert(new_user("Ada")).one(&fresh.db).await.unwrap();
    let states = Arc::default();
    let mut s = s.on_rows::<User>(Waits(Arc::clone(&states)));
    s.all(User::find()).await.unwrap();
    assert_eq!(*states.lock().unwrap(), [RowState::Pending]);
    assert!(s.changes().is_empty());
}

/// Welcomes everybody, and refuses Bob once.
struct RefusesOnce(AtomicU32);

#[async_trait]
impl RowHooks<User> for RefusesOnce {
    async fn before_insert(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        let new: &mut NewUser = s.new_row_mut(row)?;
        new.name = new.name.trim().to_owned();
        Ok(())
    }

    async fn before_update(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        match s[row].name.is_empty() {
            true => Err(Error::refused("somebody without a name")),
            false => Ok(()),
        }
    }

    async fn after_insert(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        Welcomes.after_insert(s, row).await?;
        if s[row].name == "Bob" && self.0.swap(0, Ordering::SeqCst) > 0 {
            return Err(Error::refused("not Bob"));
        }
        Ok(())
    }
}

#[tokio::test]
async fn what_hooks_add_to_a_flush_that_is_done_again_is_there_once() {
    let (fresh, s) = shop().await;
    sql(
        "CREATE FUNCTION check_age() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN IF NEW.age = 99 THEN RAISE 'nobody is that old'; END IF; RETURN NEW; END $$; \
         CREATE CONSTRAINT TRIGGER check_age AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION check_age()",
    )
    .batch(&fresh.db)
    .await
    .unwrap();
    let mut s = s.on_rows::<User>(RefusesOnce(AtomicU32::new(1)));
    let ada = s.add(new_user("Ada"));
    let bob = s.add(new_user("Bob"));
    assert_eq!(s.commit().await.unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(s.changes().pending(), 2);
    s[bob].age = Some(99);
    // All of it was flushed, and the posts behind it: it is COMMIT that fails.
    s.commit().await.unwrap_err();
    assert_eq!(s.changes().pending(), 2);
    s[bob].age = Some(9);
    // What was changed since is looked at before it is inserted again.
    s[ada].name = String::new();
    assert_eq!(s.commit().await.unwrap_err().kind(), ErrorKind::Refused);
    s[ada].name = "Ada".into();
    s.commit().await.unwrap();
    let posts = Post::find().order_by(Post::ID).all(&fresh.db).await;
    let authors: Vec<_> = posts.unwrap().iter().map(|post| post.author_id).collect();
    assert_eq!(authors, [s[ada].id, s[bob].id]);
}
