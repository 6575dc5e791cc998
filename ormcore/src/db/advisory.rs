//! Advisory locks: locks on numbers and names that only the application knows the meaning of.

use super::executor::Source;
use super::plan::{Reader, Reads};
use super::run::{Request, run};
use super::transaction::Transaction;
use super::wire::Row;
use crate::error::Result;
use crate::sql::Raw;
use crate::telemetry::Page;
use crate::value::Value as _;
use std::panic::Location;

/// What an advisory lock is on: a number, a pair of numbers, or a name.
///
/// Numbers and pairs never get in each other's way. A name becomes a number: its FNV-1a hash of 64 bits, which is the same
/// in every process and version. Two names could have the same; with a million names in use that is one chance in 37
/// million.
///
/// ```
/// use ormcore::AdvisoryKey;
///
/// assert_eq!(AdvisoryKey::from("nightly report"), AdvisoryKey::from("nightly report"));
/// assert_eq!(AdvisoryKey::from(""), AdvisoryKey::from(-3_750_763_034_362_895_579));
/// assert_ne!(AdvisoryKey::from((0, 7)), AdvisoryKey::from(7));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AdvisoryKey(Key);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    One(i64),
    Two(i32, i32),
}

impl From<i64> for AdvisoryKey {
    fn from(key: i64) -> Self {
        Self(Key::One(key))
    }
}

impl From<(i32, i32)> for AdvisoryKey {
    fn from((one, two): (i32, i32)) -> Self {
        Self(Key::Two(one, two))
    }
}

impl From<&str> for AdvisoryKey {
    fn from(name: &str) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(Key::One(hash.cast_signed()))
    }
}

impl From<&String> for AdvisoryKey {
    fn from(name: &String) -> Self {
        Self::from(name.as_str())
    }
}

impl Transaction {
    /// Waits until nobody else has this lock, and has it until the transaction ends.
    ///
    /// Such a lock protects nothing by itself: it keeps those out who ask for it too.
    ///
    /// ```no_run
    /// # use ormcore::{Db, Result, sql};
    /// # async fn run(db: &Db) -> Result<()> {
    /// db.transaction(async |tx| {
    ///     tx.advisory_lock("nightly report").await?;
    ///     sql("INSERT INTO reports SELECT count(*) FROM orders").execute(tx).await
    /// })
    /// .await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::LockNotAvailable`](crate::ErrorKind::LockNotAvailable) when it took longer than the transaction's
    /// [`lock_timeout`](crate::Begin::lock_timeout), and otherwise when the statement fails.
    #[track_caller]
    pub fn advisory_lock(
        &self,
        key: impl Into<AdvisoryKey>,
    ) -> impl Future<Output = Result<()>> + Send + '_ {
        self.lock_on(
            ["pg_advisory_xact_lock($1)", "pg_advisory_xact_lock($1, $2)"],
            key.into(),
            Location::caller(),
        )
    }

    /// The same for those who can have it together: it waits only for who has it alone.
    ///
    /// # Errors
    /// Those of [`advisory_lock`](Self::advisory_lock).
    #[track_caller]
    pub fn advisory_lock_shared(
        &self,
        key: impl Into<AdvisoryKey>,
    ) -> impl Future<Output = Result<()>> + Send + '_ {
        let calls = [
            "pg_advisory_xact_lock_shared($1)",
            "pg_advisory_xact_lock_shared($1, $2)",
        ];
        self.lock_on(calls, key.into(), Location::caller())
    }

    /// Takes this lock until the transaction ends, if nobody else has it; says whether it did.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn try_advisory_lock(
        &self,
        key: impl Into<AdvisoryKey>,
    ) -> impl Future<Output = Result<bool>> + Send + '_ {
        let calls = [
            "pg_try_advisory_xact_lock($1)",
            "pg_try_advisory_xact_lock($1, $2)",
        ];
        self.try_lock_on(calls, key.into(), Location::caller())
    }

    /// The same for those who can have it together.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn try_advisory_lock_shared(
        &self,
        key: impl Into<AdvisoryKey>,
    ) -> impl Future<Output = Result<bool>> + Send + '_ {
        let calls = [
            "pg_try_advisory_xact_lock_shared($1)",
            "pg_try_advisory_xact_lock_shared($1, $2)",
        ];
        self.try_lock_on(calls, key.into(), Location::caller())
    }

    async fn lock_on(
        &self,
        calls: [&str; 2],
        key: AdvisoryKey,
        caller: &'static Location<'static>,
    ) -> Result<()> {
        let statement = key.statement(calls);
        let request = request(&statement, Reads::Other, caller);
        run(Source::Transaction(self), request, &mut |_| Ok(())).await?;
        Ok(())
    }

    async fn try_lock_on(
        &self,
        calls: [&str; 2],
        key: AdvisoryKey,
        caller: &'static Location<'static>,
    ) -> Result<bool> {
        let statement = key.statement(calls);
        let request = request(
            &statement,
            Reads::Each([Reader::of::<bool>()].into()),
            caller,
        );
        let mut taken = false;
        run(Source::Transaction(self), request, &mut |row: Row<'_>| {
            taken = row.get(0)?;
            Ok(())
        })
        .await?;
        Ok(taken)
    }
}

impl AdvisoryKey {
    /// The call for one number or for two.
    pub(super) fn statement(self, [one, two]: [&str; 2]) -> Raw {
        let (call, params) = match self.0 {
            Key::One(key) => (one, vec![key.into_param()]),
            Key::Two(first, second) => (two, vec![first.into_param(), second.into_param()]),
        };
        let name = call.split('(').next().unwrap_or(call);
        Raw {
            sql: format!("SELECT {call}").into(),
            params,
            summary: Some(format!("SELECT {name}").into()),
            repeatable: false,
        }
    }
}

fn request<'s>(
    statement: &'s Raw,
    reads: Reads,
    caller: &'static Location<'static>,
) -> Request<'s, Raw> {
    Request {
        statement,
        reads,
        page: Page::default(),
        writes: false,
        caller,
    }
}
