//! Isolation levels.

/// How much a transaction sees of others that run at the same time
/// (see [Transaction Isolation](https://www.postgresql.org/docs/current/transaction-iso.html) in PostgreSQL's manual).
///
/// ```no_run
/// # use ormcore::{Db, Isolation, Result, sql};
/// # async fn run(db: &Db) -> Result<()> {
/// let tx = db.begin().isolation(Isolation::RepeatableRead).read_only().await?;
/// # tx.commit().await }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Isolation {
    /// In PostgreSQL the same as [`ReadCommitted`](Self::ReadCommitted): what others have not committed is never seen. It is
    /// here for programs that come from databases where it is another level.
    ReadUncommitted,
    /// Each statement sees what was committed before it began. PostgreSQL's default.
    ReadCommitted,
    /// All statements see what was committed before the first of them began. Writing what somebody else has changed
    /// since fails with [`Serialization`](crate::ErrorKind::Serialization).
    RepeatableRead,
    /// As if transactions ran one after the other. One that would contradict this fails with
    /// [`Serialization`](crate::ErrorKind::Serialization), at any of its statements or at COMMIT: see
    /// [`Begin::retry`](crate::Begin::retry).
    Serializable,
}

impl Isolation {
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::ReadUncommitted => "READ UNCOMMITTED",
            Self::ReadCommitted => "READ COMMITTED",
            Self::RepeatableRead => "REPEATABLE READ",
            Self::Serializable => "SERIALIZABLE",
        }
    }
}
