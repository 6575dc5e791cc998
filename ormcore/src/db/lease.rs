//! A connection on loan from the pool.

use super::cancel::give_back;
use super::connect::Manager;
use super::connection::Connection;
use super::holders::Holding;
use super::pool::{Db, Inner};
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::Loan;
use deadpool::managed::{Object, PoolError};
use deadpool_postgres::{TimeoutType, Timeouts};
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Goes back to the pool when it is dropped; when it is not clean, it is brought to rest first, or closed instead.
pub(super) struct Lease {
    object: Option<Object<Manager>>,
    /// Where it goes back to: of the handle it was taken by, nothing else matters.
    inner: Arc<Inner>,
    since: Instant,
    /// How long it was waited for, until somebody has told.
    waited: Option<Duration>,
    reused: bool,
    /// Told to those who wait, where it is not for a single statement.
    held: Option<Holding>,
}

impl Lease {
    /// Waits for a connection, since this instant. Also says how long it had to.
    pub(super) async fn take(db: &Db, since: Instant) -> Result<(Self, Duration)> {
        match Self::at_hand(db, since) {
            Some(lease) => Ok((lease, Duration::ZERO)),
            None => Self::from_pool(db, since).await,
        }
    }

    /// Takes the connection that was given back last, if nobody has it. That takes no time.
    #[inline]
    pub(super) fn at_hand(db: &Db, since: Instant) -> Option<Self> {
        let object = db.at_hand().take()?;
        let object = unless_ended(object, since)?;
        Some(Self {
            object: Some(object),
            inner: Arc::clone(&db.inner),
            since,
            waited: Some(Duration::ZERO),
            reused: true,
            held: None,
        })
    }

    /// Takes one from the pool, or waits until there is one.
    pub(super) async fn from_pool(db: &Db, since: Instant) -> Result<(Self, Duration)> {
        let mut waits = db.at_hand().is_awaited();
        let mut taken = Err(PoolError::Timeout(TimeoutType::Wait));
        if !waits {
            // Most of the time one is free, and no clock has to be set up for a wait.
            let at_once = Timeouts {
                wait: Some(Duration::ZERO),
                ..db.pool().timeouts()
            };
            taken = db.pool().timeout_get(&at_once).await;
            waits = matches!(taken, Err(PoolError::Timeout(TimeoutType::Wait)));
        }
        if waits {
            let kept = loop {
                match db
                    .at_hand()
                    .take_or_wait()
                    .map(|object| unless_ended(object, since))
                {
                    // It was given back before anybody could see that somebody waits.
                    Ok(Some(object)) => break Ok(object),
                    Ok(None) => {}
                    Err(waiting) => break Err(waiting),
                }
            };
            taken = match kept {
                Ok(object) => Ok(object),
                Err(_waiting) => db.pool().get().await,
            };
        }
        let object = match taken {
            Ok(object) => object,
            Err(error) => return Err(unavailable(error, db)),
        };
        let created = object.take_created();
        // One that was free took no time: nobody looks at the clock to say so.
        let now = match waits || created.is_some() {
            true => Instant::now(),
            false => since,
        };
        let waited = now.duration_since(since);
        db.telemetry().connection_acquired(waited);
        if let Some(took) = created {
            db.telemetry().connection_created(took);
        }
        let lease = Self {
            object: Some(object),
            inner: Arc::clone(&db.inner),
            since: now,
            waited: None,
            reused: created.is_none(),
            held: None,
        };
        Ok((lease, waited))
    }

    /// # Errors
    /// Never, as long as the lease lives: it holds its connection until it is dropped.
    pub(super) fn connection(&self) -> Result<&Connection> {
        self.object
            .as_deref()
            .map(|connection| &**connection)
            .ok_or_else(|| Error::usage("the connection was given back already"))
    }

    /// Whether it rested in the pool before, where it may have ended unnoticed.
    pub(super) fn is_reused(&self) -> bool {
        self.reused
    }

    /// It is for longer than one statement, which is asked for at this line.
    pub(super) fn is_held_at(&mut self, caller: &'static Location<'static>) {
        self.held = Some(self.inner.holders().add(caller, self.since));
    }

    /// Gives it back, after it was held for this long by one statement, which tells the rest.
    pub(super) fn give_back(mut self, held: Duration) -> Loan {
        self.release(self.since + held);
        let waited = self.waited;
        Loan { waited, held }
    }

    #[inline]
    fn release(&mut self, now: Instant) {
        let Some(object) = self.object.take() else {
            return;
        };
        if object.is_clean() {
            if object.is_old(now) {
                drop(Object::take(object));
                return;
            }
            // The one it takes the place of goes to the pool.
            drop(self.inner.at_hand.keep(object));
            return;
        }
        give_back(object, &self.inner.pool.manager().address);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.object.is_some() {
            let (waited, held) = (self.waited, self.since.elapsed());
            self.inner
                .telemetry
                .connection_released(Loan { waited, held });
            self.release(self.since + held);
        }
    }
}

/// A connection that rested at hand; closed, when it has ended since, or is too old.
#[inline]
fn unless_ended(object: Object<Manager>, now: Instant) -> Option<Object<Manager>> {
    if object.is_clean() && !object.is_old(now) {
        return Some(object);
    }
    drop(Object::take(object));
    None
}

fn unavailable(error: PoolError<Error>, db: &Db) -> Error {
    match error {
        PoolError::Timeout(_) => {
            db.telemetry().connection_timed_out();
            let status = db.pool().status();
            Error::new(
                ErrorKind::PoolTimeout,
                format!(
                    "no connection became free in time: all {} are in use and {} callers wait ({}); \
                     raise `Config::pool_size`, or hold connections for a shorter time",
                    status.max_size,
                    status.waiting,
                    db.inner.holders().tell(status.max_size)
                ),
            )
        }
        PoolError::Backend(error) => error,
        PoolError::Closed => Error::usage("the Db was closed"),
        PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            Error::new(ErrorKind::Config, "the pool was set up without a runtime")
        }
    }
}
