//! The rows of a question by a COPY: prepared, begun, and handed over as they come.

use super::attempt::{PLAN_CHANGED, STATEMENT_UNKNOWN};
use super::connection::Connection;
use super::copied::{Copied, Unpacking};
use super::copy_flow::{Flow, PreparedOut};
use super::executor::Source;
use super::lease::Lease;
use super::plan::{Plan, Reads};
use super::pool::Db;
use super::run::{Request, in_words, planned};
use super::time::told_apart;
use super::transaction::Transaction;
use super::wire::{Row, Then};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{
    self, CopyColumns, CopyFormat, CopyOut, CopyValues, Statement, value_name, value_read_back,
};
use crate::telemetry::{StatementOutcome, StatementSpan};
use crate::value::{Param, Type};
use bytes::{Bytes, BytesMut};
use futures_util::future::join;
use postgres_types::{IsNull, ToSql as _};
use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;
use tokio_postgres::Column;

/// Takes what a COPY gives.
pub(crate) trait Taker: Send {
    /// How it is written.
    const FORMAT: CopyFormat;

    /// The next piece of it.
    fn take(&mut self, piece: Bytes, columns: &[Column]) -> Result<Then>;

    /// How many rows there were, if they were counted.
    fn rows(&self) -> Option<u64>;
}

/// Takes rows, one by one.
pub(crate) struct EachRow<F> {
    on_row: F,
    unpacking: Unpacking,
    rows: u64,
}

impl<F: FnMut(Row<'_>) -> Result<Then> + Send> EachRow<F> {
    pub(crate) fn new(on_row: F) -> Self {
        Self {
            on_row,
            unpacking: Unpacking::default(),
            rows: 0,
        }
    }
}

impl<F: FnMut(Row<'_>) -> Result<Then> + Send> Taker for EachRow<F> {
    const FORMAT: CopyFormat = CopyFormat::Binary;

    fn take(&mut self, piece: Bytes, columns: &[Column]) -> Result<Then> {
        let Self {
            on_row,
            unpacking,
            rows,
        } = self;
        unpacking.take(piece, columns.len(), &mut |values: &[Option<&[u8]>]| {
            *rows += 1;
            on_row(Row::copied(&Copied { columns, values }))
        })
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }
}

/// Takes the text as it is.
pub(crate) struct EachPiece<F>(pub(crate) F);

impl<F: FnMut(Bytes) -> Then + Send> Taker for EachPiece<F> {
    const FORMAT: CopyFormat = CopyFormat::Csv;

    fn take(&mut self, piece: Bytes, _: &[Column]) -> Result<Then> {
        Ok((self.0)(piece))
    }

    fn rows(&self) -> Option<u64> {
        None
    }
}

/// Sends a question as a COPY, and hands over its rows as they arrive.
pub(crate) async fn copy_out<S: Statement + Sync>(
    source: Source<'_>,
    request: Request<'_, S>,
    taker: &mut impl Taker,
) -> Result<()> {
    let db = source.db();
    let format = format_of(taker);
    let rows = request.statement;
    let said = CopyOut {
        rows,
        values: None,
        format,
    };
    let (values, plan) = planned(db, &said, Reads::Other);
    let plan = plan.map_err(|error| error.at(request.caller))?;
    let only_columns = CopyColumns(rows);
    let (_, columns) = planned(db, &only_columns, request.reads);
    let columns = columns.map_err(|error| error.at(request.caller))?;
    let mut span =
        db.telemetry()
            .statement(&plan.facts, request.page, request.caller, source.scope());
    let copying = Copying {
        db,
        rows,
        format,
        columns: &columns,
        text: &plan.text,
        values: &values,
        span: &mut span,
    };
    let result = match source {
        Source::Pool(db) => copying.in_pool(db, taker, request.caller).await,
        Source::Held(hold) => match hold.only() {
            Some(connection) => copying.on_its_own(connection, taker).await,
            None => copying.in_pool(hold.db(), taker, request.caller).await,
        },
        Source::Transaction(transaction) => copying.in_transaction(transaction, taker).await,
    };
    match result {
        Ok(()) => {
            span.finish(Ok(StatementOutcome {
                returned: taker.rows(),
                ..StatementOutcome::default()
            }));
            Ok(())
        }
        Err(error) => {
            let error = told_apart(error, source, span.ran());
            let error = error.with_statement(&plan.text).at(request.caller);
            let error = in_words(error, rows.table());
            span.finish(Err(&error));
            Err(error)
        }
    }
}

fn format_of<T: Taker>(_: &T) -> CopyFormat {
    T::FORMAT
}

struct Copying<'a, 's, S> {
    db: &'a Db,
    rows: &'a S,
    format: CopyFormat,
    /// The question, for no rows.
    columns: &'a Arc<Plan>,
    /// The COPY, with placeholders.
    text: &'a Arc<str>,
    values: &'a [&'a Param],
    span: &'a mut StatementSpan<'s>,
}

