//! One snapshot for several statements that only read.

use super::executor::Source;
use super::isolation::Isolation;
use super::terms::Terms;
use super::transaction::Transaction;
use crate::error::{Error, Result};

/// A transaction around statements that are to see the same. Dropped, it is undone, which makes no difference.
pub(crate) struct Snapshot(Transaction);

impl<'a> Source<'a> {
    /// One for statements that go here; none, where they have one anyway. BEGIN travels with the first of them.
    ///
    /// # Errors
    /// In a transaction whose statements each see something else, or that does not say; when no connection is to be had.
    pub(crate) async fn snapshot(self) -> Result<Option<Snapshot>> {
        let transaction = match self {
            Self::Pool(db) => Transaction::open(db, TERMS).await?,
            Self::Held(hold) => Transaction::open(hold.db(), TERMS).await?,
            Self::Transaction(transaction) => {
                return match transaction.terms().isolation {
                    Some(Isolation::RepeatableRead | Isolation::Serializable) => Ok(None),
                    Some(Isolation::ReadCommitted) | None => Err(Error::usage(
                        "`.consistent()` needs one snapshot for all statements, and in this transaction each has its own; \
                         begin it with `.isolation(Isolation::RepeatableRead)`, or ask on the `Db`",
                    )),
                };
            }
        };
        Ok(Some(Snapshot(transaction)))
    }
}

const TERMS: Terms = Terms {
    isolation: Some(Isolation::RepeatableRead),
    read_only: true,
    deferrable: false,
    statement_timeout: None,
    lock_timeout: None,
    idle_timeout: None,
    traceable: false,
};

impl Snapshot {
    /// Where its statements go.
    pub(crate) fn source(&self) -> Source<'_> {
        Source::Transaction(&self.0)
    }

    /// All was read that was to be read.
    pub(crate) fn end(self) {
        self.0.leave();
    }
}
