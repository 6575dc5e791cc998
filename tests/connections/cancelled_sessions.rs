//! What a session does may be dropped at every place where it waits: it goes on or says what to do, it agrees with the
//! database about every row, and its connection is had again.

use crate::blog::{NewPost, NewUser, Post, User, new_user};
use crate::stage::{Stage, dropped_after, in_time};
use ormcore::{Db, ErrorKind, Ref, Result, RowHooks, RowState, Session, async_trait};
use std::cell::RefCell;

/// The users that a session was asked for or given.
pub(crate) type Rows = RefCell<Vec<Ref<User>>>;

/// What is done before, and what is dropped after one poll, after two, and so on until it gets done.
pub(crate) struct Dropped<B, W> {
    pub(crate) before: B,
    pub(crate) work: W,
    /// How often it has to wait at least; the answers come message by message, so that it waits more often than that.
    pub(crate) least: usize,
}

impl<B, W> Dropped<B, W>
where
    B: AsyncFn(&mut Session, &Rows, usize) -> Result<()>,
    W: AsyncFn(&mut Session, &Rows, usize) -> Result<()>,
{
    async fn everywhere(self) {
        let stage = Stage::new().await;
        self.everywhere_on(&stage, &stage.db).await;
    }

    pub(crate) async fn everywhere_on(self, stage: &Stage, db: &Db) {
        stage.proxy.drip();
        for polls in 1.. {
            let (mut s, rows) = (db.session(), Rows::default());
            (self.before)(&mut s, &rows, polls)
                .await
                .expect("a beginning");
            // In a box: it is large, and is handed through many hands.
            let work = Box::pin((self.work)(&mut s, &rows, polls));
            let done = in_time(dropped_after(polls, work)).await;
            let told = in_time(goes_on(&mut s)).await;
            if told == Told::Done {
                let rows = rows.take();
                agree(stage, &mut s, &rows, polls).await;
            }
            drop(s);
            stage.assert_clean().await;
            if let Some(result) = done {
                result.expect("nothing went wrong");
                assert_eq!(told, Told::Done, "done, and cannot go on");
                assert!(polls > self.least, "it waited at {polls} places only");
                return;
            }
        }
    }
}

#[derive(Debug, PartialEq)]
enum Told {
    /// Everything was committed, or rolled back as it asked for.
    Done,
    /// Nobody knows whether it was committed.
    Unknown,
}

/// Commits, and does what it says where it cannot.
async fn goes_on(s: &mut Session) -> Told {
    for _ in 0..3 {
        let Err(error) = s.commit().await else {
            return Told::Done;
        };
        match error.kind() {
            ErrorKind::CommitUnknown => {
                let again = s.flush().await.expect_err("nobody knows");
                assert!(again.to_string().contains("begin a new session"), "{again}");
                return Told::Unknown;
            }
            ErrorKind::TransactionAborted if error.to_string().contains("call `rollback`") => {
                s.rollback().await.expect("a rollback");
            }
            // It was told, and everything is to be flushed again.
            ErrorKind::TransactionAborted => {}
            _ => panic!("it says nothing of what to do: {error}"),
        }
    }
    panic!("it does not go on, whatever is done");
}

/// What the session shows is what is stored, and nothing else is.
async fn agree(stage: &Stage, s: &mut Session, rows: &[Ref<User>], polls: usize) {
    let stored = User::find().all(&stage.blog.db).await.expect("users");
    let of_run = format!("-{polls}-");
    let stored = stored.iter().filter(|user| user.name.contains(&of_run));
    let mut stored: Vec<_> = stored
        .map(|user| (user.id, &*user.name, user.age))
        .collect();
    for row in rows {
        if s.state(*row).is_ok_and(|state| state == RowState::Expired) {
            in_time(s.refresh(*row)).await.expect("it is there");
        }
        match s.state(*row) {
            Ok(RowState::Clean) => {
                let user = (s[*row].id, &*s[*row].name, s[*row].age);
                let at = stored.iter().position(|other| *other == user);
                let at = at.unwrap_or_else(|| panic!("{polls} polls: {user:?} is not stored"));
                stored.swap_remove(at);
            }
            // It was removed, or undone, and is not there.
            Err(_) | Ok(RowState::Deleted) => {}
            Ok(state) => panic!("{polls} polls: {state:?} after a commit"),
        }
    }
    assert!(
        stored.is_empty(),
        "{polls} polls: stored besides {stored:?}"
    );
}

/// A name nobody has.
fn named(run: usize, what: &str) -> NewUser {
    new_user(&format!("user-{run}-{what}"))
}

fn add(s: &mut Session, rows: &Rows, run: usize, what: &str) -> Ref<User> {
    let row = s.add(named(run, what));
    rows.borrow_mut().push(row);
    row
}

/// A transaction in which something was written already, and rows to be inserted, updated and deleted.
pub(crate) async fn in_the_middle(s: &mut Session, rows: &Rows, run: usize) -> Result<()> {
    let leaving = add(s, rows, run, "leaving");
    let changed = add(s, rows, run, "changed");
    s.commit().await?;
    add(s, rows, run, "flushed");
    s.flush().await?;
    s[changed].age = Some(7);
    s.remove(leaving);
    add(s, rows, run, "pending");
    Ok(())
}

/// The same, with nothing left to flush.
async fn in_a_transaction(s: &mut Session, rows: &Rows, run: usize) -> Result<()> {
    in_the_middle(s, rows, run).await?;
    s.flush().await.map(|_| ())
}

#[tokio::test]
async fn a_flush() {
    let work = async |s: &mut Session, _: &Rows, _| s.flush().await.map(|_| ());
    let flush = Dropped {
        before: in_the_middle,
        work,
        least: 3,
    };
    flush.everywhere().await;
}

