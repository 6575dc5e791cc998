//! Advisory locks that outlast transactions: each on a connection of its own, which nobody else ever has.
//!
//! In a pool such a lock would be lost: with its connection it would go to somebody who knows nothing of it. Here it ends
//! with its connection, and its connection with the guard.

use super::advisory::AdvisoryKey;
use super::attempt::Attempt;
use super::cancel::hang_up;
use super::connection::Connection;
use super::plan::{Reader, Reads};
use super::pool::Db;
use super::run::planned;
use super::wire::{Row, Then};
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::{Page, StatementOutcome};
use deadpool::managed::Manager as _;
use std::fmt;
use std::panic::Location;
use std::time::Duration;
use tokio::time::sleep;

/// An advisory lock that is had until this is released or dropped: [`Db::advisory_lock`].
///
/// It is PostgreSQL's lock of a session, and the session is its alone: a connection beside those of the pool, to
/// [`Config::direct_url`](crate::Config::direct_url) if there is one. When that connection ends, so does the lock, and
/// others may have it: [`is_held`](Self::is_held) says so as soon as it is known here. What must never be done by two at
/// once is better guarded by a transaction that has the lock itself, and writes in it:
/// [`Transaction::advisory_lock`](crate::Transaction::advisory_lock).
#[must_use = "a lock that is dropped is released"]
pub struct AdvisoryLock {
    /// Gone once it is released.
    connection: Option<Box<Connection>>,
    db: Db,
    key: AdvisoryKey,
    shared: bool,
}

impl Db {
    /// Waits until nobody else has this lock, and has it until the guard is released or dropped, across transactions and
    /// without one. Others may have it in a session or in a transaction.
    ///
    /// It makes a connection, outside of the pool. It waits for as long as it takes; dropped meanwhile, it is taken back
    /// at the server.
    ///
    /// ```no_run
    /// # use ormcore::{Db, Result, sql};
    /// # async fn run(db: &Db) -> Result<()> {
    /// let lock = db.advisory_lock("nightly report").await?;
    /// sql("INSERT INTO reports SELECT count(*) FROM orders").execute(db).await?;
    /// lock.release().await?;
    /// // For those who would rather do something else than wait.
    /// if let Some(leader) = db.try_advisory_lock("leader").await? {
    ///     while leader.is_held() {
    ///         sql("UPDATE jobs SET seen = now()").execute(db).await?;
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When no connection can be made; [`ErrorKind::LockNotAvailable`] when it took longer than
    /// [`Config::lock_timeout`](crate::Config::lock_timeout), and otherwise when the statement fails.
    #[track_caller]
    pub fn advisory_lock(
        &self,
        key: impl Into<AdvisoryKey>,
    ) -> impl Future<Output = Result<AdvisoryLock>> + Send + '_ {
        self.wait_for(key.into(), false, Location::caller())
    }

    /// The same for those who can have it together: it waits only for who has it alone.
    ///
    /// # Errors
    /// Those of [`advisory_lock`](Self::advisory_lock).
    #[track_caller]
    pub fn advisory_lock_shared(
        &self,
        key: impl Into<AdvisoryKey>,
    ) -> impl Future<Output = Result<AdvisoryLock>> + Send + '_ {
        self.wait_for(key.into(), true, Location::caller())
    }

    /// Takes this lock, if nobody else has it.
    ///
    /// # Errors
    /// When no connection can be made, or the statement fails.
    #[track_caller]
    pub fn try_advisory_lock(
        &self,
        key: impl Into<AdvisoryKey>,
    ) -> impl Future<Output = Result<Option<AdvisoryLock>>> + Send + '_ {
        self.take(key.into(), TRY, false, Location::caller())
    }

    /// The same for those who can have it together.
    ///
    /// # Errors
    /// When no connection can be made, or the statement fails.
    #[track_caller]
    pub fn try_advisory_lock_shared(
        &self,
        key: impl Into<AdvisoryKey>,
    ) -> impl Future<Output = Result<Option<AdvisoryLock>>> + Send + '_ {
        self.take(key.into(), TRY_SHARED, true, Location::caller())
    }

    async fn wait_for(
        &self,
        key: AdvisoryKey,
        shared: bool,
        caller: &'static Location<'static>,
    ) -> Result<AdvisoryLock> {
        let calls = if shared { WAIT_SHARED } else { WAIT };
        let taken = self.take(key, calls, shared, caller).await?;
        taken.ok_or_else(|| Error::new(ErrorKind::Database, "the lock was not given").at(caller))
    }

    /// The same without waiting in a statement, for work such as making an index CONCURRENTLY: that waits for every
    /// statement that runs, and so for those that wait for the lock, which is not given before it is done.
    pub(crate) async fn advisory_lock_by_turns(
        &self,
        key: impl Into<AdvisoryKey>,
        caller: &'static Location<'static>,
    ) -> Result<AdvisoryLock> {
        let lock = self.unlocked(key.into(), false, caller).await?;
        let mut pause = Duration::from_millis(20);
        while !lock.call(TRY, caller).await? {
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
        Ok(lock)
    }

    async fn take(
        &self,
        key: AdvisoryKey,
        calls: [&str; 2],
        shared: bool,
        caller: &'static Location<'static>,
    ) -> Result<Option<AdvisoryLock>> {
        let lock = self.unlocked(key, shared, caller).await?;
        let taken = lock.call(calls, caller).await?;
        Ok(taken.then_some(lock))
    }

    /// The session that is to have it.
    async fn unlocked(
        &self,
        key: AdvisoryKey,
        shared: bool,
        caller: &'static Location<'static>,
    ) -> Result<AdvisoryLock> {
        let connection = self.connection_of_its_own().await;
        // From here on it is hung up if this future is dropped.
        Ok(AdvisoryLock {
            connection: Some(connection.map_err(|error| error.at(caller))?),
            db: self.clone(),
            key,
            shared,
        })
    }

    async fn connection_of_its_own(&self) -> Result<Box<Connection>> {
        let mut manager = self.pool().manager().unshared()?;
        if manager.is_replica {
            let message = "locks taken on a replica are its own; take this one on the `Db` itself";
            return Err(Error::usage(message));
        }
        // Whoever waits for a lock hears nothing, for as long as that takes.
        manager.statement_timeout = None;
        manager.create().await
    }
}

