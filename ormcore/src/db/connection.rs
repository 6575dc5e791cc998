//! One connection: what it has prepared, and whether it is clean.

use super::cancel::Cancel;
use super::connect::Manager;
use super::effect::Effect;
use super::exchange::{Delicate, Exchange};
use super::link::Link;
use super::plan::Plan;
use super::pooler::shared_session;
use super::prepared::{Prepared, Statements};
use super::refusal::harmless;
use super::run::Done;
use super::tls::{Connector, another};
use super::wire::{Bound, Row, Then};
use crate::error::{Error, Result};
use crate::telemetry::Lookup;
use crate::value::Param;
use deadpool_postgres::ClientWrapper;
use futures_util::Stream as _;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio_postgres::{RowStream, SimpleQueryMessage, Statement};

const DEFAULTS: &str =
    "SELECT current_schema(), (SELECT setting FROM pg_settings WHERE name = 'statement_timeout')";

/// A connection and its state.
pub(super) struct Connection {
    pub(super) client: ClientWrapper,
    pub(super) link: Arc<Link>,
    statements: Mutex<Statements>,
    /// Set before BEGIN is sent, cleared after COMMIT or ROLLBACK was answered.
    in_transaction: AtomicBool,
    /// Set when nothing is left to be done in the transaction but to commit it.
    commits: AtomicBool,
    /// Set before the session is changed; never cleared.
    retired: AtomicBool,
    /// Exchanges of which none may be dropped: see [`Delicate`].
    pub(super) delicate: AtomicU32,
    /// How long it took to make, until somebody has told.
    created: Mutex<Option<Duration>>,
    /// From when on it is not to be used any more.
    expires: Option<Instant>,
    /// How its server is spoken to on another socket.
    tls: Connector,
    /// How many questions there had been when somebody last looked and there were new ones, and when that was.
    pub(super) seen: Mutex<(u32, Instant)>,
    /// What stands behind each statement.
    pub(super) comment: Arc<str>,
    /// Whether others have its session between two transactions.
    pooled: bool,
}

/// What came of a statement.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reply {
    pub(super) rows: u64,
    pub(super) affected: u64,
}

impl From<Reply> for Done {
    fn from(reply: Reply) -> Self {
        let Reply { rows, affected } = reply;
        Self { rows, affected }
    }
}

