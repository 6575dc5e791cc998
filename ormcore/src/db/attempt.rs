//! Sending a statement, and sending it again where nobody can tell the difference.

use super::connection::Connection;
use super::first::First;
use super::hold::Hold;
use super::lease::Lease;
use super::plan::Plan;
use super::pool::Db;
use super::prepared::Prepared;
use super::run::Done;
use super::shared::Seat;
use super::transaction::Transaction;
use super::wire::{Row, Then};
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::{Lookup, StatementSpan};
use crate::value::{Param, Type};
use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// "cached plan must not change result type", among other things that PostgreSQL does not support.
pub(super) const PLAN_CHANGED: &str = "0A000";
/// The server has forgotten the statement.
pub(super) const STATEMENT_UNKNOWN: &str = "26000";

/// A statement on its way, and how far it came.
pub(super) struct Attempt<'a, 's, F> {
    pub(super) plan: &'a Arc<Plan>,
    pub(super) params: &'a [&'a Param],
    pub(super) span: &'a mut StatementSpan<'s>,
    pub(super) on_row: &'a mut F,
    pub(super) progress: Progress,
    /// The line that asked, where it is for its connection to itself.
    pub(super) alone: Option<&'static Location<'static>>,
}

impl<'a, 's, F> Attempt<'a, 's, F> {
    pub(super) fn new(
        plan: &'a Arc<Plan>,
        params: &'a [&'a Param],
        span: &'a mut StatementSpan<'s>,
        on_row: &'a mut F,
    ) -> Self {
        Self {
            plan,
            params,
            span,
            on_row,
            progress: Progress::default(),
            alone: None,
        }
    }
}

#[derive(Default)]
pub(super) struct Progress {
    was_prepared: bool,
    heard: bool,
}

/// What may be done about a failure without anybody noticing.
enum Remedy {
    None,
    PrepareAgain,
    Reconnect,
}