// Those that wait return nothing, which is not NULL.
const WAIT: [&str; 2] = [
    "pg_advisory_lock($1) IS NOT NULL",
    "pg_advisory_lock($1, $2) IS NOT NULL",
];
const WAIT_SHARED: [&str; 2] = [
    "pg_advisory_lock_shared($1) IS NOT NULL",
    "pg_advisory_lock_shared($1, $2) IS NOT NULL",
];
const TRY: [&str; 2] = ["pg_try_advisory_lock($1)", "pg_try_advisory_lock($1, $2)"];
const TRY_SHARED: [&str; 2] = [
    "pg_try_advisory_lock_shared($1)",
    "pg_try_advisory_lock_shared($1, $2)",
];
const UNLOCK: [&str; 2] = ["pg_advisory_unlock($1)", "pg_advisory_unlock($1, $2)"];
const UNLOCK_SHARED: [&str; 2] = [
    "pg_advisory_unlock_shared($1)",
    "pg_advisory_unlock_shared($1, $2)",
];

impl AdvisoryLock {
    /// Gives it back, and returns when others can have it.
    ///
    /// # Errors
    /// [`ErrorKind::ConnectionLost`] when its connection has ended, and the lock with it, who knows since when.
    #[track_caller]
    pub fn release(self) -> impl Future<Output = Result<()>> + Send {
        let caller = Location::caller();
        async move {
            let calls = if self.shared { UNLOCK_SHARED } else { UNLOCK };
            match self.call(calls, caller).await? {
                true => Ok(()),
                false => {
                    let message = "the lock was not had any more when it was released; behind a pooler set \
                                   `Config::direct_url`";
                    Err(Error::new(ErrorKind::ConnectionLost, message).at(caller))
                }
            }
        }
    }

    /// Whether its connection is open, as far as is known here. A server that is cut off is noticed after a minute or so.
    #[must_use]
    pub fn is_held(&self) -> bool {
        let open = |connection: &Connection| connection.ending().is_none();
        self.connection.as_deref().is_some_and(open)
    }

    async fn call(&self, calls: [&str; 2], caller: &'static Location<'static>) -> Result<bool> {
        let Some(connection) = &self.connection else {
            return Ok(false);
        };
        let statement = self.key.statement(calls);
        let reads = Reads::Each([Reader::of::<bool>()].into());
        let (params, plan) = planned(&self.db, &statement, reads);
        let plan = plan.map_err(|error| error.at(caller))?;
        let telemetry = self.db.telemetry();
        let mut span = telemetry.statement(&plan.facts, Page::default(), caller, None);
        let mut answer = false;
        let mut on_row = |row: Row<'_>| {
            answer = row.get(0)?;
            Ok(Then::Next)
        };
        let attempt = Attempt::new(&plan, &params, &mut span, &mut on_row);
        match attempt.on_its_own(connection).await {
            Ok(done) => {
                let returned = Some(done.rows);
                span.finish(Ok(StatementOutcome {
                    returned,
                    ..StatementOutcome::default()
                }));
                Ok(answer)
            }
            Err(error) => {
                let error = connection.harmless(error);
                let error = error.with_statement(&plan.text).at(caller);
                span.finish(Err(&error));
                Err(error)
            }
        }
    }
}

impl Drop for AdvisoryLock {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            hang_up(connection);
        }
    }
}

impl fmt::Debug for AdvisoryLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdvisoryLock")
            .field("key", &self.key)
            .field("shared", &self.shared)
            .field("held", &self.is_held())
            .finish()
    }
}
