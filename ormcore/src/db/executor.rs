//! Anything that can run a statement.

use super::hold::Hold;
use super::pinned::Pinned;
use super::pool::Db;
use super::savepoint::Savepoint;
use super::transaction::Transaction;
use crate::telemetry::{Scope, Telemetry};

/// Something to run a statement on: a [`Db`], a [`Transaction`], a [`Savepoint`] or a [`Pinned`] connection, by reference.
///
/// It is implemented here only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run statements",
    label = "expected a `Db`, a `Transaction` or a `Savepoint`",
    note = "pass `&db`, `&tx` or `&savepoint`"
)]
pub trait Executor: sealed::Sealed + Sync {}

mod sealed {
    pub trait Sealed {
        fn source(&self) -> super::Source<'_>;
    }
}

/// Where a statement goes.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// To any free connection.
    Pool(&'a Db),
    /// To one connection of the pool's, with others that belong together.
    Held(&'a Hold<'a>),
    /// To the connection of this transaction.
    Transaction(&'a Transaction),
}

impl<'a> Source<'a> {
    /// Where this executor's statements go.
    pub(crate) fn of(executor: &'a (impl Executor + ?Sized)) -> Self {
        sealed::Sealed::source(executor)
    }

    pub(crate) fn db(self) -> &'a Db {
        match self {
            Self::Pool(db) => db,
            Self::Held(hold) => hold.db(),
            Self::Transaction(transaction) => transaction.db(),
        }
    }

    /// A connection for several statements; none, where they go to one connection anyway, or among the statements of others.
    pub(crate) fn hold(self) -> Option<Hold<'a>> {
        match self {
            Self::Pool(db) if db.shared().is_none() => Some(Hold::new(db)),
            Self::Pool(_) | Self::Held(_) | Self::Transaction(_) => None,
        }
    }

    pub(crate) fn telemetry(self) -> &'a Telemetry {
        self.db().telemetry()
    }

    /// The span that statements belong to, besides the caller's own.
    pub(crate) fn scope(self) -> Option<&'a Scope> {
        match self {
            Self::Pool(_) | Self::Held(_) => self.db().around(),
            Self::Transaction(transaction) => transaction.scope(),
        }
    }
}

impl Executor for Db {}
impl sealed::Sealed for Db {
    fn source(&self) -> Source<'_> {
        Source::Pool(self)
    }
}

impl Executor for Transaction {}
impl sealed::Sealed for Transaction {
    fn source(&self) -> Source<'_> {
        Source::Transaction(self)
    }
}

impl Executor for Savepoint<'_> {}
impl sealed::Sealed for Savepoint<'_> {
    fn source(&self) -> Source<'_> {
        Source::Transaction(self.transaction())
    }
}

impl Executor for Pinned<'_> {}
impl sealed::Sealed for Pinned<'_> {
    fn source(&self) -> Source<'_> {
        Source::Held(&self.hold)
    }
}

impl<E: Executor + ?Sized> Executor for &E {}
impl<E: Executor + ?Sized> sealed::Sealed for &E {
    fn source(&self) -> Source<'_> {
        E::source(self)
    }
}
