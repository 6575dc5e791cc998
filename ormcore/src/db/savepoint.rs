//! Savepoints: a part of a transaction that can be undone by itself.

use super::transaction::Transaction;
use crate::error::{Error, ErrorKind, Result};
use std::pin::pin;

/// A part of a transaction. It is undone when it is dropped without [`release`](Self::release).
///
/// While it lives the outer transaction cannot be used, so that no statement can end up on the wrong side of it.
#[derive(Debug)]
#[must_use = "a savepoint that is dropped is undone"]
pub struct Savepoint<'t> {
    transaction: &'t Transaction,
    number: u32,
    open: bool,
}

impl<'t> Savepoint<'t> {
    pub(super) async fn begin(transaction: &'t Transaction) -> Result<Self> {
        transaction.settle().await;
        if let Some(reason) = transaction.objection() {
            return Err(Error::new(
                ErrorKind::TransactionAborted,
                format!("no savepoint can be made: {reason}"),
            ));
        }
        let connection = transaction.ready().await?;
        let number = transaction.lock().next_savepoint();
        // From here on it is undone if this future is dropped.
        let mut savepoint = Self {
            transaction,
            number,
            open: true,
        };
        let sql = format!("SAVEPOINT s{number}");
        let made = transaction.behind_begin(pin!(connection.batch(&sql))).await;
        if let Err(error) = transaction.settled(made) {
            savepoint.open = false;
            return Err(error);
        }
        Ok(savepoint)
    }

    /// Runs work in it: released when it returns `Ok`, undone otherwise.
    pub(super) async fn run<T, E, F>(mut self, work: F) -> Result<T, E>
    where
        E: From<Error>,
        F: AsyncFnOnce(&mut Savepoint<'_>) -> Result<T, E>,
    {
        // Dropped after an error, it is undone together with the next statement, or with everything else.
        let value = work(&mut self).await?;
        self.release().await?;
        Ok(value)
    }

    pub(super) fn transaction(&self) -> &'t Transaction {
        self.transaction
    }

    /// Keeps what was done, as part of the outer transaction.
    ///
    /// # Errors
    /// When a statement in it failed or was not waited for: then it is undone.
    pub async fn release(mut self) -> Result<()> {
        if let Some(reason) = self.transaction.objection() {
            return Err(Error::new(
                ErrorKind::TransactionAborted,
                format!("the savepoint was undone instead of released: {reason}"),
            ));
        }
        let connection = self.transaction.ready().await?;
        let release = format!("RELEASE SAVEPOINT s{}", self.number);
        self.transaction.settled(connection.batch(&release).await)?;
        self.open = false;
        Ok(())
    }

    /// Undoes what was done since the savepoint, failures included.
    ///
    /// # Errors
    /// When the connection ended.
    pub async fn rollback(mut self) -> Result<()> {
        self.open = false;
        self.transaction.lock().undo_later(self.number);
        self.transaction.ready().await.map(|_| ())
    }

    /// A savepoint inside this one.
    ///
    /// # Errors
    /// When the transaction has failed, or the server refuses.
    pub async fn savepoint(&mut self) -> Result<Savepoint<'_>> {
        Savepoint::begin(self.transaction).await
    }

    /// Runs work in a savepoint inside this one: see [`Transaction::attempt`].
    ///
    /// # Errors
    /// Those of the work, and those of [`savepoint`](Self::savepoint) and [`release`](Self::release).
    pub async fn attempt<T, E, F>(&mut self, work: F) -> Result<T, E>
    where
        E: From<Error>,
        F: AsyncFnOnce(&mut Savepoint<'_>) -> Result<T, E>,
    {
        Savepoint::begin(self.transaction).await?.run(work).await
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        if self.open {
            self.transaction.lock().undo_later(self.number);
        }
    }
}
