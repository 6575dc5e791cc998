//! Savepoints: a part of a transaction that can be undone by itself.

use super::transaction::Transaction;
use crate::error::{Error, ErrorKind, Result};

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
        let number = transaction.next_savepoint();
        // From here on it is undone if this future is dropped.
        let mut savepoint = Self {
            transaction,
            number,
            open: true,
        };
        let made = connection.batch(&format!("SAVEPOINT s{number}")).await;
        if let Err(error) = transaction.settled(made) {
            savepoint.open = false;
            return Err(error);
        }
        Ok(savepoint)
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
        self.transaction.undo_later(self.number);
        self.transaction.ready().await.map(|_| ())
    }

    /// A savepoint inside this one.
    ///
    /// # Errors
    /// When the transaction has failed, or the server refuses.
    pub async fn savepoint(&mut self) -> Result<Savepoint<'_>> {
        Savepoint::begin(self.transaction).await
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        if self.open {
            self.transaction.undo_later(self.number);
        }
    }
}
