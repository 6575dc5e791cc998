//! Transactions: begun, committed, rolled back.

use super::connection::Connection;
use super::executor::Source;
use super::isolation::Isolation;
use super::lease::Lease;
use super::pool::Db;
use super::savepoint::Savepoint;
use super::standing::{Standing, passing};
use super::terms::Terms;
use super::time::told_apart;
use crate::error::{Error, ErrorKind, Result, TransactionId};
use crate::telemetry::{Scope, TransactionSpan};
use std::fmt;
use std::panic::Location;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A transaction. Its statements take `&self`, so several can be on their way at once. Poll what you have begun: answers come
/// in the order of the questions, and one that nobody takes holds up those behind it.
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
    terms: Terms,
    /// Where it was begun.
    begun: &'static Location<'static>,
    /// Gone once the transaction has ended.
    lease: Option<Lease>,
    standing: Mutex<Standing>,
    span: TransactionSpan,
}

impl Transaction {
    /// One that has its connection.
    pub(super) async fn open(
        db: &Db,
        terms: Terms,
        begun: &'static Location<'static>,
    ) -> Result<Self> {
        let mut transaction = Self::new(db, terms, begun);
        match transaction.connect().await {
            Ok(()) => Ok(transaction),
            Err(error) => {
                transaction.failed(&error);
                Err(error)
            }
        }
    }

    /// One that has yet to get its connection.
    pub(super) fn new(db: &Db, terms: Terms, begun: &'static Location<'static>) -> Self {
        Self::watched(db, terms, begun, db.telemetry().transaction())
    }

    /// One that is a part of something else, whose spans tell of it.
    pub(crate) async fn within(
        db: &Db,
        isolation: Option<Isolation>,
        begun: &'static Location<'static>,
    ) -> Result<Self> {
        let terms = Terms {
            isolation,
            ..Terms::default()
        };
        let span = db.telemetry().silent_transaction();
        let mut transaction = Self::watched(db, terms, begun, span);
        transaction.connect().await?;
        Ok(transaction)
    }

    fn watched(
        db: &Db,
        terms: Terms,
        begun: &'static Location<'static>,
        span: TransactionSpan,
    ) -> Self {
        Self {
            db: db.clone(),
            terms,
            begun,
            lease: None,
            standing: Mutex::default(),
            span,
        }
    }

    /// Begins, or begins anew: what there was before is over.
    pub(super) async fn connect(&mut self) -> Result<()> {
        self.lease = None;
        self.standing = Mutex::default();
        let taken = Lease::take(&self.db, Instant::now()).await;
        let (mut lease, _) = taken.map_err(|error| error.at(self.begun))?;
        lease.is_held_at(self.begun);
        self.lease = Some(lease);
        Ok(())
    }

    /// Commits.
    ///
    /// # Errors
    /// [`ErrorKind::TransactionAborted`] when an earlier statement failed or was not waited for: everything is rolled
    /// back. [`ErrorKind::CommitUnknown`] when the connection ended before the answer came. Otherwise what the server
    /// says, for instance a deferred constraint: everything is rolled back.
    #[track_caller]
    pub fn commit(self) -> impl Future<Output = Result<()>> + Send {
        let caller = Location::caller();
        async move { self.commit_for(caller).await }
    }

    /// The same, asked for at this line.
    pub(crate) async fn commit_for(mut self, caller: &'static Location<'static>) -> Result<()> {
        match self.try_commit(caller).await {
            Ok(()) => {
                self.committed();
                Ok(())
            }
            Err((error, _)) => {
                self.failed(&error);
                Err(error)
            }
        }
    }

    /// Ends one that has only read, all of it well: nobody waits for the answer to COMMIT, because nothing depends on it.
    pub(super) fn leave(mut self) {
        if let Some(lease) = self.lease.take()
            && let Ok(connection) = lease.connection()
        {
            connection.commit_later();
        }
        self.committed();
    }

