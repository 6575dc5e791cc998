//! One connection: what it has prepared, and whether it is clean.

use super::connect::Link;
use super::plan::Plan;
use super::prepared::{Prepared, Statements};
use super::wire::{Bound, Row, refusal};
use crate::error::{Error, Result};
use crate::value::Param;
use deadpool_postgres::ClientWrapper;
use futures_util::TryStreamExt as _;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A connection and its state.
pub(super) struct Connection {
    client: ClientWrapper,
    link: Arc<Link>,
    statements: Mutex<Statements>,
    /// Replies that have not been read to their end.
    unread: AtomicU32,
    /// Set before BEGIN is sent, cleared after COMMIT or ROLLBACK was answered.
    in_transaction: AtomicBool,
    /// How long it took to make, until somebody has told.
    created: Mutex<Option<Duration>>,
}

/// What came of a statement.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reply {
    pub(super) rows: u64,
    pub(super) affected: u64,
}

impl Connection {
    pub(super) fn new(
        client: ClientWrapper,
        link: Arc<Link>,
        statement_cache: usize,
        took: Duration,
    ) -> Self {
        Self {
            client,
            link,
            statements: Mutex::new(Statements::new(statement_cache)),
            unread: AtomicU32::new(0),
            in_transaction: AtomicBool::new(false),
            created: Mutex::new(Some(took)),
        }
    }

    /// How long it took to make; told once.
    pub(super) fn take_created(&self) -> Option<Duration> {
        self.created
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Whether somebody else may have it.
    pub(super) fn is_clean(&self) -> bool {
        self.unread.load(Ordering::Acquire) == 0
            && !self.in_transaction.load(Ordering::Acquire)
            && !self.client.is_closed()
    }

    /// Whether a reply is still on its way.
    pub(super) fn is_busy(&self) -> bool {
        self.unread.load(Ordering::Acquire) != 0
    }

    pub(super) fn set_in_transaction(&self, in_transaction: bool) {
        self.in_transaction.store(in_transaction, Ordering::Release);
    }

    /// The statement, prepared, and whether it was so before.
    pub(super) async fn prepare(&self, plan: &Plan) -> Result<(Prepared, bool)> {
        if let Some(prepared) = self.lock_statements().get(plan.id) {
            return Ok((prepared, true));
        }
        let exchange = Exchange::begin(self);
        let statement = exchange.end(self.client.prepare(&plan.text).await)?;
        let prepared = Prepared::new(statement, plan)?;
        self.lock_statements().insert(plan.id, prepared.clone());
        Ok((prepared, false))
    }

    /// Forgets a prepared statement that the server no longer takes.
    pub(super) fn forget(&self, plan: &Plan) {
        self.lock_statements().remove(plan.id);
    }

    /// Runs a prepared statement and hands over its rows as they arrive.
    ///
    /// Rows are read to the last one even when one of them cannot be decoded: what is unread makes a connection unusable.
    pub(super) async fn execute(
        &self,
        prepared: &Prepared,
        params: &[&Param],
        on_row: &mut impl FnMut(Row<'_>) -> Result<()>,
    ) -> Result<Reply> {
        let exchange = Exchange::begin(self);
        let bound = params.iter().map(|param| Bound(param));
        let rows = match self.client.query_raw(&prepared.statement, bound).await {
            Ok(rows) => rows,
            Err(error) => return exchange.end(Err(error)),
        };
        let mut rows = pin!(rows);
        let mut reply = Reply::default();
        let mut undecodable = None;
        loop {
            match rows.try_next().await {
                Ok(Some(row)) => {
                    reply.rows += 1;
                    if undecodable.is_none() {
                        undecodable = on_row(Row::new(&row, prepared.positions.as_deref())).err();
                    }
                }
                Ok(None) => break,
                Err(error) => return exchange.end(Err(error)),
            }
        }
        reply.affected = rows.rows_affected().unwrap_or(0);
        exchange.end(Ok(()))?;
        match undecodable {
            Some(error) => Err(error),
            None => Ok(reply),
        }
    }

    /// Runs statements without parameters and results.
    pub(super) async fn batch(&self, sql: &str) -> Result<()> {
        let exchange = Exchange::begin(self);
        exchange.end(self.client.batch_execute(sql).await)
    }

    /// The schema that unqualified names are found in.
    pub(super) async fn current_schema(&self) -> Result<Option<String>> {
        let exchange = Exchange::begin(self);
        let messages = exchange.end(self.client.simple_query("SELECT current_schema()").await)?;
        let schema = messages.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        Ok(schema)
    }

    fn lock_statements(&self) -> std::sync::MutexGuard<'_, Statements> {
        self.statements
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question that has been asked and not yet answered to the end. Dropped in between, it leaves the connection marked.
struct Exchange<'c> {
    connection: &'c Connection,
}

impl<'c> Exchange<'c> {
    fn begin(connection: &'c Connection) -> Self {
        connection.unread.fetch_add(1, Ordering::AcqRel);
        connection.link.arm();
        Self { connection }
    }

    /// The answer was read to its end, or the connection is gone.
    fn end<T>(self, answer: Result<T, tokio_postgres::Error>) -> Result<T> {
        let answer = answer.map_err(|error| refusal(error, &self.connection.link));
        if !answer.as_ref().is_err_and(Error::is_fatal)
            && self.connection.unread.fetch_sub(1, Ordering::AcqRel) == 1
        {
            self.connection.link.disarm();
        }
        answer
    }
}
