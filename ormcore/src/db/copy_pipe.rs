//! The connection's side of a COPY.
//!
//! Rows are encoded for the types the columns have, and COPY believes whatever it is given: eight bytes meant as a bigint
//! become some float. So the types are looked up once a connection, and each COPY asks together with its beginning
//! whether they are still the same. That costs no round trip, and only whoever changes a column in the microseconds
//! between the two can slip through, outside of a transaction.

use super::connection::Connection;
use super::copy::{Feed, Halt};
use super::exchange::{Delicate, Exchange};
use super::plan::{Plan, Reads};
use super::pool::Db;
use super::prepared::Prepared;
use super::run::planned;
use crate::error::Result;
use crate::sql::{self, CopyCheck, CopyIn};
use crate::telemetry::Lookup;
use crate::value::Type;
use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::SinkExt as _;
use futures_util::future::{join, join3};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use tokio_postgres::CopyInSink;

/// Rows are sent in pieces of about so many bytes.
const CHUNK: usize = 64 * 1024;
/// The signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What stands behind the last row.
const TRAILER: i16 = -1;

/// The statements that make a COPY.
pub(super) struct CopyPlans {
    pub(super) copy: Arc<Plan>,
    types: Arc<Plan>,
    check: Arc<Plan>,
}

impl CopyPlans {
    pub(super) fn new(db: &Db, copy: &CopyIn) -> Result<Self> {
        Ok(Self {
            copy: plan(db, copy)?,
            types: plan(db, &copy.as_insert())?,
            check: plan(db, &CopyCheck(copy))?,
        })
    }
}

fn plan<S: sql::Statement>(db: &Db, statement: &S) -> Result<Arc<Plan>> {
    let (_, plan) = planned(db, statement, Reads::Other);
    plan
}

/// The statements of [`CopyPlans`] on one connection.
pub(super) struct PreparedCopy {
    copy: Prepared,
    types: Prepared,
    check: Prepared,
}

impl Connection {
    /// The statements, prepared, and whether they were so before. Together they take one round trip.
    pub(super) async fn prepare_copy(&self, plans: &CopyPlans) -> Result<(PreparedCopy, Lookup)> {
        // All are waited for, whatever one of them says: what is unread makes a connection unusable.
        let (types, check, copy) = join3(
            self.prepare(&plans.types),
            self.prepare(&plans.check),
            self.prepare(&plans.copy),
        )
        .await;
        let ((types, known), (check, _), (copy, lookup)) = (types?, check?, copy?);
        let lookup = match known {
            Lookup::Hit => lookup,
            Lookup::Miss { .. } => known,
        };
        Ok((PreparedCopy { copy, types, check }, lookup))
    }

    pub(super) fn forget_copy(&self, plans: &CopyPlans) {
        for plan in [&plans.copy, &plans.types, &plans.check] {
            self.forget(plan);
        }
    }

    /// Begins a COPY; none, if it was given up because the columns no longer have the types they had.
    pub(super) async fn begin_copy(&self, prepared: PreparedCopy) -> Result<Option<Pipe<'_>>> {
        let PreparedCopy { copy, types, check } = prepared;
        let (asked, begun) = (Exchange::begin(self), Exchange::begin(self));
        let delicate = Delicate::begin(self);
        // In the order they are polled first.
        let (now, sink) = Box::pin(join(
            self.client.query(&check.statement, &[]),
            self.client.copy_in(&copy.statement),
        ))
        .await;
        let sink = match sink {
            Ok(sink) => Box::pin(sink),
            Err(error) => {
                // The driver ends every COPY, also one that never began: the server answers that too, and the answer would
                // be taken for the next statement's.
                self.link.condemn();
                let refused = begun.end::<()>(Err(error));
                self.link.ask();
                asked.end(now)?;
                return refused.map(|()| None);
            }
        };
        let pipe = Pipe {
            connection: self,
            exchange: begun,
            delicate,
            sink,
            types: types.statement.params().to_vec(),
        };
        let now = match asked.end(now) {
            Ok(now) => now,
            Err(error) => {
                pipe.give_up().await;
                return Err(error);
            }
        };
        let now = now.iter().map(|row| row.try_get::<_, u32>(0).ok());
        if now.eq(pipe.types.iter().map(|ty| Some(ty.oid()))) {
            Ok(Some(pipe))
        } else {
            pipe.give_up().await;
            Ok(None)
        }
    }
}

/// A COPY that takes rows. Dropped, it stores nothing, and leaves the connection marked.
pub(super) struct Pipe<'c> {
    connection: &'c Connection,
    exchange: Exchange<'c>,
    delicate: Delicate<'c>,
    sink: Pin<Box<CopyInSink<Bytes>>>,
    types: Vec<Type>,
}

impl Pipe<'_> {
    /// Sends all rows, and says how many were stored.
    pub(super) async fn send<F: Feed>(mut self, mut feed: F) -> Result<u64, Halt<F::Error>> {
        let link = &self.connection.link;
        let mut out = BytesMut::with_capacity(CHUNK + CHUNK / 8);
        out.put_slice(HEADER);
        loop {
            let filled = poll_fn(|context| {
                let filled = feed.poll_fill(&mut self.types, &mut out, CHUNK, context);
                // It is the server that waits.
                link.set_paused(filled.is_pending());
                filled
            });
            let more = match filled.await {
                Ok(more) => more,
                Err(halt) => {
                    self.give_up().await;
                    return Err(halt);
                }
            };
            if !more {
                out.put_i16(TRAILER);
            }
            // It waits while the socket takes no more.
            if let Err(error) = self.sink.feed(out.split().freeze()).await {
                let refused = self.exchange.end(Err(error));
                self.delicate.over();
                // Nothing is stored before the last row was sent.
                return Ok(refused.map_err(|error| self.connection.harmless(error))?);
            }
            link.stir();
            if !more {
                break;
            }
            out.reserve(CHUNK + CHUNK / 8);
        }
        let affected = self.sink.as_mut().finish().await;
        let affected = self.exchange.end(affected);
        self.delicate.over();
        Ok(affected?)
    }

    /// Has the server forget what it was given. Should that not be answered, the connection stays marked.
    async fn give_up(self) {
        // The driver sends CopyFail and keeps the answer to itself; what is asked next is answered after it.
        drop(self.sink);
        if self.connection.batch("").await.is_ok() {
            self.connection.link.answered();
            self.delicate.over();
        }
    }
}
