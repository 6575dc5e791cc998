//! The session: a unit of work that owns its rows.
//!
//! Each entity has an arena, and callers have small handles. What `&mut s[row]` hands out is compared with what the row was
//! when a flush comes. A flush is planned as data first, performed second, and put into the arenas only when all of it went
//! well: a future that is dropped, or a statement that fails, leaves the arenas as they were, and the transaction is given up.

mod ahead;
mod arena;
mod around;
mod asked;
mod behind;
mod blame;
mod cascade;
mod changes;
mod commit;
mod connect;
mod detach;
mod doubt;
mod edges;
mod edits;
mod erased;
mod events;
mod failure;
mod flush;
mod hooked;
mod hooks;
mod index;
mod journal;
mod kept;
mod lists;
mod loosen;
mod missing;
mod nested;
mod order;
mod peers;
mod pending;
mod promises;
mod read;
mod reference;
mod refusal;
mod relate;
mod removals;
mod returned;
mod rivals;
mod send;
mod shelf;
mod shown;
mod statements;
mod steps;
mod store;
mod todo;
mod tracked;
mod turns;
mod typed;
mod valid;
mod within;

pub use changes::{Change, ChangeKind, Changes, Flush, RowState};
pub use failure::Failure;
pub use hooks::{Hooks, RowHooks};
pub use reference::Ref;
pub use relate::Related;
pub use tracked::{
    Draft, EachRelation, KeyFields, Lead, MakesKey, Tracked, Variant, leads_of_kind, put_of_kind,
    set_of_kind,
};

use crate::db::{Db, Isolation, Transaction};
use crate::error::{Error, ErrorKind, Result};
use arena::Arena;
use asked::Asked;
use edits::Edit;
use erased::AnyArena;
use hooked::Hooked;
use lists::Lists;
use nested::Level;
use reference::Place;
use shown::Shown;
use std::any::{Any, TypeId};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use within::scope_of_new;

/// A unit of work: rows that are read once, changed in memory, and written together.
///
/// It owns its rows; you hold a [`Ref`] of each. `&s[user]` reads, `&mut s[user]` notes what the row was before. A flush writes
/// what differs: parents first, changed columns only, one statement for the rows of a table. There is no lock and no
/// `RefCell`; a session is `Send`, and belongs to one task at a time.
///
/// Nothing is sent before something has to be. Reads go to any connection of the pool, until the first flush begins the
/// session's transaction; from then on everything goes there, until [`commit`](Self::commit) or
/// [`rollback`](Self::rollback). A session that is dropped before is rolled back.
///
/// # Examples
/// ```no_run
/// use ormcore::{Db, Entity};
///
/// #[derive(Entity)]
/// #[orm(insert(NewUser))]
/// struct User {
///     #[orm(primary_key, generated)]
///     id: i64,
///     name: String,
/// }
///
/// #[derive(Entity)]
/// #[orm(insert(NewPost))]
/// struct Post {
///     #[orm(primary_key, generated)]
///     id: i64,
///     #[orm(references(User, on_delete = "cascade"))]
///     author_id: i64,
///     title: String,
/// }
///
/// #[tokio::main]
/// async fn main() -> ormcore::Result<()> {
///     let db = Db::connect("postgres://localhost/blog").await?;
///     let mut s = db.session();
///     let ada = s.get::<User>(1).await?;
///     s[ada].name = "Ada Lovelace".into();
///     let bob = s.add(NewUser { name: "Bob".into() });
///     // A key that is not known yet is filled in at the flush.
///     let author_id = s.key(bob);
///     let post = s.add(NewPost { author_id, title: "Hello".into() });
///     println!("{}", s.changes());
///     s.commit().await?;
///     println!("{} is by {}", s[post].id, s[post].author_id);
///     Ok(())
/// }
/// ```
#[must_use = "a session that is dropped without a commit is rolled back"]
pub struct Session {
    db: Db,
    number: u64,
    arenas: Vec<(TypeId, Box<dyn AnyArena>)>,
    transaction: Option<Transaction>,
    isolation: Option<Isolation>,
    autoflush: bool,
    expires: bool,
    phase: Phase,
    /// Whether the caller has used the transaction directly: what was done so cannot be done again here.
    lent: bool,
    failure: Option<Failure>,
    hooks: Hooked,
    lists: Lists,
    /// Links that come or go with the next flush, and those that did since the last commit.
    edits: Vec<Edit>,
    linked: Vec<Edit>,
    /// The parts that are going on, one inside the other.
    levels: Vec<Level>,
    /// Rows that hooks behind a flush have added since the last commit.
    behind: Vec<(usize, Place)>,
    /// What was there before the hooks of a flush, while they run.
    asked: Option<Asked>,
    /// How often the transaction, or a part of it, was rolled back because something failed.
    losses: u32,
    /// How many questions were asked.
    sets: u32,
    shown: Shown,
}

/// What a session is in the middle of. It stands there when a future is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing.
    Idle,
    /// The transaction is in use, and nothing of that is in the arenas, or not all that belongs to it.
    Sending,
    /// What was sent is in the arenas, and the hooks behind it run.
    Behind,
    /// COMMIT is on its way.
    Committing,
    /// The transaction was lost together with what the caller did in it.
    Lost,
    /// Nobody knows whether it was committed.
    Unknown,
}

