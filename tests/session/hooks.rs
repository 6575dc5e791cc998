//! Work of one's own at the turning points of a session.

use crate::shop::{NewUser, Post, User, new_post, new_user, shop};
use ormcore::{
    Error, ErrorKind, Failure, Flush, Hooks, Ref, Result, RowHooks, RowState, Session, async_trait,
};
use std::sync::{Arc, Mutex};

type Log = Arc<Mutex<Vec<String>>>;

struct Told(Log);

#[derive(Debug)]
struct Younger;

impl std::fmt::Display for Younger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nobody is younger than nothing")
    }
}

impl std::error::Error for Younger {}

impl Told {
    fn tell(&self, what: impl Into<String>) {
        self.0.lock().expect("a log").push(what.into());
    }
}

#[async_trait]
impl RowHooks<User> for Told {
    async fn before_insert(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        let new: &mut NewUser = s.new_row_mut(row)?;
        new.name = new.name.trim().to_owned();
        self.tell(format!("before insert {}", new.name));
        Ok(())
    }

    async fn before_update(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        self.tell(format!("before update {}", s[row].name));
        if s[row].age.is_some_and(|age| age < 0) {
            return Err(Error::refused(Younger));
        }
        Ok(())
    }

    async fn before_delete(&self, _: &mut Session, key: i64) -> Result<()> {
        self.tell(format!("before delete {key}"));
        Ok(())
    }

    async fn after_insert(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        self.tell(format!("after insert {}", s[row].id));
        let key = s.key(row);
        s.add(new_post(key, "welcome"));
        Ok(())
    }

    async fn after_update(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        self.tell(format!("after update {}", s[row].version));
        Ok(())
    }

    async fn after_load(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        self.tell(format!("after load of {}", s[row].name));
        Ok(())
    }

    async fn after_delete(&self, _: &mut Session, key: i64) -> Result<()> {
        self.tell(format!("after delete {key}"));
        Ok(())
    }
}

#[async_trait]
impl Hooks for Told {
    async fn before_flush(&self, s: &mut Session) -> Result<()> {
        self.tell("before flush");
        let refused: Result<Flush, Error> = s.flush().await;
        assert!(refused.is_err_and(|error| error.kind() == ErrorKind::Usage));
        Ok(())
    }

    async fn after_flush(&self, _: &mut Session, flush: Flush) -> Result<()> {
        self.tell(format!("after flush of {}", flush.rows()));
        Ok(())
    }

    async fn before_commit(&self, s: &mut Session) -> Result<()> {
        self.tell(format!("before commit of {}", s.changes().iter().count()));
        Ok(())
    }

    async fn before_rollback(&self, s: &mut Session) -> Result<()> {
        self.tell(format!("before rollback of {}", s.changes().iter().count()));
        Ok(())
    }

    async fn after_commit(&self, _: &mut Session) -> Result<()> {
        self.tell("after commit");
        Ok(())
    }

    async fn after_rollback(&self, _: &mut Session) -> Result<()> {
        self.tell("after rollback");
        Ok(())
    }
}

#[tokio::test]
async fn hooks_are_told_in_order_and_may_change_what_is_written() {
    let (fresh, s) = shop().await;
    let log = Log::default();
    let mut s = s.on(Told(log.clone())).on_rows::<User>(Told(log.clone()));
    let told = || std::mem::take(&mut *log.lock().unwrap());
    let mut ada = new_user("Ada");
    ada.name = " Ada ".into();
    let ada = s.add(ada);
    s.commit().await.unwrap();
    assert_eq!(
        told(),
        [
            "before commit of 1",
            "before flush",
            "before insert Ada",
            "after insert 1",
            "after flush of 1",
            // The post that the hook has added.
            "before flush",
            "after flush of 1",
            "after commit",
        ]
    );
    assert_eq!(s[ada].name, "Ada");
    assert_eq!(Post::find().one(&fresh.db).await.unwrap().title, "welcome");
    s[ada].age = Some(1);
    s.flush().await.unwrap();
    s.remove(ada);
    s.flush().await.unwrap();
    s.rollback().await.unwrap();
    assert_eq!(
        told(),
        [
            "before flush",
            "before update Ada",
            "after update 2",
            "after flush of 1",
            "before flush",
            "before delete 1",
            "after delete 1",
            "after flush of 1",
            "before rollback of 0",
            "after rollback",
        ]
    );
}

#[tokio::test]
async fn a_hook_that_refuses_leaves_everything_as_it_was() {
    let (fresh, s) = shop().await;
    let log = Log::default();
    let mut s = s.on_rows::<User>(Told(log.clone()));
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    s[ada].age = Some(-1);
    fresh.statements();
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    // What the hook says is in the text, and can be had as it was given.
    assert!(
        error.to_string().contains("nobody is younger than nothing"),
        "{error}"
    );
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<Younger>());
    assert_eq!(s.failure().and_then(Failure::row), Some(ada));
    assert!(fresh.statements().is_empty());
    assert_eq!(s.state(ada).unwrap(), RowState::Dirty(vec!["age"]));
    s[ada].age = Some(1);
    s.commit().await.unwrap();
    assert_eq!(User::find().one(&fresh.db).await.unwrap().age, Some(1));
}

