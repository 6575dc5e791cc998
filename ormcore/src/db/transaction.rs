//! Transactions: begun, committed, rolled back.

use super::begin::Begin;
use super::connection::Connection;
use super::effect::Effect;
use super::lease::Lease;
use super::pool::Db;
use super::savepoint::Savepoint;
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::{Scope, TransactionSpan};
use std::fmt;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;

/// A transaction. Its statements take `&self`, so several can be on their way at once.
///
/// It is rolled back when it is dropped, in the background. It can be committed only when every statement in it was
/// waited for and went well: PostgreSQL would answer the COMMIT of a failed transaction with Ok, and store nothing.
///
/// ```no_run
/// # use ormcore::{Db, Result, sql};
/// # async fn run(db: &Db) -> Result<()> {
/// let tx = db.begin().await?;
/// sql("UPDATE accounts SET amount = amount - $1 WHERE id = $2").bind(10_i64).bind(1_i64).execute(&tx).await?;
/// sql("UPDATE accounts SET amount = amount + $1 WHERE id = $2").bind(10_i64).bind(2_i64).execute(&tx).await?;
/// tx.commit().await?;
/// # Ok(()) }
/// ```
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Transaction {
    db: Db,
    /// Gone once the transaction has ended.
    lease: Option<Lease>,
    state: Mutex<State>,
    span: TransactionSpan,
}

#[derive(Default)]
struct State {
    begin: Begin,
    /// Why it cannot be committed as it stands.
    failed: Option<Failed>,
    /// How many savepoints were ever made: each has a name of its own.
    savepoints: u32,
    /// A savepoint that was dropped: to be rolled back to before anything else is sent.
    undo: Option<u32>,
}

/// What a statement was refused for.
struct Failed {
    why: String,
    /// Whether that was only the failure of another, whose own reply may be heard later.
    aftermath: bool,
}

