//! A statement's first execution on a connection in one round trip: it is prepared for the next time, and right behind
//! that sent once unprepared.
//!
//! The driver may do so only with types it knows, and a type that is guessed may mean something else than the one the
//! server infers. So the first connection of a [`Db`](super::Db) prepares a statement and waits; the types the server
//! inferred then are declared on the others. That is what the server does when it plans a prepared statement anew.
//! Statements that write and return rows are left out: had a column meanwhile become of a type the driver does not know,
//! it could hang on the rows, and those of a write cannot be asked for again.

use super::connection::{Connection, Reply};
use super::exchange::{Delicate, Exchange};
use super::plan::Plan;
use super::prepared::Prepared;
use super::wire::{Bound, Row, Then};
use crate::error::{Error, Result};
use crate::telemetry::Lookup;
use crate::value::{Param, Type};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::{PoisonError, RwLock};
use std::task::Poll;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::{Column, Statement};

/// The types of a statement's parameters, as the server inferred them.
#[derive(Default)]
pub(super) struct Learned(RwLock<Option<Arc<[Type]>>>);

impl Learned {
    pub(super) fn types(&self) -> Option<Arc<[Type]>> {
        let types = self.0.read().unwrap_or_else(PoisonError::into_inner);
        types.clone()
    }

    fn set(&self, types: Option<Arc<[Type]>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = types;
    }
}

impl Plan {
    pub(super) fn unlearn(&self) {
        self.learned.set(None);
    }

    /// Learns from a statement that was prepared, if it may be sent unprepared.
    pub(super) fn learn(&self, statement: &Statement) {
        let is_known = |ty: &Type| Type::from_oid(ty.oid()).is_some();
        let columns = || statement.columns().iter().map(Column::type_);
        let is_ours = self.is_ours && (self.only_reads || statement.columns().is_empty());
        if is_ours && statement.params().iter().chain(columns()).all(is_known) {
            self.learned.set(Some(statement.params().into()));
        }
    }
}

/// The server describes a statement before it runs it. A driver that keeps silent for so long has met a type that it does
/// not know, and waits for an answer about it behind rows that nobody takes.
const PATIENCE: Duration = Duration::from_secs(2);

/// What came of it.
pub(super) enum First {
    Done(Reply, Lookup),
    /// What was learned no longer holds, and nothing was done or handed over: it is to be sent in the ordinary way.
    Outdated,
}

impl Connection {
    /// Prepares a statement and runs it, both at once, with parameters of these types.
    pub(super) async fn first(
        &self,
        plan: &Plan,
        types: &[Type],
        params: &[&Param],
        on_row: &mut impl FnMut(Row<'_>) -> Result<Then>,
    ) -> Result<First> {
        let (to_prepare, to_ask) = (Exchange::begin(self), Exchange::begin(self));
        let delicate = Delicate::begin(self);
        let words = self.words(plan);
        let mut preparing = pin!(self.client.prepare_typed(&words, types));
        let bound = params.iter().map(|param| Bound(param));
        let typed = bound.zip(types.iter().cloned());
        let mut asking = Box::pin(self.client.query_typed_raw(&words, typed));
        let (mut prepared, mut rows) = (None, None);
        // Both are sent before anything is waited for, in this order.
        poll_fn(|context| {
            if let Poll::Ready(ready) = preparing.as_mut().poll(context) {
                prepared = Some(ready);
            }
            if let Poll::Ready(ready) = asking.as_mut().poll(context) {
                rows = Some(ready);
            }
            Poll::Ready(())
        })
        .await;
        let statement = match prepared {
            Some(statement) => statement,
            None if plan.only_reads => match timeout(PATIENCE, preparing.as_mut()).await {
                Ok(statement) => statement,
                Err(_) => {
                    // Its rows are dropped, and pass by; what comes next on this connection comes after them.
                    drop(asking);
                    plan.unlearn();
                    let statement = preparing.await;
                    delicate.over();
                    self.keep(to_prepare.end(statement)?, plan)?;
                    to_ask.end(Ok(()))?;
                    return Ok(First::Outdated);
                }
            },
            None => preparing.await,
        };
        delicate.over();
        let rows = match rows {
            Some(rows) => rows,
            None => asking.await,
        };
        match (to_prepare.end(statement), rows) {
            (Ok(statement), Ok(rows)) => {
                let kept = self.keep(statement, plan);
                // All rows of a result have the same columns: those of the first are looked at.
                let mut fits = None;
                let read = self.read(to_ask, rows, |row| match &kept {
                    Ok((prepared, _)) if *fits.get_or_insert_with(|| prepared.describes(row)) => {
                        on_row(Row::new(row, prepared.positions.as_deref()))
                    }
                    _ => Ok(Then::Next),
                });
                let reply = read.await?;
                let (_, lookup) = kept?;
                if fits == Some(false) {
                    self.forget(plan);
                    return Ok(First::Outdated);
                }
                Ok(First::Done(reply, lookup))
            }
            (Ok(statement), Err(error)) => {
                // It is known for the next time, whatever went wrong with this.
                let _ = self.keep(statement, plan);
                to_ask.end(Err(error))
            }
            (Err(error), Ok(rows)) => {
                plan.unlearn();
                let reply = self.read(to_ask, rows, |_| Ok(Then::Next)).await?;
                match plan.only_reads {
                    _ if error.is_fatal() => Err(error),
                    true => Ok(First::Outdated),
                    // It was done after all.
                    false => Ok(First::Done(reply, Lookup::Miss { evicted: 0 })),
                }
            }
            (Err(error), Err(refused)) => {
                plan.unlearn();
                let refused: Result<(), Error> = to_ask.end(Err(refused));
                // In a transaction there is nothing to be done: the first refusal has ended it.
                match error.is_fatal()
                    || refused.is_err_and(|error| error.is_fatal())
                    || self.is_in_transaction()
                {
                    true => Err(error),
                    false => Ok(First::Outdated),
                }
            }
        }
    }
}

impl Prepared {
    /// Whether this row has its columns.
    fn describes(&self, row: &tokio_postgres::Row) -> bool {
        let columns = self.statement.columns().iter().map(Column::type_);
        row.columns().iter().map(Column::type_).eq(columns)
    }
}
