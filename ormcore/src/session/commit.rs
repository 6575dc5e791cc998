//! The end of a session's transaction: kept, or undone.

use super::asked::Attempt;
use super::nested::Level;
use super::{Flush, Phase, Session};
use crate::db::Transaction;
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::{SessionAct, SessionCounts, SessionEnd};
use std::panic::Location;

const AGAIN: &str = "nothing was kept, and the session has all of it still: commit again";
const ANEW: &str =
    "what was done on `executor` cannot be done again here: call `rollback`, and begin again";

impl Session {
    /// Flushes what changed, and commits. With nothing to write and no transaction, nothing is sent.
    ///
    /// A question of the session's that was dropped half-way is waited for: its transaction is committed when it has gone well.
    ///
    /// The session goes on: its rows are those of the database now, and the next flush begins another transaction.
    ///
    /// # Errors
    /// Those of [`flush`](Self::flush), and what the server says to COMMIT, such as for a constraint that is checked only
    /// then: everything is rolled back and, in the session, as it was before; it can be tried again.
    /// [`ErrorKind::CommitUnknown`] when the connection ended before the answer came: then the session is of no more use.
    ///
    /// That of an [`after_commit`](crate::Hooks::after_commit), as it is: then everything was committed nevertheless, and there
    /// is nothing to be tried again.
    #[track_caller]
    pub fn commit(&mut self) -> impl Future<Output = Result<Flush>> + Send + '_ {
        let caller = Location::caller();
        async move {
            self.recover()?;
            self.outside_hooks(
                "a hook cannot commit; what it changes is committed with the rest",
                caller,
            )?;
            if !self.levels.is_empty() {
                let message = "a part of a session cannot be committed by itself; return `Ok` from it, and commit the session";
                return Err(Error::usage(message).at(caller));
            }
            let db = self.db.clone();
            let span = db
                .telemetry()
                .session(SessionAct::Commit, || self.counts(), db.around());
            let losses = self.losses;
            match span.run(self.commit_at(caller)).await {
                Ok(flush) => match span.run(self.after_end(true)).await {
                    Ok(()) => {
                        span.finish();
                        Ok(flush)
                    }
                    Err(error) => {
                        span.fail(&error, SessionEnd::Committed);
                        Err(error)
                    }
                },
                Err(error) => {
                    let error = error.at(caller);
                    span.fail(&error, self.ended_since(losses));
                    Err(error)
                }
            }
        }
    }

    async fn commit_at(&mut self, caller: &'static Location<'static>) -> Result<Flush> {
        let flush = self.flush_to_commit(caller).await?;
        if let Some(transaction) = self.transaction.as_ref().filter(|_| !self.lent) {
            // A question that was dropped half-way is waited for. What came of it is told by the commit.
            let _ = transaction.catch_up().await;
        }
        if let Some(transaction) = self.transaction.take() {
            self.phase = Phase::Committing;
            let committed = transaction.commit().await;
            if let Err(error) = committed {
                if error.kind() == ErrorKind::CommitUnknown {
                    self.phase = Phase::Unknown;
                    return Err(error);
                }
                let doubts = self.doubts_of_commit(&error);
                self.give_up();
                let error = match (error.kind(), self.phase) {
                    (ErrorKind::TransactionAborted, Phase::Idle) => error.about(AGAIN),
                    (ErrorKind::TransactionAborted, _) => error.about(ANEW),
                    _ => error,
                };
                return Err(self.tell_of_commit(error, doubts, caller).await);
            }
            self.phase = Phase::Idle;
        }
        self.lent = false;
        self.shown.clear();
        self.linked.clear();
        self.behind.clear();
        for (_, arena) in &mut self.arenas {
            arena.committed(self.expires);
        }
        if self.expires {
            self.lists.clear();
        }
        Ok(flush)
    }

    async fn flush_to_commit(&mut self, caller: &'static Location<'static>) -> Result<Flush> {
        if !self.hooks.is_any() {
            return self.flush_at(caller, false).await;
        }
        let attempt = Attempt::begin(self);
        attempt.0.before_end(true).await?;
        attempt.0.flush_at(caller, false).await
    }

    /// Undoes everything since the last commit, here and in the database: rows are as they were, what was added is forgotten,
    /// and what was removed is back.
    ///
    /// Rows that were read behind the first flush of the transaction, or while [`executor`](Self::executor) was in use, may have
    /// shown what is undone: they expire.
    ///
    /// # Errors
    /// When the connection ended; the server then undoes everything on its own, and the session has done so too.
    /// [`ErrorKind::Usage`] inside a hook.
    #[track_caller]
    pub fn rollback(&mut self) -> impl Future<Output = Result<()>> + Send + '_ {
        self.rollback_at(Location::caller())
    }

    async fn rollback_at(&mut self, caller: &'static Location<'static>) -> Result<()> {
        self.outside_hooks("a hook cannot roll back; return an error from it", caller)?;
        if self.phase == Phase::Committing || self.phase == Phase::Unknown {
            return self.recover();
        }
        let db = self.db.clone();
        let span = db
            .telemetry()
            .session(SessionAct::Rollback, || self.counts(), self.db.around());
        let told = span.run(self.before_end(false)).await;
        self.undo();
        let sent = match self.transaction.take() {
            Some(transaction) => span.run(transaction.rollback()).await,
            None => Ok(()),
        };
        if let Err(error) = sent {
            span.fail(&error, SessionEnd::RolledBack);
            return Err(error);
        }
        match told.and(span.run(self.after_end(false)).await) {
            Ok(()) => {
                span.finish();
                Ok(())
            }
            Err(error) => {
                span.fail(&error, SessionEnd::RolledBack);
                Err(error)
            }
        }
    }

    /// How something ended that failed, by what was lost since it began.
    pub(super) fn ended_since(&self, losses: u32) -> SessionEnd {
        match (self.phase, self.losses == losses) {
            (Phase::Unknown, _) => SessionEnd::Unknown,
            (_, true) => SessionEnd::Refused,
            (_, false) => SessionEnd::RolledBack,
        }
    }

    /// What was dropped half-way, or is lost, is undone with everything else.
    fn undo(&mut self) {
        for (_, arena) in &mut self.arenas {
            arena.roll_back(0);
            arena.expire_shown(&self.shown, 0);
        }
        if self.lent || self.levels.iter().any(Level::was_lent) {
            self.expire_all();
        }
        self.shown.clear();
        (self.phase, self.lent, self.failure) = (Phase::Idle, false, None);
        self.edits.clear();
        self.linked.clear();
        self.behind.clear();
        self.levels.clear();
        self.lists.clear();
    }

    /// How many rows wait for a flush.
    pub(super) fn counts(&self) -> SessionCounts {
        let changes = self.changes();
        SessionCounts {
            pending: changes.pending() as u64,
            dirty: changes.dirty() as u64,
            deleted: changes.deleted() as u64,
            links: changes.links() as u64,
        }
    }

    /// The session's transaction, for statements of your own: what changed is flushed before, unless
    /// [`autoflush`](Self::autoflush) is off, and what they do is committed or rolled back with the rest.
    ///
    /// The session does not know what they change: [`refresh`](Self::refresh) rows that they may have touched.
    ///
    /// # Errors
    /// Those of [`flush`](Self::flush); when no connection is to be had.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct User { #[orm(primary_key, generated)] id: i64, age: Option<i32> }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let mut s = db.session();
    /// let tx = s.executor().await?;
    /// User::update_many().all_rows().set(User::AGE, 0).execute(tx).await?;
    /// let users = User::find().count(s.executor().await?).await?;
    /// s.commit().await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn executor(&mut self) -> impl Future<Output = Result<&Transaction>> + Send {
        let caller = Location::caller();
        async move {
            self.recover()?;
            if self.autoflush {
                self.flush_at(caller, false).await?;
            }
            if self.transaction.is_none() {
                let begun = Transaction::within(&self.db, self.isolation, caller).await;
                self.transaction = Some(begun.map_err(|error| error.at(caller))?);
            }
            self.lent = true;
            let none = || Error::usage("the session has no transaction").at(caller);
            self.transaction.as_ref().ok_or_else(none)
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(transaction) = self.transaction.take() {
            let span = self.db.telemetry().session(
                SessionAct::Rollback,
                || self.counts(),
                self.db.around(),
            );
            // In the background, where the connection is given back.
            drop(transaction);
            span.finish();
        }
        self.db.leave();
    }
}
