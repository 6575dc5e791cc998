//! Every statement passes here.

use super::attempt::{Attempt, Progress};
use super::executor::Source;
use super::lease::Lease;
use super::plan::{Plan, Reads};
use super::pool::Db;
use super::time::told_apart;
use super::wire::{Row, Then};
use crate::error::{Error, Result};
use crate::sql::{Params, Shape, Statement, Table, explained};
use crate::telemetry::{Page, StatementOutcome};
use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A statement that is ready to be sent.
pub(crate) struct Request<'a, S> {
    pub(crate) statement: &'a S,
    pub(crate) reads: Reads,
    pub(crate) page: Page,
    /// Whether it writes: then the rows affected are of interest.
    pub(crate) writes: bool,
    pub(crate) caller: &'static Location<'static>,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done {
    /// Rows that came back.
    pub(crate) rows: u64,
    /// Rows that were written.
    pub(crate) affected: u64,
}

/// Sends a statement and hands over its rows as they arrive.
pub(crate) fn run<'a, S: Statement + Sync, T: Into<Then> + 'a>(
    source: Source<'a>,
    request: Request<'a, S>,
    on_row: &'a mut (impl FnMut(Row<'_>) -> Result<T> + Send),
) -> impl Future<Output = Result<Done>> + Send + 'a {
    perform(source, request, on_row, None)
}

/// The same on a connection that nobody else uses meanwhile: for as many rows as there may be, and readers who may stop.
pub(crate) fn run_alone<'a, S: Statement + Sync, T: Into<Then> + 'a>(
    source: Source<'a>,
    request: Request<'a, S>,
    on_row: &'a mut (impl FnMut(Row<'_>) -> Result<T> + Send),
) -> impl Future<Output = Result<Done>> + Send + 'a {
    let caller = request.caller;
    perform(source, request, on_row, Some(caller))
}

async fn perform<S: Statement + Sync, T: Into<Then>>(
    source: Source<'_>,
    request: Request<'_, S>,
    on_row: &mut (impl FnMut(Row<'_>) -> Result<T> + Send),
    alone: Option<&'static Location<'static>>,
) -> Result<Done> {
    let db = source.db();
    let (params, plan) = planned(db, request.statement, request.reads);
    let plan = plan.map_err(|error| error.at(request.caller))?;

    let mut span =
        db.telemetry()
            .statement(&plan.facts, request.page, request.caller, source.scope());
    let mut decoding = Decoding::new(span.is_recording());
    let mut each = |row: Row<'_>| decoding.time(|| on_row(row)).map(Into::into);
    let attempt = Attempt {
        plan: &plan,
        params: &params,
        span: &mut span,
        on_row: &mut each,
        progress: Progress::default(),
        alone,
    };
    let result = match source {
        Source::Pool(db) => attempt.in_pool(db).await,
        Source::Held(hold) => attempt.in_hold(hold).await,
        Source::Transaction(transaction) => attempt.in_transaction(transaction).await,
    };
    match result {
        Ok(done) => {
            span.finish(Ok(StatementOutcome {
                returned: (!request.writes || done.rows > 0).then_some(done.rows),
                affected: request.writes.then_some(done.affected),
                decode: decoding.total(),
            }));
            Ok(done)
        }
        Err(error) => {
            let error = told_apart(error, source, span.ran());
            let error = error.with_statement(&plan.text).at(request.caller);
            let error = in_words(error, request.statement.table());
            span.finish(Err(&error));
            Err(error)
        }
    }
}

/// A violated constraint, said in the words of the entity whose table it is on.
pub(super) fn in_words(error: Error, table: Option<&'static Table>) -> Error {
    match table.and_then(|table| explained(&error, table)) {
        Some(what) => error.about(&what),
        None => error,
    }
}

/// The statement's parameters, and what is known about its shape, unless it names a table with scopes and nobody says which.
/// The shape itself is large, and stays behind.
pub(super) fn planned<'s, S: Statement>(
    db: &'s Db,
    statement: &'s S,
    reads: Reads,
) -> (Params<'s>, Result<Arc<Plan>>) {
    let mut shape = Shape::within(db.said());
    statement.shape(&mut shape);
    let plan = db.plans().get(statement, &shape, reads, db.telemetry());
    (shape.params, plan)
}

/// Runs SQL without parameters and results, statement by statement.
pub(crate) async fn batch<S: Statement + Sync>(
    source: Source<'_>,
    request: Request<'_, S>,
    sql: &str,
) -> Result<()> {
    let db = source.db();
    let (_, plan) = planned(db, request.statement, request.reads);
    let plan = plan.map_err(|error| error.at(request.caller))?;
    let mut span =
        db.telemetry()
            .statement(&plan.facts, request.page, request.caller, source.scope());
    let result = match source {
        Source::Pool(_) => match Lease::take(db, span.started()).await {
            Ok((lease, waited)) => {
                span.waited(waited);
                let connection = lease.connection()?;
                connection.batch_of(sql, plan.effect).await
            }
            Err(error) => Err(error),
        },
        Source::Held(hold) => match hold.taken(span.started()).await {
            Ok(lease) => match hold.allows(plan.effect) {
                Ok(()) => {
                    let connection = lease.connection()?;
                    connection.batch_of(sql, plan.effect).await
                }
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        },
        Source::Transaction(transaction) => {
            let result = match transaction.ready_for(plan.effect).await {
                Ok(connection) => {
                    let batch = pin!(connection.batch_of(sql, plan.effect));
                    transaction.behind_begin(batch).await
                }
                Err(error) => Err(error),
            };
            transaction.settled(result.map_err(|error| error.with_statement(&plan.text)))
        }
    };
    let result = result.map_err(|error| {
        let error = told_apart(error, source, span.ran());
        error.with_statement(&plan.text).at(request.caller)
    });
    span.finish(result.as_ref().map(|()| StatementOutcome::default()));
    result
}

/// Times one row in sixteen and counts it for all: two looks at the clock cost as much as half a row.
struct Decoding {
    on: bool,
    rows: u32,
    timed: u32,
    spent: Duration,
}

impl Decoding {
    fn new(on: bool) -> Self {
        Self {
            on,
            rows: 0,
            timed: 0,
            spent: Duration::ZERO,
        }
    }

    #[inline]
    fn time<T>(&mut self, decode: impl FnOnce() -> T) -> T {
        if !self.on {
            return decode();
        }
        self.rows = self.rows.saturating_add(1);
        if self.rows % 16 != 1 {
            return decode();
        }
        let started = Instant::now();
        let decoded = decode();
        self.spent += started.elapsed();
        self.timed += 1;
        decoded
    }

    fn total(&self) -> Option<Duration> {
        (self.timed > 0).then(|| {
            self.spent
                .mul_f64(f64::from(self.rows) / f64::from(self.timed))
        })
    }
}
