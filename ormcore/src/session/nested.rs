//! A part of the work that can be undone by itself.

use super::{Phase, Session};
use crate::db::Transaction;
use crate::error::{Error, ErrorKind, Result};
use std::panic::Location;

type Caller = &'static Location<'static>;

/// One part that is going on.
pub(super) struct Level {
    /// The savepoint.
    number: u32,
    /// How much of each arena was flushed when it began, how many links, and how many rows hooks had added behind that.
    marks: Vec<usize>,
    linked: usize,
    behind: usize,
    /// Whether the caller had used the transaction directly before.
    lent: bool,
    /// How many questions were asked before.
    asked: u32,
}

impl Level {
    pub(super) fn was_lent(&self) -> bool {
        self.lent
    }
}

/// Undoes a part when its future is dropped: at once, so that nothing done later is taken for a part of it.
struct Part<'s> {
    session: &'s mut Session,
    depth: usize,
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        self.session.undo_part(self.depth);
    }
}

impl Session {
    /// Runs a part of the work in a savepoint: kept when it returns `Ok`, undone when it returns `Err` or is dropped, in the
    /// session and in the database. The rest of the session goes on either way. What changed before is flushed first.
    ///
    /// When a statement was still on its way as the part was dropped, the transaction is given up: what was flushed before the
    /// part is then flushed again. Only what you did on [`executor`](Self::executor) before the part cannot be done again
    /// here; then [`rollback`](Self::rollback) is asked for. What you did on it in a part is undone with the part, and rows
    /// that may have shown it expire.
    ///
    /// # Errors
    /// Those of the work; those of [`flush`](Self::flush), before it and at its end. [`ErrorKind::TransactionAborted`] when
    /// the transaction was lost inside it.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Error, Result};
    /// # #[derive(Entity)]
    /// # #[orm(insert(NewUser))]
    /// # struct User { #[orm(primary_key, generated)] id: i64, #[orm(unique)] name: String }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let mut s = db.session();
    /// let added = s.nested(async |s| Ok::<_, Error>(s.add(NewUser { name: "Ada".into() }))).await;
    /// if added.is_err_and(|error| error.is_unique_violation()) {
    ///     println!("Ada is there already");
    /// }
    /// s.commit().await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn nested<T, E, F>(&mut self, work: F) -> impl Future<Output = Result<T, E>>
    where
        E: From<Error>,
        F: AsyncFnOnce(&mut Self) -> Result<T, E>,
    {
        let caller = Location::caller();
        async move {
            self.recover()?;
            self.outside_hooks(
                "a hook cannot begin a part of the work: it is in the middle of one",
                caller,
            )?;
            self.flush_at(caller, false).await?;
            let depth = self.descend(caller).await?;
            let part = Part {
                session: self,
                depth,
            };
            let value = work(part.session).await?;
            part.session.ascend(depth, caller).await?;
            Ok(value)
        }
    }

    /// Begins a part, and says how many there are now.
    async fn descend(&mut self, caller: Caller) -> Result<usize> {
        self.phase = Phase::Sending;
        if self.transaction.is_none() {
            let begun = Transaction::within(&self.db, self.isolation, caller).await;
            let begun = begun.inspect_err(|_| self.phase = Phase::Idle);
            self.transaction = Some(begun.map_err(|error| error.at(caller))?);
        }
        let number = match &self.transaction {
            Some(transaction) => transaction.set_mark().await,
            None => Err(Error::usage("the session has no transaction")),
        };
        let number = match number {
            Ok(number) => number,
            Err(error) => {
                self.lose().await;
                return Err(error.at(caller));
            }
        };
        self.phase = Phase::Idle;
        self.levels.push(Level {
            number,
            marks: self.arenas.iter().map(|(_, arena)| arena.mark()).collect(),
            linked: self.linked.len(),
            behind: self.behind.len(),
            lent: std::mem::take(&mut self.lent),
            asked: self.sets,
        });
        Ok(self.levels.len())
    }

    /// Ends a part that went well.
    async fn ascend(&mut self, depth: usize, caller: Caller) -> Result<()> {
        self.recover().map_err(|error| error.at(caller))?;
        let lost = || {
            let message = "everything was rolled back, and this part of the work with it";
            Error::new(ErrorKind::TransactionAborted, message).at(caller)
        };
        if self.levels.len() < depth {
            return Err(lost());
        }
        self.flush_at(caller, false).await?;
        let number = self.levels.get(depth - 1).map(|level| level.number);
        let (Some(transaction), Some(number)) = (&self.transaction, number) else {
            return Err(lost());
        };
        self.phase = Phase::Sending;
        let released = transaction.release_mark(number).await;
        self.phase = Phase::Idle;
        released.map_err(|error| error.at(caller))?;
        let ended = self.levels.pop();
        self.lent |= ended.is_some_and(|level| level.lent);
        Ok(())
    }

    /// Undoes everything since a part began, unless that has ended. What is on its way cannot be waited for here.
    fn undo_part(&mut self, depth: usize) {
        let Some(level) = self.levels.get(depth - 1) else {
            return;
        };
        let mark = |at: usize| level.marks.get(at).copied().unwrap_or(0);
        let mut arenas = self.arenas.iter().enumerate();
        let wrote = arenas.any(|(at, (_, arena))| arena.mark() > mark(at));
        for (at, (_, arena)) in self.arenas.iter_mut().enumerate() {
            arena.roll_back(mark(at));
            if wrote {
                arena.expire_shown(&self.shown, level.asked);
            }
        }
        let number = level.number;
        let lent = std::mem::replace(&mut self.lent, level.lent);
        self.edits.clear();
        self.linked.truncate(level.linked);
        self.behind.truncate(level.behind);
        self.lists.clear();
        self.levels.truncate(depth - 1);
        match &self.transaction {
            Some(transaction) if transaction.is_alive() => {
                transaction.undo_to_mark(number);
                self.phase = Phase::Idle;
            }
            _ => {
                self.transaction = None;
                self.give_up();
            }
        }
        if lent {
            self.expire_all();
        }
    }

    /// A flush failed in the innermost part: only what was flushed in it has to be flushed again. False, if there is no part
    /// that goes on, or more is lost than that.
    pub(super) async fn give_up_level(&mut self) -> bool {
        let (Some(transaction), Some(level)) = (&self.transaction, self.levels.last_mut()) else {
            return false;
        };
        // What the caller did in it cannot be done again here.
        if !transaction.is_alive() || self.lent {
            return false;
        }
        transaction.undo_to_mark(level.number);
        let Ok(number) = transaction.set_mark().await else {
            return false;
        };
        level.number = number;
        let behind = level.behind;
        self.losses += 1;
        for (at, (_, arena)) in self.arenas.iter_mut().enumerate() {
            arena.unflush(level.marks.get(at).copied().unwrap_or(0));
        }
        let linked = self.linked.split_off(level.linked.min(self.linked.len()));
        let later = std::mem::replace(&mut self.edits, linked);
        self.edits.extend(later);
        self.forget_behind(behind);
        self.lists.clear();
        self.phase = Phase::Idle;
        true
    }
}
