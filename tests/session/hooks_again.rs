//! Hooks are called again when their flush is: what they had changed in the one that failed is undone first.

use crate::shop::{NewUser, Post, User, new_post, new_user, shop};
use ormcore::{ErrorKind, Hooks, Ref, Result, RowHooks, RowState, Session, async_trait, sql};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// Counts in each row how often it was written, with a post for each time.
#[derive(Default)]
struct Counts {
    calls: Arc<AtomicU32>,
    stalls: AtomicU32,
}

impl Counts {
    async fn called(&self, s: &mut Session, row: Ref<User>) {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let key = s.key(row);
        s.add(new_post(key, "written"));
        if self.stalls.swap(0, Ordering::SeqCst) > 0 {
            pending::<()>().await;
        }
    }
}

fn one_more(age: &mut Option<i32>) {
    *age = Some(age.unwrap_or(0) + 1);
}

#[async_trait]
impl RowHooks<User> for Counts {
    async fn before_insert(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        one_more(&mut s.new_row_mut::<NewUser>(row)?.age);
        self.called(s, row).await;
        Ok(())
    }

    async fn before_update(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        one_more(&mut s[row].age);
        self.called(s, row).await;
        Ok(())
    }
}

#[tokio::test]
async fn what_hooks_counted_in_a_flush_that_failed_is_counted_once() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    let hooks = Counts::default();
    let calls = Arc::clone(&hooks.calls);
    let mut s = s.on_rows::<User>(hooks);
    s[ada].name = "Eve".into();
    let bob = s.add(new_user("Bob"));
    let bad = s.add(new_user("Ada"));
    let before = s.changes();
    assert!(s.commit().await.unwrap_err().is_unique_violation());
    assert_eq!(s.failure().unwrap().row::<User>(), Some(bad));
    // Everything is as it was before the flush.
    assert_eq!(s.changes(), before);
    assert_eq!((s[ada].age, calls.load(Ordering::SeqCst)), (None, 3));
    assert_eq!(s.new_row::<NewUser>(bob).unwrap().age, None);
    s.remove(bad);
    let flush = s.commit().await.unwrap();
    assert_eq!((flush.pending, flush.dirty), (3, 1));
    assert_eq!(calls.load(Ordering::SeqCst), 5);
    for row in [ada, bob] {
        let stored = User::get(s[row].id).one(&fresh.db).await.unwrap();
        assert_eq!((stored.age, &stored), (Some(1), &s[row]));
    }
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 2);
}

#[tokio::test]
async fn a_flush_that_is_lost_later_takes_along_what_hooks_did_for_it() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    let mut s = s.on_rows::<User>(Counts::default());
    s[ada].name = "Eve".into();
    s.flush().await.unwrap();
    assert_eq!(s[ada].age, Some(1));
    s[ada].tags = vec!["new".into()];
    s.flush().await.unwrap();
    assert_eq!(s[ada].age, Some(2));
    let bad = s.add(new_user("Ada"));
    assert!(s.flush().await.unwrap_err().is_unique_violation());
    assert_eq!((&*s[ada].name, s[ada].age), ("Eve", None));
    let dirty = RowState::Dirty(vec!["name", "tags"]);
    assert_eq!(s.state(ada).unwrap(), dirty);
    // What the caller has said since is the last word.
    s[ada].age = Some(10);
    s.remove(bad);
    s.commit().await.unwrap();
    let stored = User::find().one(&fresh.db).await.unwrap();
    assert_eq!((stored.age, &stored), (Some(11), &s[ada]));
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_hook_that_is_dropped_half_way_leaves_nothing_behind() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    let mut s = s.on_rows::<User>(Counts {
        stalls: AtomicU32::new(1),
        ..Counts::default()
    });
    s[ada].name = "Eve".into();
    let before = s.changes();
    assert!(
        timeout(Duration::from_millis(300), s.flush())
            .await
            .is_err()
    );
    assert_eq!((s.changes(), s[ada].age), (before, None));
    s.commit().await.unwrap();
    assert_eq!(s[ada].age, Some(1));
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 1);
}

/// Each commit is noted in a post, and somebody has to go for it.
struct Notes(Ref<User>, Ref<User>);

#[async_trait]
impl Hooks for Notes {
    async fn before_commit(&self, s: &mut Session) -> Result<()> {
        if s.state(self.1)? != RowState::Deleted {
            s.remove(self.1);
        }
        let key = s.key(self.0);
        s.add(new_post(key, "committed"));
        Ok(())
    }
}

#[tokio::test]
async fn what_is_done_before_a_commit_that_fails_is_undone_too() {
    let (fresh, mut s) = shop().await;
    let [ada, bob] = ["Ada", "Bob"].map(|name| s.add(new_user(name)));
    s.commit().await.unwrap();
    let mut s = s.on(Notes(ada, bob));
    let bad = s.add(new_user("Ada"));
    for _ in 0..2 {
        assert!(s.commit().await.unwrap_err().is_unique_violation());
        assert_eq!(
            s.changes().to_string(),
            "insert 1 into users: name, email, age, mood"
        );
        assert_eq!(s.state(bob).unwrap(), RowState::Clean);
    }
    s.remove(bad);
    // Also where it is COMMIT that fails.
    let wrong = "ALTER TABLE posts ADD UNIQUE (title) DEFERRABLE INITIALLY DEFERRED";
    sql(wrong).execute(&fresh.db).await.unwrap();
    let key = s.key(ada);
    let twice = s.add(new_post(key, "committed"));
    assert_eq!(
        s.commit().await.unwrap_err().kind(),
        ErrorKind::UniqueViolation
    );
    assert_eq!((s.changes().pending(), s.changes().deleted()), (1, 0));
    s.remove(twice);
    s.commit().await.unwrap();
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 1);
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 1);
}

/// Somebody's age is the number of his posts, and counted behind each.
struct Ages(Ref<User>);

#[async_trait]
impl RowHooks<Post> for Ages {
    async fn after_insert(&self, s: &mut Session, _: Ref<Post>) -> Result<()> {
        one_more(&mut s[self.0].age);
        Ok(())
    }
}

#[tokio::test]
async fn what_is_counted_behind_a_flush_that_is_lost_is_counted_once() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    let wrong = "ALTER TABLE posts ADD UNIQUE (title) DEFERRABLE INITIALLY DEFERRED";
    sql(wrong).execute(&fresh.db).await.unwrap();
    let mut s = s.on_rows::<Post>(Ages(ada));
    let key = s.key(ada);
    s.add(new_post(key, "a"));
    s.flush().await.unwrap();
    assert_eq!(s[ada].age, Some(1));
    // The flush behind it fails, in which the age would be written.
    let bad = s.add(new_user("Ada"));
    assert!(s.flush().await.unwrap_err().is_unique_violation());
    assert_eq!(s[ada].age, None);
    s.remove(bad);
    // And then everything does, when it was written.
    let twice = s.add(new_post(key, "a"));
    assert!(s.commit().await.unwrap_err().is_unique_violation());
    assert_eq!(s[ada].age, None);
    assert_eq!((s.changes().pending(), s.changes().dirty()), (2, 0));
    s.remove(twice);
    s.commit().await.unwrap();
    let stored = User::find().one(&fresh.db).await.unwrap();
    assert_eq!((stored.age, &stored), (Some(1), &s[ada]));
}