impl<S: Statement + Sync> Copying<'_, '_, S> {
    async fn in_pool(
        mut self,
        db: &Db,
        taker: &mut impl Taker,
        caller: &'static Location<'static>,
    ) -> Result<()> {
        let (mut lease, waited) = Lease::take(db, self.span.started()).await?;
        self.span.waited(waited);
        lease.is_held_at(caller);
        let flow = match self.begin(lease.connection()?).await {
            // Not a row has come yet: nobody can tell the difference.
            Err(error) if is_remedied(&error, &lease) => {
                lease.connection()?.retire();
                drop(lease);
                lease = Lease::take(db, Instant::now()).await?.0;
                lease.is_held_at(caller);
                self.begin(lease.connection()?).await?
            }
            begun => begun?,
        };
        let read = flow.read(taker).await;
        read.map_err(|error| self.seen(error, lease.connection()))?;
        let held = self.span.end().saturating_sub(waited);
        self.span.lent(lease.give_back(held));
        Ok(())
    }

    /// On a connection that is pinned. There is no second time on another.
    async fn on_its_own(mut self, connection: &Connection, taker: &mut impl Taker) -> Result<()> {
        let read = self.begin(connection).await?.read(taker).await;
        read.map_err(|error| self.seen(error, Ok(connection)))
    }

    async fn begin<'c>(&mut self, connection: &'c Connection) -> Result<Flow<'c>> {
        let begun = match self.begin_on(connection, true).await {
            Err(error) if error.code() == Some(PLAN_CHANGED) => {
                self.begin_on(connection, true).await
            }
            begun => begun,
        };
        begun.map_err(|error| self.seen(error, Ok(connection)))
    }

    /// What failed has changed nothing if all it does is read.
    fn seen(&self, error: Error, connection: Result<&Connection>) -> Error {
        match connection {
            Ok(connection) if self.columns.only_reads => connection.harmless(error),
            _ => error,
        }
    }

    /// On the transaction's connection. There is no second time: a failure ends the transaction.
    async fn in_transaction(
        mut self,
        transaction: &Transaction,
        taker: &mut impl Taker,
    ) -> Result<()> {
        let connection = transaction.ready_for(self.columns.effect).await?;
        let begun = {
            let begun = pin!(self.begin_on(connection, false));
            transaction.behind_begin(begun).await
        };
        let begun = begun.map_err(|error| error.with_statement(self.text));
        let read = transaction.settled(begun)?.read(taker).await;
        transaction.settled(read.map_err(|error| error.with_statement(self.text)))
    }

    async fn begin_on<'c>(&mut self, connection: &'c Connection, alone: bool) -> Result<Flow<'c>> {
        connection.prepare_for(self.columns.effect)?;
        let (columns, known) = connection.prepare(self.columns).await?;
        self.span.looked_up(known);
        let types = columns.statement.params();
        if types.len() != self.values.len() {
            return Err(Error::usage(
                "SQL with placeholders of its own cannot be copied",
            ));
        }
        // Before anything is sent that needs them.
        let encoded: Vec<_> = (self.values.iter().zip(types).enumerate())
            .map(|(position, (value, ty))| encoded(value, ty, position))
            .collect::<Result<_>>()?;
        let types: Vec<_> = types.iter().map(name_of).collect();
        let names: Vec<_> = (0..types.len()).map(value_name).collect();
        let read_back = names.iter().zip(&types);
        let read_back: Vec<_> = read_back
            .map(|(name, ty)| value_read_back(name, ty))
            .collect();
        let copy = CopyOut {
            rows: self.rows,
            values: Some(&read_back),
            format: self.format,
        };
        let values = CopyValues {
            values: &encoded,
            types: &types,
            names: &names,
        };
        let (_, copy) = planned(self.db, &copy, Reads::Other);
        let (_, keep) = planned(self.db, &values, Reads::Other);
        let (copy, keep) = (copy?, keep?);
        // Both are waited for, whatever one of them says: what is unread makes a connection unusable.
        let (copy, keep) = join(connection.prepare(&copy), async {
            match encoded.is_empty() {
                true => None,
                false => Some(connection.prepare(&keep).await),
            }
        })
        .await;
        let prepared = PreparedOut {
            copy: copy?.0,
            values: keep.transpose()?.map(|(keep, _)| keep),
            columns,
        };
        let begun = connection.begin_copy_out(prepared, &encoded, alone).await;
        if let Err(error) = &begun
            && matches!(error.code(), Some(PLAN_CHANGED | STATEMENT_UNKNOWN))
        {
            connection.forget(self.columns);
        }
        begun
    }
}

/// A value in the binary format of its type.
fn encoded(value: &Param, ty: &Type, position: usize) -> Result<Param> {
    let mut bytes = BytesMut::new();
    match value.to_sql(ty, &mut bytes) {
        Ok(IsNull::Yes) => Ok(Param::null()),
        Ok(IsNull::No) => Ok(Param::binary(bytes.to_vec())),
        Err(cause) => {
            let message = format!("parameter ${} cannot be sent: {cause}", position + 1);
            Err(Error::new(ErrorKind::Encode, message))
        }
    }
}

/// A type's full name, quoted.
fn name_of(ty: &Type) -> String {
    let (schema, name) = (sql::identifier(ty.schema()), sql::identifier(ty.name()));
    format!("{schema}.{name}")
}

/// Whether a new connection makes good what went wrong before anything was given.
fn is_remedied(error: &Error, lease: &Lease) -> bool {
    match error.code() {
        Some(STATEMENT_UNKNOWN) => true,
        _ => error.kind() == ErrorKind::ConnectionLost && lease.is_reused(),
    }
}