impl Connection {
    pub(super) fn new(
        client: ClientWrapper,
        link: Arc<Link>,
        manager: &Manager,
        took: Duration,
        expires: Option<Instant>,
    ) -> Self {
        Self {
            client,
            link,
            statements: Mutex::new(Statements::new(manager.statement_cache)),
            in_transaction: AtomicBool::new(false),
            commits: AtomicBool::new(false),
            retired: AtomicBool::new(false),
            delicate: AtomicU32::new(0),
            created: Mutex::new(Some(took)),
            expires,
            tls: another(&manager.address.tls),
            seen: Mutex::new((0, Instant::now())),
            comment: Arc::clone(&manager.comment),
            pooled: manager.pooled,
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
        !self.is_busy()
            && !self.is_in_transaction()
            && !self.retired.load(Ordering::Acquire)
            && !self.client.is_closed()
    }

    /// Whether it is to be replaced.
    pub(super) fn is_old(&self, now: Instant) -> bool {
        self.expires.is_some_and(|expires| now >= expires)
    }

    /// Whether it can take another statement, behind those that are on their way.
    pub(super) fn is_usable(&self, now: Instant) -> bool {
        !self.is_old(now) && !self.retired.load(Ordering::Acquire) && !self.client.is_closed()
    }

    /// Whether it can be clean again once everything that was sent is answered.
    pub(super) fn may_come_to_rest(&self) -> bool {
        !self.retired.load(Ordering::Acquire)
            && self.delicate.load(Ordering::Acquire) == 0
            && !self.client.is_closed()
    }

    /// Everything that was sent has been answered: nobody is there any more who could have read it.
    pub(super) fn rests(&self) {
        self.link.rests();
        self.set_in_transaction(false);
    }

    /// What was asked last has been answered, and so has everything before it, though nobody has read that.
    pub(super) fn caught_up(&self) {
        self.link.rests();
    }

    /// Whether a reply is still on its way.
    pub(super) fn is_busy(&self) -> bool {
        self.link.is_busy()
    }

    /// Which question the next one is.
    pub(super) fn turn(&self) -> u32 {
        self.link.asked()
    }

    /// How many replies were read to their end.
    pub(super) fn answers(&self) -> u32 {
        self.link.answers()
    }

    /// Why it can no longer be used, once it has ended.
    pub(super) fn ending(&self) -> Option<String> {
        let closed = || {
            self.link
                .last_words()
                .unwrap_or_else(|| "it was closed".to_owned())
        };
        self.client.is_closed().then(closed)
    }

    /// The same failure of something that has changed nothing, whether or not it was executed.
    pub(super) fn harmless(&self, error: Error) -> Error {
        harmless(error, &self.link)
    }

    /// Whether it was closed because the server was silent for too long.
    pub(super) fn is_expired(&self) -> bool {
        self.link.is_expired()
    }

    /// A way to stop what still runs on the server, if anything may.
    pub(super) fn cancel(&self) -> Option<Cancel> {
        let runs = self.is_busy() && (!self.client.is_closed() || self.link.is_expired());
        runs.then(|| Cancel::new(self.client.cancel_token(), another(&self.tls)))
    }

    pub(super) fn set_in_transaction(&self, in_transaction: bool) {
        self.in_transaction.store(in_transaction, Ordering::Release);
        self.commits.store(false, Ordering::Release);
    }

    /// The transaction only read, and all of that went well: it is to be committed, and nobody waits for that.
    pub(super) fn commit_later(&self) {
        self.commits.store(true, Ordering::Release);
    }

    /// What ends the transaction, if there is one.
    pub(super) fn parting(&self) -> &'static str {
        match self.is_in_transaction() {
            true if self.commits.load(Ordering::Acquire) => "COMMIT",
            true => "ROLLBACK",
            false => "",
        }
    }

    pub(super) fn is_in_transaction(&self) -> bool {
        self.in_transaction.load(Ordering::Acquire)
    }

    /// Something is about to be sent that may have this effect.
    ///
    /// # Errors
    /// When it would have it on others.
    pub(super) fn prepare_for(&self, effect: Effect) -> Result<()> {
        if matches!(effect, Effect::Session | Effect::Transaction) {
            if self.pooled {
                return Err(shared_session());
            }
            self.retire();
        }
        Ok(())
    }

    /// Whether its session is no longer like a new one's.
    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    /// Nobody else may have it, because its session is not like a new one's.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// The statement, prepared, and whether it was so before.
    pub(super) async fn prepare(&self, plan: &Plan) -> Result<(Prepared, Lookup)> {
        if let Some(prepared) = self.prepared(plan) {
            return Ok((prepared, Lookup::Hit));
        }
        let exchange = Exchange::begin(self);
        let delicate = Delicate::begin(self);
        // In a box, because it is rare, and large in a future of something that is not.
        let statement = exchange.end(Box::pin(self.client.prepare(&self.words(plan))).await);
        delicate.over();
        // Nothing is executed by that.
        let statement = statement.map_err(|error| self.harmless(error))?;
        plan.learn(&statement);
        self.keep(statement, plan)
    }

    /// Keeps a statement that was prepared for the first time here.
    pub(super) fn keep(&self, statement: Statement, plan: &Plan) -> Result<(Prepared, Lookup)> {
        let prepared = Prepared::new(statement, plan)?;
        let evicted = self.lock_statements().insert(plan.id, prepared.clone());
        Ok((prepared, Lookup::Miss { evicted }))
    }

    /// Whether it keeps what is prepared.
    pub(super) fn keeps_statements(&self) -> bool {
        self.lock_statements().keeps_any()
    }

    /// The statement, if it is prepared.
    pub(super) fn prepared(&self, plan: &Plan) -> Option<Prepared> {
        self.lock_statements().get(plan.id)
    }

