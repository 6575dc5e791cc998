//! A part of the work that can be undone by itself.

use super::{Phase, Session};
use crate::db::Transaction;
use crate::error::{Error, ErrorKind, Result};
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One part that is going on.
pub(super) struct Level {
    /// The savepoint.
    number: u32,
    /// How much of each arena was flushed when it began, and how many links.
    marks: Vec<usize>,
    linked: usize,
    /// Its future is not there any more.
    dropped: Arc<AtomicBool>,
}

/// Says so when the future of a part is dropped.
struct Watch(Arc<AtomicBool>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Session {
    /// Runs a part of the work in a savepoint: kept when it returns `Ok`, undone when it returns `Err` or is dropped, in the
    /// session and in the database. The rest of the session goes on either way. What changed before is flushed first.
    ///
    /// # Errors
    /// Those of the work; those of [`flush`](Self::flush), before it and at its end.
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
    pub async fn nested<T, E, F>(&mut self, work: F) -> Result<T, E>
    where
        E: From<Error>,
        F: AsyncFnOnce(&mut Self) -> Result<T, E>,
    {
        let caller = Location::caller();
        self.recover()?;
        self.flush_at(caller, false).await?;
        let watch = self.descend().await?;
        let depth = self.levels.len();
        let done = work(self).await;
        let done = match done {
            Ok(value) => match self.ascend(depth, caller).await {
                Ok(()) => Ok(value),
                Err(error) => Err(error.into()),
            },
            Err(error) => Err(error),
        };
        if done.is_err() && self.levels.len() >= depth {
            self.undo_to(depth - 1);
        }
        drop(watch);
        done
    }

    async fn descend(&mut self) -> Result<Watch> {
        self.phase = Phase::Sending;
        if self.transaction.is_none() {
            let begun = Transaction::within(&self.db, self.isolation).await;
            self.transaction = Some(begun.inspect_err(|_| self.phase = Phase::Idle)?);
        }
        let Some(transaction) = &self.transaction else {
            return Err(Error::usage("the session has no transaction"));
        };
        let number = transaction.set_mark().await?;
        self.phase = Phase::Idle;
        let dropped = Arc::new(AtomicBool::new(false));
        self.levels.push(Level {
            number,
            marks: self.arenas.iter().map(|(_, arena)| arena.mark()).collect(),
            linked: self.linked.len(),
            dropped: Arc::clone(&dropped),
        });
        Ok(Watch(dropped))
    }

    async fn ascend(&mut self, depth: usize, caller: &'static Location<'static>) -> Result<()> {
        self.recover()?;
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
        released?;
        self.levels.truncate(depth - 1);
        Ok(())
    }

    /// Everything since this level began is undone.
    fn undo_to(&mut self, depth: usize) {
        let Some(level) = self.levels.get(depth) else {
            return;
        };
        for (at, (_, arena)) in self.arenas.iter_mut().enumerate() {
            arena.roll_back(level.marks.get(at).copied().unwrap_or(0));
        }
        if let Some(transaction) = &self.transaction {
            transaction.undo_to_mark(level.number);
        }
        self.edits.clear();
        self.linked.truncate(level.linked);
        self.lists.clear();
        self.levels.truncate(depth);
    }

    /// Parts whose futures were dropped are undone.
    pub(super) fn undo_dropped(&mut self) {
        let dropped = |level: &Level| level.dropped.load(Ordering::Acquire);
        if let Some(depth) = self.levels.iter().position(dropped) {
            self.undo_to(depth);
        }
    }

    /// A flush failed in the innermost part: only what was flushed in it has to be flushed again. False, if there is no part
    /// that goes on, or nothing is left of the transaction.
    pub(super) async fn give_up_level(&mut self) -> bool {
        let (Some(transaction), Some(level)) = (&self.transaction, self.levels.last_mut()) else {
            return false;
        };
        if !transaction.is_alive() {
            return false;
        }
        transaction.undo_to_mark(level.number);
        let Ok(number) = transaction.set_mark().await else {
            return false;
        };
        level.number = number;
        for (at, (_, arena)) in self.arenas.iter_mut().enumerate() {
            arena.unflush(level.marks.get(at).copied().unwrap_or(0));
        }
        let linked = self.linked.split_off(level.linked.min(self.linked.len()));
        let later = std::mem::replace(&mut self.edits, linked);
        self.edits.extend(later);
        self.lists.clear();
        self.phase = Phase::Idle;
        true
    }
}
