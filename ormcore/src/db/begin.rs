//! What is said about a transaction before it begins.

use super::isolation::Isolation;
use super::pool::Db;
use super::retry::Retry;
use super::terms::{Limit, Terms};
use super::transaction::Transaction;
use crate::error::{Error, Result};
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// A transaction that is about to begin: a future of a [`Transaction`], which is told first what that is to be like.
///
/// BEGIN, and everything said here, is sent together with the first statement: a transaction with a single statement
/// takes two round trips, and one without any none.
///
/// ```no_run
/// # use ormcore::{Db, Isolation, Result, sql};
/// # async fn run(db: &Db) -> Result<()> {
/// use std::time::Duration;
///
/// // A guard: rolled back when it is dropped.
/// let tx = db.begin().isolation(Isolation::Serializable).await?;
/// sql("UPDATE accounts SET amount = 0 WHERE id = 1").execute(&tx).await?;
/// tx.commit().await?;
///
/// // A closure: committed when it returns `Ok`, and run again when others got in its way.
/// let amount = db
///     .begin()
///     .isolation(Isolation::Serializable)
///     .lock_timeout(Duration::from_millis(500))
///     .retry(3)
///     .run(async |tx| sql("UPDATE accounts SET amount = amount + 1").execute(tx).await)
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing begins until this is awaited, or `run`"]
pub struct Begin<'a> {
    db: &'a Db,
    terms: Terms,
    caller: &'static Location<'static>,
    opening: Option<Pin<Box<dyn Future<Output = Result<Transaction>> + Send + 'a>>>,
}

impl Db {
    /// Begins a transaction on a connection of its own, once this is awaited.
    ///
    /// # Errors
    /// When no connection is to be had.
    #[track_caller]
    pub fn begin(&self) -> Begin<'_> {
        Begin {
            db: self,
            terms: Terms::default(),
            caller: Location::caller(),
            opening: None,
        }
    }

    /// Runs work in a transaction: committed when it returns `Ok`, rolled back when it returns `Err` or is dropped.
    ///
    /// The work is an async closure, `async |tx| …`. A closure that returns a block, `|tx| async move { … }`, cannot be one: what
    /// it returns could not borrow the transaction, and the compiler says at length that the signatures differ.
    ///
    /// To say more about the transaction, or to have it run again when others got in its way, write
    /// `db.begin().….run(work)`: see [`Begin`].
    ///
    /// # Errors
    /// Those of the work, and those of [`begin`](Self::begin) and [`Transaction::commit`].
    #[track_caller]
    pub fn transaction<T, E, F>(&self, work: F) -> impl Future<Output = Result<T, E>>
    where
        E: From<Error>,
        F: AsyncFnOnce(&mut Transaction) -> Result<T, E>,
    {
        self.begin().run(work)
    }
}

impl<'a> Begin<'a> {
    /// How much it sees of other transactions; what the database has as its default (`READ COMMITTED`) unless set.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.terms.isolation = Some(isolation);
        self
    }

    /// Only reads: what writes is refused with [`ErrorKind::ReadOnly`](crate::ErrorKind::ReadOnly).
    pub fn read_only(mut self) -> Self {
        self.terms.read_only = true;
        self
    }

    /// Waits until it can run without failing and without making others fail: of use to long reports that are
    /// [`Serializable`](Isolation::Serializable) and [`read_only`](Self::read_only), and of no effect on others.
    pub fn deferrable(mut self) -> Self {
        self.terms.deferrable = true;
        self
    }

    /// How long each statement may take before PostgreSQL ends it with [`ErrorKind::Timeout`](crate::ErrorKind::Timeout);
    /// exact to a millisecond, none with `None`, the database's default unless set.
    ///
    /// [`Config::statement_timeout`](crate::Config::statement_timeout) is another, kept by this side: it should be longer.
    pub fn statement_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.terms.statement_timeout = Some(Limit::new(limit.into()));
        self
    }

    /// How long a statement may wait for a lock before it fails with
    /// [`ErrorKind::LockNotAvailable`](crate::ErrorKind::LockNotAvailable); exact to a millisecond, none with `None`.
    pub fn lock_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.terms.lock_timeout = Some(Limit::new(limit.into()));
        self
    }

    /// How long the program may let it wait between two statements before PostgreSQL ends its session and undoes it;
    /// exact to a millisecond, none with `None`.
    pub fn idle_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.terms.idle_timeout = Some(Limit::new(limit.into()));
        self
    }

    /// Asks for its number, so that it can be found out what became of it when the answer to COMMIT is lost: then the
    /// error, [`CommitUnknown`](crate::ErrorKind::CommitUnknown), has a
    /// [`transaction_id`](crate::Error::transaction_id) for [`Db::transaction_status`].
    ///
    /// It costs no round trip, because PostgreSQL is asked together with BEGIN; but a number is used up even when nothing
    /// is written then. A [`read_only`](Self::read_only) transaction has none.
    ///
    /// ```no_run
    /// # use ormcore::{Db, Result, Transaction, TransactionStatus, sql};
    /// # async fn run(db: &Db, tx: Transaction) -> Result<()> {
    /// let tx = db.begin().traceable().await?;
    /// sql("UPDATE accounts SET amount = 0").execute(&tx).await?;
    /// match tx.commit().await {
    ///     Err(error) if let Some(id) = error.transaction_id() => match db.transaction_status(id).await? {
    ///         TransactionStatus::Committed => Ok(()),
    ///         _ => Err(error),
    ///     },
    ///     result => result,
    /// }
    /// # }
    /// ```
    pub fn traceable(mut self) -> Self {
        self.terms.traceable = true;
        self
    }

    /// Runs the work again, at most so many times more, when nothing of it was kept and the next time may be better.
    pub fn retry(self, times: u32) -> Retry<'a> {
        Retry::new(self.db, self.terms, times, self.caller)
    }

    /// Runs work in the transaction: committed when it returns `Ok`, rolled back when it returns `Err` or is dropped.
    ///
    /// # Errors
    /// Those of the work, and those of [`Db::begin`] and [`Transaction::commit`].
    #[track_caller]
    pub fn run<T, E, F>(self, work: F) -> impl Future<Output = Result<T, E>>
    where
        E: From<Error>,
        F: AsyncFnOnce(&mut Transaction) -> Result<T, E>,
    {
        let caller = Location::caller();
        let Self {
            db,
            terms,
            caller: begun,
            ..
        } = self;
        async move {
            let mut transaction = Transaction::open(db, terms, begun).await?;
            match work(&mut transaction).await {
                Ok(value) => {
                    transaction.commit_for(caller).await?;
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
}

impl Future for Begin<'_> {
    type Output = Result<Transaction>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (db, terms, caller) = (self.db, self.terms, self.caller);
        let opening = self
            .opening
            .get_or_insert_with(|| Box::pin(Transaction::open(db, terms, caller)));
        opening.as_mut().poll(context)
    }
}

impl fmt::Debug for Begin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begin")
            .field("db", &self.db)
            .field("terms", &self.terms)
            .finish_non_exhaustive()
    }
}