#[tokio::test]
async fn a_row_that_was_not_known_is_told_of_once() {
    let (fresh, s) = shop().await;
    User::insert(new_user("Ada")).one(&fresh.db).await.unwrap();
    let log = Log::default();
    let mut s = s.on_rows::<User>(Told(log.clone()));
    s.all(User::find()).await.unwrap();
    s.get::<User>(1).await.unwrap();
    s.all(User::find()).await.unwrap();
    assert_eq!(*log.lock().unwrap(), ["after load of Ada"]);
    let mut other = fresh.db.session().on_rows::<User>(Told(log.clone()));
    Post::insert(new_post(1, "a")).one(&fresh.db).await.unwrap();
    other.all(Post::find().with(Post::AUTHOR)).await.unwrap();
    assert_eq!(log.lock().unwrap().len(), 2);
}

/// Refuses all questions after so many.
struct Enough(Mutex<u32>);

#[async_trait]
impl RowHooks<User> for Enough {
    async fn before_load(&self, s: &mut Session) -> Result<()> {
        // What a hook asks is not asked about.
        s.all(User::find()).await?;
        let left = self.0.lock().expect("a number").checked_sub(1);
        match left {
            Some(left) => *self.0.lock().expect("a number") = left,
            None => return s.get::<User>(-1).await.map(|_| ()),
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_hook_is_told_before_rows_are_asked_for_and_may_refuse_that() {
    let (fresh, s) = shop().await;
    User::insert(new_user("Ada")).one(&fresh.db).await.unwrap();
    Post::insert(new_post(1, "a")).one(&fresh.db).await.unwrap();
    let mut s = s.on_rows::<User>(Enough(Mutex::new(2)));
    let post = s.one(Post::find()).await.unwrap();
    let ada = s.one(User::find()).await.unwrap();
    // It is known, and not asked for.
    assert_eq!(s.get::<User>(1).await.unwrap(), ada);
    s.load(post, Post::AUTHOR).await.unwrap();
    assert_eq!(s.all(User::find()).await.unwrap(), [ada]);
    assert!(s.all(User::find()).await.unwrap_err().is_not_found());
    s.detach(ada).unwrap();
    assert!(s.load(post, Post::AUTHOR).await.unwrap_err().is_not_found());
    assert_eq!(s.one(Post::find()).await.unwrap(), post);
}

/// Tells who it is.
struct Named(&'static str, Log);

impl Named {
    fn tell(&self, what: &str) {
        let what = format!("{what} {}", self.0);
        self.1.lock().expect("a log").push(what);
    }
}

#[async_trait]
impl RowHooks<User> for Named {
    async fn before_insert(&self, _: &mut Session, _: Ref<User>) -> Result<()> {
        self.tell("row");
        Ok(())
    }
}

#[async_trait]
impl Hooks for Named {
    async fn after_commit(&self, _: &mut Session) -> Result<()> {
        self.tell("whole");
        Ok(())
    }
}

#[tokio::test]
async fn hooks_of_a_handle_run_in_all_its_sessions_before_their_own() {
    let (fresh, _) = shop().await;
    let log = Log::default();
    let named = |name| Named(name, log.clone());
    let told = || std::mem::take(&mut *log.lock().unwrap());
    let db = fresh.db.on(named("one")).on_rows::<User>(named("one"));
    let more = db.on_rows::<User>(named("two")).on(named("two"));

    let mut s = more
        .session()
        .on(named("own"))
        .on_rows::<User>(named("own"));
    s.add(new_user("Ada"));
    s.commit().await.unwrap();
    let expected = [
        "row one",
        "row two",
        "row own",
        "whole one",
        "whole two",
        "whole own",
    ];
    assert_eq!(told(), expected);

    // What a session or another handle has besides is its own.
    let scoped = more.clone().scope(1_i64);
    for (name, db, expected) in [
        ("Bob", &db, vec!["row one", "whole one"]),
        (
            "Cyd",
            &scoped,
            vec!["row one", "row two", "whole one", "whole two"],
        ),
        ("Dan", &fresh.db, vec![]),
    ] {
        let mut s = db.session();
        s.add(new_user(name));
        s.commit().await.unwrap();
        assert_eq!(told(), expected);
    }
}

#[tokio::test]
async fn statements_that_are_sent_directly_have_no_hooks() {
    let (fresh, _) = shop().await;
    let log = Log::default();
    let db = fresh
        .db
        .on(Told(log.clone()))
        .on_rows::<User>(Told(log.clone()));
    User::insert(new_user("Ada")).execute(&db).await.unwrap();
    let older = || User::update_many().set(User::AGE, 1).all_rows();
    older().execute(&db).await.unwrap();
    assert_eq!(User::find().all(&db).await.unwrap().len(), 1);
    let mut s = db.session();
    older().execute(s.executor().await.unwrap()).await.unwrap();
    let tx = s.executor().await.unwrap();
    User::delete().all_rows().execute(tx).await.unwrap();
    assert!(log.lock().unwrap().is_empty());
}