impl<F: FnMut(Row<'_>) -> Result<Then>> Attempt<'_, '_, F> {
    /// One that is sent once, where nobody else sends anything.
    pub(super) async fn on_its_own(mut self, connection: &Connection) -> Result<Done> {
        self.on(connection).await
    }

    /// On a connection that reads share, or on any free one.
    pub(super) async fn in_pool(mut self, db: &Db) -> Result<Done> {
        let since = self.span.started();
        if let Some(shared) = db.shared()
            && self.alone.is_none()
            && self.plan.shares
            && let Some(seat) = shared.seat(self.plan, since)
            && let Some(result) = self.on_seat(seat).await
        {
            return result;
        }
        // Nearly always there is one, and the future of taking it is not even made.
        let (mut lease, waited) = match Lease::at_hand(db, since) {
            Some(lease) => (lease, Duration::ZERO),
            None => Lease::from_pool(db, since).await?,
        };
        self.span.waited(waited);
        if let Some(caller) = self.alone {
            lease.is_held_at(caller);
        }
        let connection = lease.connection()?;
        match self.on(connection).await {
            Ok(done) => {
                let held = self.span.end().saturating_sub(waited);
                self.span.lent(lease.give_back(held));
                Ok(done)
            }
            // In a box: it is rare.
            Err(error) => {
                let (done, _) = Box::pin(self.remedied(error, lease, db)).await?;
                Ok(done)
            }
        }
    }

    /// On the connection that is held; the first statement takes it, and others may be on their way on it.
    pub(super) async fn in_hold(mut self, hold: &Hold<'_>) -> Result<Done> {
        hold.allows(self.plan.effect)?;
        if let Some(lease) = hold.lease() {
            let connection = lease.connection()?;
            return match self.on(connection).await {
                Err(error) if self.is_forgotten(&error, connection) => self.on(connection).await,
                result => result,
            }
            .map_err(|error| self.seen(error, connection));
        }
        let (lease, waited) = Lease::take(hold.db(), self.span.started()).await?;
        self.span.waited(waited);
        let (done, lease) = match self.on(lease.connection()?).await {
            Ok(done) => (done, lease),
            Err(error) => Box::pin(self.remedied(error, lease, hold.db())).await?,
        };
        hold.keep(lease);
        Ok(done)
    }

    /// Among others. Nothing, when it can be sent again as if this had not been.
    async fn on_seat(&mut self, mut seat: Seat<'_>) -> Option<Result<Done>> {
        let result = self
            .execute(seat.connection(), seat.prepared(), Lookup::Hit)
            .await;
        seat.settle(&result);
        let error = match result {
            Err(error) => self.seen(error, seat.connection()),
            result => return Some(result),
        };
        match error.code() {
            _ if self.progress.heard => return Some(Err(error)),
            Some(PLAN_CHANGED) => seat.connection().forget(self.plan),
            Some(STATEMENT_UNKNOWN) => seat.leave(),
            _ if error.kind() == ErrorKind::ConnectionLost => {}
            // The server was silent about somebody else's.
            _ if error.kind() == ErrorKind::Timeout && seat.waited_in_vain() => {}
            _ => return Some(Err(error)),
        }
        None
    }

    /// What failed has changed nothing if all it does is read.
    fn seen(&self, error: Error, connection: &Connection) -> Error {
        match self.plan.only_reads {
            true => connection.harmless(error),
            false => error,
        }
    }

    /// What came of it after all, and on which connection.
    async fn remedied(mut self, error: Error, lease: Lease, db: &Db) -> Result<(Done, Lease)> {
        let connection = lease.connection()?;
        let error = self.seen(error, connection);
        match self.remedy(&error, &lease) {
            Remedy::None => Err(error),
            Remedy::PrepareAgain => {
                connection.forget(self.plan);
                let done = self.on(connection).await;
                let done = done.map_err(|error| self.seen(error, connection))?;
                Ok((done, lease))
            }
            Remedy::Reconnect => {
                connection.retire();
                drop(lease);
                let (lease, _) = Lease::take(db, Instant::now()).await?;
                let connection = lease.connection()?;
                let done = self.on(connection).await;
                let done = done.map_err(|error| self.seen(error, connection))?;
                Ok((done, lease))
            }
        }
    }

    /// On the transaction's connection. There is no second time: a failure ends the transaction.
    pub(super) async fn in_transaction(mut self, transaction: &Transaction) -> Result<Done> {
        let connection = transaction.ready_for(self.plan.effect).await?;
        let result = transaction.behind_begin(pin!(self.on(connection))).await;
        let result = result.map_err(|error| error.with_statement(&self.plan.text));
        if let Err(error) = &result
            && matches!(error.code(), Some(PLAN_CHANGED | STATEMENT_UNKNOWN))
        {
            connection.forget(self.plan);
        }
        transaction.settled(result)
    }

    async fn on(&mut self, connection: &Connection) -> Result<Done> {
        connection.prepare_for(self.plan.effect)?;
        if let Some(prepared) = connection.prepared(self.plan) {
            return self.execute(connection, &prepared, Lookup::Hit).await;
        }
        // In boxes: it is rare.
        if let Some(types) = self.plan.learned.types()
            && types.len() == self.params.len()
            && connection.keeps_statements()
            && let Some(done) = Box::pin(self.at_once(connection, &types)).await?
        {
            return Ok(done);
        }
        let (prepared, lookup) = connection.prepare(self.plan).await?;
        self.execute(connection, &prepared, lookup).await
    }

    /// For the first time on this connection. Nothing, when it has to be prepared before it is sent.
    async fn at_once(&mut self, connection: &Connection, types: &[Type]) -> Result<Option<Done>> {
        let mut on_row = |row: Row<'_>| {
            self.progress.heard = true;
            let then = (self.on_row)(row)?;
            if then != Then::Next {
                self.span.read_one();
            }
            Ok(then)
        };
        let first = connection
            .first(self.plan, types, self.params, &mut on_row)
            .await;
        let (done, lookup) = match first {
            Ok(First::Outdated) => return Ok(None),
            Ok(First::Done(reply, lookup)) => (Ok(Some(reply.into())), lookup),
            Err(error) => (Err(error), Lookup::Miss { evicted: 0 }),
        };
        self.span.looked_up(lookup);
        done
    }

    async fn execute(
        &mut self,
        connection: &Connection,
        prepared: &Prepared,
        lookup: Lookup,
    ) -> Result<Done> {
        self.span.looked_up(lookup);
        self.progress.was_prepared = lookup == Lookup::Hit;
        let mut on_row = |row: Row<'_>| {
            self.progress.heard = true;
            let then = (self.on_row)(row)?;
            if matches!(then, Then::NextIfAny | Then::Pause) {
                self.span.read_one();
            }
            Ok(then)
        };
        let reply = connection
            .execute(prepared, self.params, &mut on_row)
            .await?;
        Ok(reply.into())
    }

    /// Whether it was refused before it ran, because it is no longer prepared as it was: then it can be sent again. On a
    /// connection that others use at this moment there is no other remedy; and it has not rested in the pool.
    fn is_forgotten(&self, error: &Error, connection: &Connection) -> bool {
        match error.code() {
            Some(PLAN_CHANGED) => {}
            // The driver's own statements are forgotten too: whoever has it next would need them.
            Some(STATEMENT_UNKNOWN) => connection.retire(),
            _ => return false,
        }
        connection.forget(self.plan);
        self.progress.was_prepared && !self.progress.heard
    }

    /// Nothing is sent twice once a row was handed over, or when it may have been carried out.
    fn remedy(&self, error: &Error, lease: &Lease) -> Remedy {
        // It changed nothing, or may change it twice; but a server that is silent is not to be asked once more.
        let again = match error.kind() {
            ErrorKind::ConnectionLost => true,
            ErrorKind::OutcomeUnknown => {
                let expired = lease.connection().is_ok_and(Connection::is_expired);
                self.plan.repeatable && !expired
            }
            _ => false,
        };
        match error.code() {
            _ if self.progress.heard => Remedy::None,
            // The table's columns changed since it was prepared: it was refused before it ran.
            Some(PLAN_CHANGED) if self.progress.was_prepared => Remedy::PrepareAgain,
            // Whoever made the server forget this one made it forget the driver's own statements too.
            Some(STATEMENT_UNKNOWN) => Remedy::Reconnect,
            // It may have ended while it rested in the pool.
            _ if again && lease.is_reused() => Remedy::Reconnect,
            _ => Remedy::None,
        }
    }
}