#[tokio::test]
async fn a_flush_that_begins_the_transaction() {
    let before = async |s: &mut Session, rows: &Rows, run| {
        add(s, rows, run, "ada");
        add(s, rows, run, "bob");
        Ok(())
    };
    let flush = Dropped {
        before,
        work: async |s: &mut Session, _: &Rows, _| s.flush().await.map(|_| ()),
        least: 3,
    };
    flush.everywhere().await;
}

#[tokio::test]
async fn a_commit() {
    let commit = Dropped {
        before: in_the_middle,
        work: async |s: &mut Session, _: &Rows, _| s.commit().await.map(|_| ()),
        least: 4,
    };
    commit.everywhere().await;
}

#[tokio::test]
async fn a_rollback() {
    let rollback = Dropped {
        before: in_the_middle,
        work: async |s: &mut Session, _: &Rows, _| s.rollback().await,
        least: 1,
    };
    rollback.everywhere().await;
}

#[tokio::test]
async fn a_part_of_the_work() {
    let part = async |s: &mut Session, rows: &Rows, run| {
        s.nested(async |s| {
            add(s, rows, run, "part");
            s.flush().await?;
            add(s, rows, run, "late");
            Ok(())
        })
        .await
    };
    let part = Dropped {
        before: in_the_middle,
        work: part,
        least: 8,
    };
    part.everywhere().await;
}

#[tokio::test]
async fn a_part_inside_another() {
    let parts = async |s: &mut Session, rows: &Rows, run| {
        s.nested(async |s| {
            add(s, rows, run, "outer");
            let undone = s.nested(async |s| {
                add(s, rows, run, "inner");
                s.flush().await?;
                s.one(User::find().filter(User::NAME.eq("nobody"))).await
            });
            assert!(undone.await.is_err_and(|error| error.is_not_found()));
            add(s, rows, run, "late");
            Ok(())
        })
        .await
    };
    let parts = Dropped {
        before: in_the_middle,
        work: parts,
        least: 10,
    };
    parts.everywhere().await;
}

#[tokio::test]
async fn what_is_dropped_inside_a_part_that_goes_on() {
    let stage = Stage::new().await;
    stage.proxy.drip();
    for polls in 1.. {
        let (mut s, rows) = (stage.db.session(), Rows::default());
        in_the_middle(&mut s, &rows, polls).await.unwrap();
        let part = s.nested(async |s| {
            add(s, &rows, polls, "part");
            s.flush().await?;
            add(s, &rows, polls, "late");
            let done = in_time(dropped_after(polls, s.flush())).await;
            add(s, &rows, polls, "last");
            Ok::<_, ormcore::Error>(done.is_some())
        });
        let done = in_time(part).await;
        if let Err(error) = &done {
            assert_eq!(error.kind(), ErrorKind::TransactionAborted);
        }
        assert_eq!(in_time(goes_on(&mut s)).await, Told::Done);
        let rows = rows.take();
        agree(&stage, &mut s, &rows, polls).await;
        let (pending, part) = (rows[3], rows[4]);
        assert_eq!(s.state(pending).unwrap(), RowState::Clean);
        assert_eq!(s.state(part).is_ok(), done.is_ok());
        drop(s);
        stage.assert_clean().await;
        if done.is_ok_and(|done| done) {
            assert!(polls > 2, "it waited at {polls} places only");
            return;
        }
    }
}

#[tokio::test]
async fn the_transaction_for_statements_of_ones_own() {
    let executor = Dropped {
        before: in_the_middle,
        work: async |s: &mut Session, _: &Rows, _| s.executor().await.map(|_| ()),
        least: 3,
    };
    executor.everywhere().await;
}

#[tokio::test]
async fn a_statement_of_ones_own() {
    let statement = async |s: &mut Session, _: &Rows, _| {
        let update = User::update_many().all_rows().set(User::AGE, User::AGE);
        update.execute(s.executor().await?).await.map(|_| ())
    };
    let statement = Dropped {
        before: in_a_transaction,
        work: statement,
        least: 1,
    };
    statement.everywhere().await;
}

pub(crate) async fn nothing(_: &mut Session, _: &Rows, _: usize) -> Result<()> {
    Ok(())
}

/// Whoever is added has a post, which is asked for.
struct Posts;

#[async_trait]
impl RowHooks<User> for Posts {
    async fn before_insert(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        s.all(Post::find().limit(1)).await?;
        let new: &mut NewUser = s.new_row_mut(row)?;
        new.age = Some(1);
        Ok(())
    }

    async fn after_insert(&self, s: &mut Session, row: Ref<User>) -> Result<()> {
        let (author_id, title) = (s[row].id, s[row].name.clone());
        s.all(Post::find().limit(1)).await?;
        s.add(NewPost { author_id, title });
        Ok(())
    }
}

#[tokio::test]
async fn a_commit_with_hooks() {
    let stage = Stage::new().await;
    let db = stage.db.on_rows::<User>(Posts);
    let commit = async |s: &mut Session, rows: &Rows, run| {
        add(s, rows, run, "ada");
        add(s, rows, run, "bob");
        s.commit().await.map(|_| ())
    };
    let commit = Dropped {
        before: nothing,
        work: commit,
        least: 8,
    };
    commit.everywhere_on(&stage, &db).await;
    // Nobody was stored without what the hook adds.
    let users = User::find().order_by(User::NAME).all(&stage.db).await;
    let posts = Post::find().order_by(Post::TITLE).all(&stage.db).await;
    let (users, posts) = (users.unwrap(), posts.unwrap());
    assert!(users.len() >= 2);
    let names: Vec<_> = users.iter().map(|user| &user.name).collect();
    let titles: Vec<_> = posts.iter().map(|post| &post.title).collect();
    assert_eq!(names, titles);
}
