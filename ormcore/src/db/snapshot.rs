//! One snapshot for several statements that only read.

use super::executor::Source;
use super::isolation::Isolation;
use super::terms::Terms;
use super::transaction::Transaction;
use crate::error::{Error, Result};
use std::panic::Location;

/// A transaction around statements that are to see the same. Dropped, it is undone, which makes no difference.
pub(crate) struct Snapshot(Transaction);

impl<'a> Source<'a> {
    /// One for statements that go here; none, where they have one anyway. BEGIN travels with the first of them.
    ///
    /// # Errors
    /// In a transaction whose statements each see something else, or that does not say; when no connection is to be had.
    pub(crate) async fn snapshot(
        self,
        caller: &'static Location<'static>,
    ) -> Result<Option<Snapshot>> {
        let transaction = match self {
            Self::Pool(db) => Transaction::open(db, TERMS, caller).await?,
            Self::Held(hold) if hold.only().is_some() => {
                return Err(Error::usage(
                    "`.consistent()` begins a transaction, which has a connection of its own; ask on the `Db`, or in a \
                     transaction instead of on a connection that is pinned",
                ));
            }
            Self::Held(hold) => Transaction::open(hold.db(), TERMS, caller).await?,
            Self::Transaction(transaction) => {
                return match transaction.terms().isolation {
                    Some(Isolation::RepeatableRead | Isolation::Serializable) => Ok(None),
                    Some(Isolation::ReadUncommitted | Isolation::ReadCommitted) | None => {
                        Err(Error::usage(
                            "`.consistent()` needs one snapshot for all statements, and in this transaction each has its own; \
                         begin it with `.isolation(Isolation::RepeatableRead)`, or ask on the `Db`",
                        ))
                    }
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
