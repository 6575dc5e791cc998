//! A COPY passes here: prepared, begun, fed, and given up where somebody objects.

use super::attempt::{PLAN_CHANGED, STATEMENT_UNKNOWN};
use super::connection::Connection;
use super::copy_pipe::{CopyPlans, Pipe};
use super::executor::Source;
use super::lease::Lease;
use super::pool::Db;
use super::run::in_words;
use super::time::told_apart;
use super::transaction::Transaction;
use crate::error::{Error, ErrorKind, Result};
use crate::sql::CopyIn;
use crate::telemetry::{Page, StatementOutcome, StatementSpan};
use crate::value::Type;
use bytes::BytesMut;
use std::panic::Location;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Instant;

/// Where the rows of a COPY come from.
pub(crate) trait Feed: Send {
    /// The caller's own error.
    type Error: From<Error> + Send;

    /// Writes rows behind what is in `out`, until there is enough in it, and says whether there
    /// may be more. The types are those of the columns, in the feed's keeping.
    fn poll_fill(
        &mut self,
        types: &mut [Type],
        out: &mut BytesMut,
        enough: usize,
        context: &mut Context<'_>,
    ) -> Poll<Result<bool, Halt<Self::Error>>>;
}

/// Why a COPY was not carried out.
pub(crate) enum Halt<E> {
    Ours(Error),
    /// The caller's rows ended in an error.
    Theirs(E),
}

impl<E> From<Error> for Halt<E> {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

/// Sends rows, and says how many were stored.
pub(crate) async fn copy_in<F: Feed>(
    source: Source<'_>,
    copy: CopyIn,
    feed: F,
    caller: &'static Location<'static>,
) -> Result<u64, F::Error> {
    let db = source.db();
    let plans = CopyPlans::new(db, &copy).map_err(|error| error.at(caller))?;
    let facts = &plans.copy.facts;
    let mut span = db
        .telemetry()
        .statement(facts, Page::default(), caller, source.scope());
    let copying = Copying {
        plans: &plans,
        span: &mut span,
    };
    let result = match source {
        Source::Pool(db) => copying.in_pool(db, feed, caller).await,
        Source::Held(hold) => match hold.only() {
            Some(connection) => copying.on_its_own(connection, feed).await,
            // What is held is held for questions.
            None => copying.in_pool(hold.db(), feed, caller).await,
        },
        Source::Transaction(transaction) => copying.in_transaction(transaction, feed).await,
    };
    match result {
        Ok(affected) => {
            span.finish(Ok(StatementOutcome {
                affected: Some(affected),
                ..StatementOutcome::default()
            }));
            Ok(affected)
        }
        Err(Halt::Ours(error)) => {
            let error = told_apart(error, source, span.ran());
            let error = error.with_statement(&plans.copy.text).at(caller);
            let error = in_words(error, Some(copy.table));
            span.finish(Err(&error));
            Err(error.into())
        }
        // The caller gave it up: to the span that is as if it had been dropped.
        Err(Halt::Theirs(error)) => Err(error),
    }
}

struct Copying<'a, 's> {
    plans: &'a CopyPlans,
    span: &'a mut StatementSpan<'s>,
}

impl Copying<'_, '_> {
    async fn in_pool<F: Feed>(
        mut self,
        db: &Db,
        feed: F,
        caller: &'static Location<'static>,
    ) -> Result<u64, Halt<F::Error>> {
        let (mut lease, waited) = Lease::take(db, self.span.started()).await?;
        self.span.waited(waited);
        lease.is_held_at(caller);
        let pipe = match self.begin(lease.connection()?).await {
            // Not a row was given yet: nobody can tell the difference.
            Err(error) if is_remedied(&error, &lease) => {
                lease.connection()?.retire();
                drop(lease);
                lease = Lease::take(db, Instant::now()).await?.0;
                lease.is_held_at(caller);
                self.begin(lease.connection()?).await?
            }
            begun => begun?,
        };
        let affected = pipe.send(feed).await?;
        let held = self.span.end();
        self.span.lent(lease.give_back(held));
        Ok(affected)
    }

    /// On a connection that is pinned. There is no second time on another.
    async fn on_its_own<F: Feed>(
        mut self,
        connection: &Connection,
        feed: F,
    ) -> Result<u64, Halt<F::Error>> {
        let pipe = self.begin(connection).await?;
        pipe.send(feed).await
    }

    async fn begin<'c>(&mut self, connection: &'c Connection) -> Result<Pipe<'c>> {
        if let Some(pipe) = self.begin_on(connection).await? {
            return Ok(pipe);
        }
        self.begin_on(connection)
            .await?
            .ok_or_else(|| changed(self.plans))
    }

    /// On the transaction's connection. There is no second time: a failure ends the transaction.
    async fn in_transaction<F: Feed>(
        mut self,
        transaction: &Transaction,
        feed: F,
    ) -> Result<u64, Halt<F::Error>> {
        let connection = transaction.ready_for(self.plans.copy.effect).await?;
        let begun = {
            let begun = pin!(self.begin_on(connection));
            transaction.behind_begin(begun).await
        };
        let begun = match begun {
            Ok(Some(pipe)) => Ok(pipe),
            Ok(None) => {
                transaction.lock().spoil(GIVEN_UP);
                Err(changed(self.plans))
            }
            Err(error) => Err(error.with_statement(&self.plans.copy.text)),
        };
        let result = match transaction.settled(begun)?.send(feed).await {
            Err(Halt::Theirs(error)) => {
                transaction.lock().spoil(GIVEN_UP);
                return Err(Halt::Theirs(error));
            }
            Err(Halt::Ours(error)) if error.code().is_none() => {
                transaction.lock().spoil(GIVEN_UP);
                Err(error)
            }
            Err(Halt::Ours(error)) => Err(error.with_statement(&self.plans.copy.text)),
            Ok(affected) => Ok(affected),
        };
        Ok(transaction.settled(result)?)
    }

    /// Ready for rows; none, if the types of the columns have changed since they were looked up.
    async fn begin_on<'c>(&mut self, connection: &'c Connection) -> Result<Option<Pipe<'c>>> {
        let (prepared, lookup) = connection.prepare_copy(self.plans).await?;
        self.span.looked_up(lookup);
        let pipe = connection.begin_copy(prepared).await;
        // It has no rows yet.
        let pipe = pipe.map_err(|error| connection.harmless(error));
        if !matches!(pipe, Ok(Some(_))) {
            connection.forget_copy(self.plans);
        }
        pipe
    }
}

/// What a transaction in which a COPY was given up has to say.
const GIVEN_UP: &str = "a COPY in it was given up, because its rows could not be sent";

/// Whether a new connection makes good what went wrong before anything was given.
fn is_remedied(error: &Error, lease: &Lease) -> bool {
    match error.code() {
        Some(PLAN_CHANGED | STATEMENT_UNKNOWN) => true,
        _ => error.kind() == ErrorKind::ConnectionLost && lease.is_reused(),
    }
}

fn changed(plans: &CopyPlans) -> Error {
    let message = format!(
        "the columns of `{}` changed while the COPY began; try again",
        plans.copy.facts.summary
    );
    Error::new(ErrorKind::Database, message)
}