impl Db {
    /// Begins a transaction on a connection of its own.
    ///
    /// BEGIN is sent together with the first statement: one with a single statement takes two round trips, and one
    /// without any none.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin(&self) -> Result<Transaction> {
        let mut span = self.telemetry().transaction();
        let lease = match Lease::take(self, Instant::now()).await {
            Ok((lease, _)) => lease,
            Err(error) => {
                span.failed(&error, self.telemetry());
                return Err(error);
            }
        };
        Ok(Transaction {
            db: self.clone(),
            lease: Some(lease),
            state: Mutex::default(),
            span,
        })
    }

    /// Runs work in a transaction: committed when it returns `Ok`, rolled back when it returns `Err` or is dropped.
    ///
    /// # Errors
    /// Those of the work, and those of [`begin`](Self::begin) and [`Transaction::commit`].
    pub async fn transaction<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<Error>,
        F: AsyncFnOnce(&mut Transaction) -> Result<T, E>,
    {
        let mut transaction = self.begin().await?;
        match work(&mut transaction).await {
            Ok(value) => {
                transaction.commit().await?;
                Ok(value)
            }
            Err(error) => {
                // The work's own error tells more than one of the rollback, after which the connection is closed anyway.
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }
}

impl Transaction {
    /// Commits.
    ///
    /// # Errors
    /// [`ErrorKind::TransactionAborted`] when an earlier statement failed or was not waited for: everything is rolled
    /// back. [`ErrorKind::CommitUnknown`] when the connection ended before the answer came. Otherwise what the server
    /// says, for instance a deferred constraint: everything is rolled back.
    pub async fn commit(mut self) -> Result<()> {
        let answer = match self.ready_to_commit().await {
            Ok(Some(connection)) => connection.batch("COMMIT").await,
            Ok(None) => Ok(()),
            Err(error) => {
                self.span.failed(&error, self.db.telemetry());
                // Whether or not the server hears of it, nothing of the transaction is kept.
                let _ = self.undo_all().await;
                return Err(error);
            }
        };
        let answer = answer.map_err(|error| match error.is_fatal() {
            true => Error::new(
                ErrorKind::CommitUnknown,
                "the connection ended while COMMIT was on its way",
            )
            .with_source(error),
            false => error,
        });
        match &answer {
            Ok(()) => self.span.committed(self.db.telemetry()),
            Err(error) => self.span.failed(error, self.db.telemetry()),
        }
        // Also when the server refused to commit: then it has rolled back.
        self.end();
        answer
    }

    /// Undoes everything.
    ///
    /// # Errors
    /// When the connection ended; the server then undoes everything on its own.
    pub async fn rollback(mut self) -> Result<()> {
        let result = self.undo_all().await;
        self.span.rolled_back(self.db.telemetry());
        result
    }

    /// Marks a point that can be returned to without giving up the whole transaction.
    ///
    /// # Errors
    /// When the transaction has failed, or the server refuses.
    pub async fn savepoint(&mut self) -> Result<Savepoint<'_>> {
        Savepoint::begin(self).await
    }

    pub(super) fn db(&self) -> &Db {
        &self.db
    }

    pub(super) fn scope(&self) -> &Scope {
        self.span.scope()
    }

    /// The connection, when it can take a statement: BEGIN is on its way, and a savepoint that was dropped is undone.
    ///
    /// Whoever sends something has to say how it went with [`settled`](Self::settled).
    pub(super) async fn ready(&self) -> Result<&Connection> {
        let Some(lease) = &self.lease else {
            return Err(Error::usage("the transaction has ended already"));
        };
        let connection = lease.connection()?;
        // Under the lock: nobody gets a statement out before it.
        let begun = self.lock().begin.send(connection);
        if let Err(error) = begun {
            self.note(&error);
            return Err(error);
        }
        if let Some(savepoint) = self.take_undo() {
            let sql = format!("ROLLBACK TO SAVEPOINT s{savepoint}; RELEASE SAVEPOINT s{savepoint}");
            self.settled(connection.batch(&sql).await)?;
        }
        Ok(connection)
    }

    /// A statement was answered, and with it BEGIN, if it was the first.
    ///
    /// # Errors
    /// That of the statement; or that it was carried out although BEGIN was not.
    pub(super) fn settled<T>(&self, result: Result<T>) -> Result<T> {
        // One that was never sent may be done before BEGIN is: that is read later.
        let _ = self.poll_begin(&mut Context::from_waker(Waker::noop()));
        let refusal = self.lock().begin.refusal(ErrorKind::ConnectionLost);
        let result = match (result, refusal) {
            (Ok(_), Some(refusal)) => Err(refusal),
            (result, _) => result,
        };
        if let Err(error) = &result {
            self.note(error);
        }
        result
    }

    /// Waits for the answer to BEGIN, if nobody did.
    pub(super) async fn settle(&self) {
        poll_fn(|context| self.poll_begin(context)).await;
    }

    fn poll_begin(&self, context: &mut Context<'_>) -> Poll<()> {
        let Some(Ok(connection)) = self.lease.as_ref().map(Lease::connection) else {
            return Poll::Ready(());
        };
        let answer = ready!(self.lock().begin.poll(connection, context));
        if let Err(error) = answer {
            self.note(&error);
        }
        Poll::Ready(())
    }

    /// The same for the caller's own SQL, which may not end the transaction: it is kept track of here.
    pub(super) async fn ready_for(&self, effect: Effect) -> Result<&Connection> {
        if effect == Effect::Transaction {
            return Err(Error::usage(
                "transactions and savepoints are not controlled by SQL here; use `tx.commit()`, `tx.rollback()` or \
                 `tx.savepoint()`",
            ));
        }
        let connection = self.ready().await?;
        connection.prepare_for(effect);
        Ok(connection)
    }

    /// The connection to send COMMIT on; none, when there is nothing to commit.
    async fn ready_to_commit(&self) -> Result<Option<&Connection>> {
        let refused = |reason: &str| {
            let message = format!("the transaction was rolled back instead of committed: {reason}");
            Error::new(ErrorKind::TransactionAborted, message)
        };
        self.settle().await;
        let stands_alone = self.lock().begin.refusal(ErrorKind::CommitUnknown);
        if let Some(error) = stands_alone {
            return Err(error);
        }
        if let Some(reason) = self.objection() {
            return Err(refused(&reason));
        }
        if self.lock().begin.is_unsent() {
            return Ok(None);
        }
        let undone = self.ready().await.map(Some);
        undone.map_err(|error| refused("a savepoint could not be undone").with_source(error))
    }

    /// The savepoint to roll back to, and with it the failures in it: those that come now are none of it.
    fn take_undo(&self) -> Option<u32> {
        let mut state = self.lock();
        let undo = state.undo.take();
        if undo.is_some() {
            state.failed = None;
        }
        undo
    }

    /// A statement failed: whatever the server answers to COMMIT, nothing will be stored.
    fn note(&self, error: &Error) {
        let refused = error.code().is_some() || error.is_fatal();
        if !refused {
            return;
        }
        let mut state = self.lock();
        if state.failed.as_ref().is_none_or(|failed| failed.aftermath) {
            state.failed = Some(Failed {
                why: format!("a statement in it failed: {error}"),
                aftermath: error.is_aftermath(),
            });
        }
    }

    /// Something was given up half-way: the server counts that as a failure, though nobody was refused anything.
    pub(super) fn spoiled(&self, reason: &str) {
        let mut state = self.lock();
        state.failed.get_or_insert_with(|| Failed {
            why: reason.to_owned(),
            aftermath: false,
        });
    }

    pub(super) fn next_savepoint(&self) -> u32 {
        let mut state = self.lock();
        state.savepoints += 1;
        state.savepoints
    }

    /// Rolls back to a savepoint before the next statement is sent.
    pub(super) fn undo_later(&self, savepoint: u32) {
        let mut state = self.lock();
        // The outer one undoes the inner one too.
        state.undo = Some(state.undo.map_or(savepoint, |inner| inner.min(savepoint)));
    }

    /// Why it must not be committed.
    pub(super) fn objection(&self) -> Option<String> {
        let connection = self.lease.as_ref()?.connection().ok()?;
        let state = self.lock();
        // A failure inside a savepoint that is about to be undone is none of the outer transaction's business.
        let failed = state.failed.as_ref().filter(|_| state.undo.is_none());
        let failed = failed.map(|failed| failed.why.clone());
        if state.begin.is_unsent() {
            return failed;
        }
        failed
            .or_else(|| Some(format!("its connection ended: {}", connection.ending()?)))
            .or_else(|| {
                let dropped = "a statement in it was dropped before its reply was read";
                connection.is_busy().then(|| dropped.to_owned())
            })
    }

    async fn undo_all(&mut self) -> Result<()> {
        self.settle().await;
        let refusal = self.lock().begin.refusal(ErrorKind::ConnectionLost);
        if let Some(error) = refusal {
            self.lease = None;
            return Err(error);
        }
        let Some(lease) = self.lease.as_ref() else {
            return Ok(());
        };
        let connection = lease.connection()?;
        if connection.is_busy() {
            // Its reply would have to be waited for: the connection is closed instead, and the server rolls back.
            self.lease = None;
            return Ok(());
        }
        if self.lock().begin.is_unsent() {
            self.lease = None;
            return Ok(());
        }
        let result = connection.batch("ROLLBACK").await;
        match &result {
            Ok(()) => self.end(),
            Err(_) => self.lease = None,
        }
        result
    }

    /// The server has ended the transaction: the connection is clean again, if it read the answer.
    fn end(&mut self) {
        if let Some(lease) = self.lease.take()
            && let Ok(connection) = lease.connection()
        {
            connection.set_in_transaction(false);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(lease) = self.lease.take() else {
            return;
        };
        self.span.rolled_back(self.db.telemetry());
        let busy = lease.connection().is_ok_and(Connection::is_busy);
        if busy || self.lock().begin.is_unsent() {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        // Without this the connection would be closed for nothing. Should the task not get to run, it is closed after all.
        runtime.spawn(async move {
            if let Ok(connection) = lease.connection()
                && connection.batch("ROLLBACK").await.is_ok()
            {
                connection.set_in_transaction(false);
            }
        });
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}