impl Db {
    /// A session on this database. Nothing is sent yet.
    pub fn session(&self) -> Session {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Session {
            db: self.clone(),
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            arenas: Vec::new(),
            transaction: None,
            isolation: None,
            autoflush: true,
            expires: false,
            phase: Phase::Idle,
            lent: false,
            failure: None,
            hooks: Hooked::of(self),
            lists: Lists::default(),
            edits: Vec::new(),
            linked: Vec::new(),
            levels: Vec::new(),
            behind: Vec::new(),
            asked: None,
            losses: 0,
            sets: 0,
            shown: Shown::default(),
        }
    }
}

impl Session {
    /// Whether changes are flushed before the database is asked, so that the answer knows of them; yes, unless set.
    pub fn autoflush(mut self, on: bool) -> Self {
        self.autoflush = on;
        self
    }

    /// Whether rows have to be read again after a commit; no, unless set. Then what others changed meanwhile cannot be
    /// overlooked: a row that has expired cannot be indexed until it was read again, and relations have to be loaded again.
    pub fn expire_on_commit(mut self, on: bool) -> Self {
        self.expires = on;
        self
    }

    /// Gives it a span of its own, `db.session.open`, from now until it is dropped, around everything it does; so call it last.
    /// Without, what a session does stands in the caller's span, which is mostly what one wants to see.
    pub fn traced(mut self) -> Self {
        let open = self
            .db
            .telemetry()
            .session_open(self.autoflush, self.expires);
        self.db = self.db.inside(open);
        self
    }

    /// How much its transaction sees of others. Then reads begin it too.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// What was wrong with the last flush, until the next: which rows, and which columns.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    fn arena<E: Tracked>(&self) -> Option<&Arena<E>> {
        let kind = TypeId::of::<E>();
        let (_, arena) = self.arenas.iter().find(|(other, _)| *other == kind)?;
        let arena: &dyn Any = &**arena;
        arena.downcast_ref()
    }

    fn arena_mut<E: Tracked>(&mut self) -> Result<&mut Arena<E>> {
        let (kind, number) = (TypeId::of::<E>(), self.number);
        let at = match self.arenas.iter().position(|(other, _)| *other == kind) {
            Some(at) => at,
            None => {
                let arena = Arena::<E>::new(number, scope_of_new::<E>(&self.db));
                self.arenas.push((kind, Box::new(arena)));
                self.arenas.len() - 1
            }
        };
        let arena = self.arenas.get_mut(at).and_then(|(_, arena)| {
            let arena: &mut dyn Any = &mut **arena;
            arena.downcast_mut()
        });
        arena.ok_or_else(|| Error::usage("the session has lost an arena"))
    }

    /// Puts things right after a future that was dropped, or says that they cannot be.
    fn recover(&mut self) -> Result<()> {
        match self.phase {
            Phase::Idle | Phase::Behind => Ok(()),
            Phase::Sending => {
                self.transaction = None;
                self.give_up();
                self.recover_lost()
            }
            Phase::Committing => {
                (self.transaction, self.phase) = (None, Phase::Unknown);
                self.recover_lost()
            }
            Phase::Lost | Phase::Unknown => self.recover_lost(),
        }
    }

    fn recover_lost(&self) -> Result<()> {
        match self.phase {
            Phase::Lost => Err(Error::new(
                ErrorKind::TransactionAborted,
                match self.levels.is_empty() {
                    true => {
                        "the session's transaction was rolled back, and with it more than can be done again here; call `rollback`, and begin again"
                    }
                    false => {
                        "the session's transaction was rolled back in the middle of a part of its work; return an error from `nested`, which undoes the part, and run it again"
                    }
                },
            )),
            Phase::Unknown => Err(Error::new(
                ErrorKind::CommitUnknown,
                "nobody knows whether the session was committed, because the answer to COMMIT was not read; begin a new session",
            )),
            Phase::Idle | Phase::Sending | Phase::Behind | Phase::Committing => Ok(()),
        }
    }

    /// The transaction is over, and nothing of it was kept: what was flushed in it has to be flushed again, as soon as no part
    /// goes on.
    fn give_up(&mut self) {
        self.losses += 1;
        if !self.levels.is_empty() {
            self.phase = Phase::Lost;
            return;
        }
        for (_, arena) in &mut self.arenas {
            arena.unflush(0);
        }
        self.shown.end(self.sets);
        self.forget_behind(0);
        // What came first is written first.
        let later = std::mem::replace(&mut self.edits, std::mem::take(&mut self.linked));
        self.edits.extend(later);
        self.lists.clear();
        self.phase = match self.lent {
            true => Phase::Lost,
            false => Phase::Idle,
        };
    }

    fn expire_all(&mut self) {
        for (_, arena) in &mut self.arenas {
            arena.expire();
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("db", &self.db)
            .field("in_transaction", &self.transaction.is_some())
            .finish_non_exhaustive()
    }
}