    /// Forgets a prepared statement that the server no longer takes, and what was learned when it did.
    pub(super) fn forget(&self, plan: &Plan) {
        plan.unlearn();
        if self.pooled {
            plan.renew();
        }
        self.lock_statements().remove(plan.id);
    }

    /// Runs a prepared statement and hands over its rows as they arrive.
    ///
    /// Rows are read to the last one even when one of them cannot be decoded: what is unread makes a connection unusable.
    pub(super) async fn execute(
        &self,
        prepared: &Prepared,
        params: &[&Param],
        on_row: &mut impl FnMut(Row<'_>) -> Result<Then>,
    ) -> Result<Reply> {
        let exchange = Exchange::begin(self);
        let bound = params.iter().map(|param| Bound(param));
        let rows = match self.client.query_raw(&prepared.statement, bound).await {
            Ok(rows) => rows,
            Err(error) => return exchange.end(Err(error)),
        };
        let each = |row: &_| on_row(Row::new(row, prepared.positions.as_deref()));
        self.read(exchange, rows, each).await
    }

    /// Reads a reply to its end.
    pub(super) async fn read(
        &self,
        exchange: Exchange<'_>,
        rows: RowStream,
        mut on_row: impl FnMut(&tokio_postgres::Row) -> Result<Then>,
    ) -> Result<Reply> {
        let mut rows = pin!(rows);
        let mut reply = Reply::default();
        let (mut undecodable, mut folded) = (None, None);
        // Whether a reader has rows to take before it can wait for more.
        let (mut supplied, mut paused) = (false, false);
        // Rows are taken where they are polled: each would be moved twice on its way out.
        let mut until_it_stops = poll_fn(|context| {
            if std::mem::take(&mut paused) {
                self.link.set_paused(false);
            }
            loop {
                let row = match rows.as_mut().poll_next(context) {
                    Poll::Ready(Some(Ok(row))) => row,
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Stop::Failed(error)),
                    Poll::Ready(None) => return Poll::Ready(Stop::End),
                    Poll::Pending => {
                        if std::mem::take(&mut supplied) {
                            paused = true;
                            self.link.set_paused(true);
                        }
                        return Poll::Pending;
                    }
                };
                self.link.stir();
                reply.rows += 1;
                if undecodable.is_some() {
                    continue;
                }
                match on_row(&row) {
                    Ok(Then::Next) => {}
                    Ok(Then::NextAfter(many)) => folded = Some(many),
                    Ok(Then::NextIfAny) => supplied = true,
                    Ok(Then::Pause) => {
                        supplied = false;
                        return Poll::Ready(Stop::Pause);
                    }
                    Err(error) => undecodable = Some(error),
                }
            }
        });
        loop {
            match (&mut until_it_stops).await {
                Stop::Pause => self.pause().await,
                Stop::End => break,
                Stop::Failed(error) => return exchange.end(Err(error)),
            }
        }
        reply.affected = rows.rows_affected().unwrap_or(0);
        if let Some(many) = folded {
            reply = Reply {
                rows: many,
                affected: many,
            };
        }
        exchange.end(Ok(()))?;
        match undecodable {
            Some(error) => Err(error),
            None => Ok(reply),
        }
    }

    /// Until it is polled again, by a reader who has room again.
    pub(super) async fn pause(&self) {
        self.link.set_paused(true);
        let mut first = true;
        poll_fn(|_| match std::mem::take(&mut first) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        })
        .await;
        self.link.set_paused(false);
    }

    /// The schema that unqualified names are found in, and how long a statement may take, in milliseconds.
    pub(super) async fn defaults(&self) -> Result<(Option<String>, Option<i32>)> {
        let exchange = Exchange::begin(self);
        let messages = exchange.end(self.client.simple_query(DEFAULTS).await)?;
        let row = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let value = |column| row.and_then(|row| row.try_get(column).ok().flatten());
        let limit = value(1).and_then(|limit| limit.parse().ok());
        Ok((value(0).map(str::to_owned), limit))
    }

    fn lock_statements(&self) -> std::sync::MutexGuard<'_, Statements> {
        self.statements
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why no more rows are taken for now, or at all.
enum Stop {
    Pause,
    End,
    Failed(tokio_postgres::Error),
}