    /// Commits, or else rolls back and says whether it may work the next time.
    pub(super) async fn try_commit(
        &mut self,
        caller: &'static Location<'static>,
    ) -> Result<(), (Error, Option<ErrorKind>)> {
        let started = Instant::now();
        let answer = match self.ready_to_commit().await {
            Ok(Some(connection)) => connection.batch("COMMIT").await,
            Ok(None) => Ok(()),
            Err(error) => {
                let passing = self.passing_at_commit(&error);
                // Whether or not the server hears of it, nothing of the transaction is kept.
                let _ = self.undo_all().await;
                return Err((error.at(caller), passing));
            }
        };
        let id = self.id();
        let took = started.elapsed();
        let answer = answer.map_err(|error| told_apart(error, Source::Transaction(self), took));
        // Also when the server refused to commit: then it has rolled back.
        self.end();
        let answer = answer.map_err(|error| match error.kind() {
            ErrorKind::ConnectionLost => {
                let message = "the connection ended before COMMIT was sent: nothing was kept";
                let passing = passing(&error);
                (
                    Error::new(ErrorKind::TransactionAborted, message).with_source(error),
                    passing,
                )
            }
            _ if error.is_fatal() => {
                let message = "the connection ended while COMMIT was on its way";
                let error = Error::new(ErrorKind::CommitUnknown, message).with_source(error);
                (error.with_transaction(id), None)
            }
            _ => {
                let passing = passing(&error);
                (error, passing)
            }
        });
        answer.map_err(|(error, passing)| (error.at(caller), passing))
    }

    /// Why running everything again may work, when COMMIT was not even sent.
    fn passing_at_commit(&self, error: &Error) -> Option<ErrorKind> {
        if error.kind() != ErrorKind::TransactionAborted {
            return None;
        }
        let ended = self
            .connection()
            .is_some_and(|connection| connection.ending().is_some());
        let standing = self.lock();
        match standing.objection() {
            None if ended => Some(ErrorKind::ConnectionLost),
            _ => standing.passing(),
        }
    }

    /// Undoes everything.
    ///
    /// # Errors
    /// When the connection ended; the server then undoes everything on its own.
    pub async fn rollback(mut self) -> Result<()> {
        let result = self.undo_all().await;
        self.rolled_back();
        result
    }

    /// Marks a point that can be returned to without giving up the whole transaction.
    ///
    /// [`attempt`](Self::attempt) does the same around a closure.
    ///
    /// # Errors
    /// When the transaction has failed, or the server refuses.
    pub async fn savepoint(&mut self) -> Result<Savepoint<'_>> {
        Savepoint::begin(self).await
    }

    /// Runs work in a savepoint: kept when it returns `Ok`, undone when it returns `Err` or is dropped. The transaction
    /// goes on either way.
    ///
    /// ```no_run
    /// # use ormcore::{Db, Result, Transaction, sql};
    /// # async fn run(mut tx: Transaction) -> Result<()> {
    /// let bonus = tx
    ///     .attempt(async |savepoint| sql("UPDATE accounts SET amount = amount + 1").execute(savepoint).await)
    ///     .await;
    /// if bonus.is_err() {
    ///     sql("INSERT INTO complaints DEFAULT VALUES").execute(&tx).await?;
    /// }
    /// tx.commit().await
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the work, and those of [`savepoint`](Self::savepoint) and [`Savepoint::release`].
    pub async fn attempt<T, E, F>(&mut self, work: F) -> Result<T, E>
    where
        E: From<Error>,
        F: AsyncFnOnce(&mut Savepoint<'_>) -> Result<T, E>,
    {
        Savepoint::begin(self).await?.run(work).await
    }

    /// Its number, if it is [`traceable`](crate::Begin::traceable) and a statement was answered.
    pub fn id(&self) -> Option<TransactionId> {
        self.lock().opening.id()
    }

    pub(super) fn db(&self) -> &Db {
        &self.db
    }

    pub(super) fn scope(&self) -> Option<&Scope> {
        self.span.scope().or_else(|| self.db.around())
    }

    pub(super) fn span(&mut self) -> &mut TransactionSpan {
        &mut self.span
    }

    pub(super) fn terms(&self) -> Terms {
        self.terms
    }

    /// The connection it runs on, until it has ended.
    pub(super) fn connection(&self) -> Option<&Connection> {
        self.lease.as_ref()?.connection().ok()
    }

    pub(super) fn committed(&mut self) {
        self.span.committed(self.db.telemetry());
    }

    pub(super) fn rolled_back(&mut self) {
        self.span.rolled_back(self.db.telemetry());
    }

    /// It could not be begun or ended as it was asked to.
    pub(super) fn failed(&mut self, error: &Error) {
        self.span.failed(error, self.db.telemetry());
    }

    pub(super) async fn undo_all(&mut self) -> Result<()> {
        self.settle().await;
        let refusal = self.lock().opening.refusal(ErrorKind::OutcomeUnknown);
        if let Some(error) = refusal {
            self.lease = None;
            return Err(error);
        }
        let Some(connection) = self.connection() else {
            return Ok(());
        };
        // What still runs is stopped where the connection is given back, and the transaction ended with it.
        if connection.is_busy() || self.lock().opening.is_unsent() {
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

    pub(super) fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // Where the connection is given back, the transaction is ended.
        if self.lease.take().is_some() {
            self.rolled_back();
        }
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}
