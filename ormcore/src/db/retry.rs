//! Running a transaction again when others got in its way.

use super::pool::Db;
use super::standing::passing;
use super::terms::Terms;
use super::transaction::Transaction;
use crate::error::{Error, ErrorKind};
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::panic::Location;
use std::time::Duration;

/// A transaction that is run again when nothing of it was kept and the next time may be better: [`Begin::retry`].
///
/// That is so after a serialization failure (40001) and a deadlock (40P01), wherever in the transaction they come; when
/// no connection was to be had; and when the connection ended before COMMIT was sent. It is never so while it is unknown
/// what became of a COMMIT. One statement of a transaction is never sent again alone.
///
/// Before each further time it waits: for a time chosen at random, so that those who met do not meet again, of at most
/// 50 ms the first time, twice as much each time after that, and never more than 2 s.
///
/// The work is cloned for each time: it may borrow what is around it, and use up what can be cloned, but change nothing
/// outside of itself. What it does besides asking the database it does each time.
///
/// ```no_run
/// # use ormcore::{Db, Isolation, Result, sql};
/// # async fn run(db: &Db) -> Result<()> {
/// let owner = String::from("ada");
/// db.begin()
///     .isolation(Isolation::Serializable)
///     .retry(3)
///     .run(async |tx| {
///         let withdraw = sql("UPDATE accounts SET amount = amount - 1 WHERE owner = $1");
///         withdraw.bind(owner).execute(tx).await
///     })
///     .await?;
/// # Ok(()) }
/// ```
///
/// ```compile_fail
/// # use ormcore::{Db, Result};
/// # async fn run(db: &Db) -> Result<()> {
/// let mut runs = 0;
/// let counted = db.begin().retry(3).run(async |_| {
///     runs += 1;
///     Result::Ok(())
/// });
/// # counted.await }
/// ```
///
/// [`Begin::retry`]: super::Begin::retry
#[must_use = "nothing is run until `run` is awaited"]
pub struct Retry<'a> {
    db: &'a Db,
    terms: Terms,
    begun: &'static Location<'static>,
    times: u32,
    locks: bool,
    pauses: Pauses,
}

impl<'a> Retry<'a> {
    pub(super) fn new(
        db: &'a Db,
        terms: Terms,
        times: u32,
        begun: &'static Location<'static>,
    ) -> Self {
        Self {
            db,
            terms,
            begun,
            times,
            locks: false,
            pauses: Pauses::new(Duration::from_millis(50), Duration::from_secs(2)),
        }
    }

    /// Also when a lock was not to be had, at once or within the [`lock_timeout`](super::Begin::lock_timeout)
    /// (55P03): not unless this is said.
    pub fn on_lock_not_available(mut self) -> Self {
        self.locks = true;
        self
    }

    /// The longest wait before the first further time, and the longest of all; 50 ms and 2 s unless set.
    pub fn back_off(mut self, first: Duration, longest: Duration) -> Self {
        self.pauses = Pauses::new(first, longest);
        self
    }

    /// Runs work in the transaction: committed when it returns `Ok`, rolled back when it returns `Err` or is dropped.
    ///
    /// # Errors
    /// When there is no further time, those of the last: those of the work, and those of [`Db::begin`] and
    /// [`Transaction::commit`].
    #[track_caller]
    pub fn run<T, E, F>(self, work: F) -> impl Future<Output = Result<T, E>>
    where
        E: From<Error>,
        F: AsyncFnOnce(&mut Transaction) -> Result<T, E> + Clone,
    {
        self.run_for(work, Location::caller())
    }

    async fn run_for<T, E, F>(mut self, work: F, caller: &'static Location<'static>) -> Result<T, E>
    where
        E: From<Error>,
        F: AsyncFnOnce(&mut Transaction) -> Result<T, E> + Clone,
    {
        let mut transaction = Transaction::new(self.db, self.terms, self.begun);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let reason = match transaction.connect().await {
                Ok(()) => match work.clone()(&mut transaction).await {
                    Ok(value) => match transaction.try_commit(caller).await {
                        Ok(()) => {
                            transaction.committed();
                            return Ok(value);
                        }
                        Err((error, passing)) => match self.again(attempt, passing) {
                            Some(reason) => reason,
                            None => {
                                transaction.failed(&error);
                                return Err(error.into());
                            }
                        },
                    },
                    Err(error) => {
                        let passing = transaction.lock().passing();
                        // The work's own error tells more than one of the rollback, after which the connection is closed.
                        let _ = transaction.undo_all().await;
                        match self.again(attempt, passing) {
                            Some(reason) => reason,
                            None => {
                                transaction.rolled_back();
                                return Err(error);
                            }
                        }
                    }
                },
                Err(error) => match self.again(attempt, passing(&error)) {
                    Some(reason) => reason,
                    None => {
                        transaction.failed(&error);
                        return Err(error.into());
                    }
                },
            };
            let pause = self.pauses.take();
            let telemetry = self.db.telemetry();
            transaction
                .span()
                .retried(reason, attempt, pause, telemetry);
            tokio::time::sleep(pause).await;
        }
    }

    /// Why it is run again after so many times, if it is.
    fn again(&self, attempt: u32, passing: Option<ErrorKind>) -> Option<ErrorKind> {
        let is_asked_for = |kind: &ErrorKind| self.locks || *kind != ErrorKind::LockNotAvailable;
        passing.filter(|kind| attempt <= self.times && is_asked_for(kind))
    }
}

impl fmt::Debug for Retry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("db", &self.db)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}

/// How long to wait before each further time.
#[derive(Clone, Debug)]
pub(super) struct Pauses {
    next: Duration,
    longest: Duration,
}

impl Pauses {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self {
            next: first,
            longest,
        }
    }

    /// Anything up to the bound, so that those who collided spread over the whole of it.
    pub(super) fn take(&mut self) -> Duration {
        let bound = self.next.min(self.longest);
        self.next = bound.saturating_mul(2);
        some_of(bound)
    }
}

/// A time chosen at random, from none to this. A map's seed is as good as a die here, and no further crate.
pub(super) fn some_of(bound: Duration) -> Duration {
    let seed = RandomState::new().hash_one(()) >> 32;
    let part = f64::from(u32::try_from(seed).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    // The longest of all durations do not survive being rounded.
    Duration::try_from_secs_f64(bound.as_secs_f64() * part).unwrap_or(bound)
}

#[cfg(test)]
mod tests {
    use super::{Duration, Pauses};

    #[test]
    fn pauses_grow_to_their_bound_and_differ() {
        let mut pauses = Pauses::new(Duration::from_millis(50), Duration::from_millis(300));
        let mut taken = Vec::new();
        for bound in [50, 100, 200, 300, 300] {
            assert_eq!(pauses.next.min(pauses.longest).as_millis(), bound);
            let pause = pauses.take();
            assert!(pause.as_millis() <= bound, "{pause:?}");
            taken.push(pause);
        }
        taken.dedup();
        assert!(
            taken.len() > 1,
            "by chance at most once in millions of years"
        );
    }

    #[test]
    fn the_largest_bounds_do_not_overflow() {
        let mut pauses = Pauses::new(Duration::MAX, Duration::MAX);
        pauses.take();
        pauses.take();
    }
}
