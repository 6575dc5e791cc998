//! The course of a transaction: what is sent in it, and how that went.

use super::connection::Connection;
use super::effect::Effect;
use super::transaction::Transaction;
use crate::error::{Error, ErrorKind, Result};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

impl Transaction {
    /// The connection, when it can take a statement: BEGIN is on its way, and a savepoint that was dropped is undone.
    ///
    /// Whoever sends something has to say how it went with [`settled`](Self::settled).
    pub(super) async fn ready(&self) -> Result<&Connection> {
        let Some(connection) = self.connection() else {
            return Err(Error::usage("the transaction has ended already"));
        };
        // Under the lock: nobody gets a statement out before it.
        let begun = self.lock().opening.send(self.terms(), connection);
        if let Err(error) = begun {
            let error = connection.harmless(error);
            self.lock().note(&error);
            return Err(error);
        }
        let undo = self.lock().take_undo();
        if let Some((savepoint, reason)) = undo {
            let sql = format!("ROLLBACK TO SAVEPOINT s{savepoint}; RELEASE SAVEPOINT s{savepoint}");
            let undone = self.behind_begin(pin!(connection.batch(&sql))).await;
            self.settled(undone)?;
            self.lock().undone(reason);
        }
        Ok(connection)
    }

    /// The same for the caller's own SQL, which may not end the transaction: it is kept track of here.
    pub(super) async fn ready_for(&self, effect: Effect) -> Result<&Connection> {
        if effect == Effect::Transaction {
            return Err(Error::usage(
                "transactions and savepoints are not controlled by SQL here; use `tx.commit()`, `tx.rollback()` or \
                 `tx.savepoint()`",
            ));
        }
        let connection = self.ready().await?;
        if effect != Effect::None {
            self.lock().sets_limits = true;
        }
        connection.prepare_for(effect)?;
        Ok(connection)
    }

    /// A statement was answered, and with it BEGIN, if it was the first.
    ///
    /// # Errors
    /// That of the statement; or that it was carried out although BEGIN was not.
    pub(super) fn settled<T>(&self, result: Result<T>) -> Result<T> {
        // One that was never sent may be done before BEGIN is: that is read later.
        let _ = self.poll_begin(&mut Context::from_waker(Waker::noop()));
        let mut standing = self.lock();
        let refusal = standing.opening.refusal(ErrorKind::OutcomeUnknown);
        let result = match (result, refusal) {
            (Ok(_), Some(refusal)) => Err(refusal),
            // Without its COMMIT nothing of it is kept, whether or not it was executed.
            (Err(error), None) => match self.connection() {
                Some(connection) => Err(connection.harmless(error)),
                None => Err(error),
            },
            (result, _) => result,
        };
        match &result {
            Ok(_) => standing.went_well(),
            Err(error) => standing.note(error),
        }
        result
    }

    /// Waits for what was sent behind BEGIN, and reads the answer to that meanwhile: nobody else does, and the driver hands
    /// over nothing that comes after what is left lying.
    pub(super) async fn behind_begin<F: Future>(&self, mut work: Pin<&mut F>) -> F::Output {
        poll_fn(|context| {
            let _ = self.poll_begin(context);
            work.as_mut().poll(context)
        })
        .await
    }

    /// Waits for the answer to BEGIN, if nobody did.
    pub(super) async fn settle(&self) {
        poll_fn(|context| self.poll_begin(context)).await;
    }

    fn poll_begin(&self, context: &mut Context<'_>) -> Poll<()> {
        let Some(connection) = self.connection() else {
            return Poll::Ready(());
        };
        let mut standing = self.lock();
        if let Err(error) = ready!(standing.opening.poll(connection, context)) {
            let error = connection.harmless(error);
            standing.note(&error);
        }
        Poll::Ready(())
    }

    /// The connection to send COMMIT on; none, when there is nothing to commit.
    pub(super) async fn ready_to_commit(&self) -> Result<Option<&Connection>> {
        let refused = |reason: &str| {
            let message = format!("the transaction was rolled back instead of committed: {reason}");
            Error::new(ErrorKind::TransactionAborted, message)
        };
        self.settle().await;
        let stands_alone = self.lock().opening.refusal(ErrorKind::CommitUnknown);
        if let Some(error) = stands_alone {
            return Err(error);
        }
        if let Some(reason) = self.objection() {
            return Err(refused(&reason));
        }
        if self.lock().opening.is_unsent() {
            return Ok(None);
        }
        let undone = self.ready().await.map(Some);
        undone.map_err(|error| refused("a savepoint could not be undone").with_source(error))
    }

    /// Why it must not be committed.
    pub(super) fn objection(&self) -> Option<String> {
        let connection = self.connection()?;
        let standing = self.lock();
        let failed = standing.objection().map(str::to_owned);
        if standing.opening.is_unsent() {
            return failed;
        }
        failed
            .or_else(|| Some(format!("its connection ended: {}", connection.ending()?)))
            .or_else(|| {
                let dropped = "a statement in it was dropped before its reply was read";
                connection.is_busy().then(|| dropped.to_owned())
            })
    }
}
