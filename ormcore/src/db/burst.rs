//! Statements of a transaction that are sent one right behind the other.

use super::plan::Reads;
use super::run::planned;
use super::transaction::Transaction;
use crate::error::Result;
use crate::sql::Statement;
use std::pin::pin;

impl Transaction {
    /// Prepares a statement, so that it can be sent without waiting. One that fails ends the transaction.
    ///
    /// # Errors
    /// When the server refuses it.
    pub(crate) async fn prepare<S: Statement + Sync>(
        &self,
        statement: &S,
        reads: Reads,
    ) -> Result<()> {
        let (_, plan) = planned(self.db(), statement, reads);
        let plan = plan?;
        let connection = self.ready().await?;
        if connection.prepared(&plan).is_some() || !connection.keeps_statements() {
            return Ok(());
        }
        let prepared = self.behind_begin(pin!(connection.prepare(&plan))).await;
        let prepared = prepared.map_err(|error| error.with_statement(&plan.text));
        self.settled(prepared).map(|_| ())
    }

    /// Whether the statement is prepared: then it is sent as soon as it is run, and those behind it come behind it.
    pub(crate) fn is_prepared<S: Statement>(&self, statement: &S, reads: Reads) -> bool {
        let (_, plan) = planned(self.db(), statement, reads);
        let (Some(connection), Ok(plan)) = (self.connection(), plan) else {
            return false;
        };
        connection.prepared(&plan).is_some()
    }
}

/// Points to return to, by number. Unlike a [`Savepoint`](super::Savepoint) they do not keep the transaction from being used.
impl Transaction {
    pub(crate) async fn set_mark(&self) -> Result<u32> {
        let connection = self.ready().await?;
        let number = self.lock().next_savepoint();
        let sql = format!("SAVEPOINT s{number}");
        let made = self.behind_begin(pin!(connection.batch(&sql))).await;
        self.settled(made).map(|()| number)
    }

    /// What was done since stays.
    pub(crate) async fn release_mark(&self, number: u32) -> Result<()> {
        let connection = self.ready().await?;
        let sql = format!("RELEASE SAVEPOINT s{number}");
        self.settled(connection.batch(&sql).await)
    }

    /// What was done since is undone before anything else is sent, failures included; the mark is gone with it.
    pub(crate) fn undo_to_mark(&self, number: u32) {
        self.lock().undo_later(number);
    }

    /// Waits until the replies of statements that were dropped have passed by, and makes sure that none of those has failed:
    /// then it can be committed. Only for somebody who knows that they were to change nothing.
    ///
    /// # Errors
    /// When one of them has failed.
    pub(crate) async fn catch_up(&self) -> Result<()> {
        let Some(connection) = self.connection() else {
            return Ok(());
        };
        if !connection.is_busy() {
            return Ok(());
        }
        // In a transaction that has failed there are no more marks.
        let mark = self.set_mark().await?;
        self.release_mark(mark).await?;
        if !connection.may_come_to_rest() {
            // What was left over at the server is nothing for others.
            connection.retire();
        }
        connection.caught_up();
        Ok(())
    }

    /// Whether it can still be undone in part.
    pub(crate) fn is_alive(&self) -> bool {
        self.connection()
            .is_some_and(|connection| connection.ending().is_none() && !connection.is_busy())
    }
}
