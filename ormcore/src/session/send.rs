//! Sending the statements of a flush, one right behind the other.

use super::returned::Returned;
use super::steps::{FlushKind, FlushStep};
use crate::db::{self, Reads, Request, Row, Source, Transaction};
use crate::error::Result;
use crate::query::{Asking, together};
use crate::sql::{NewKeys, Statement};
use crate::telemetry::Page;
use std::panic::Location;

type Caller = &'static Location<'static>;

/// Asks for keys.
pub(super) async fn ask(
    source: Source<'_>,
    question: &NewKeys,
    answer: &mut Returned,
    caller: Caller,
) -> Result<()> {
    let request = request(question, Reads::Other, caller);
    db::run(source, request, &mut |row: Row<'_>| answer.read(&row)).await?;
    Ok(())
}

/// Asks about what went wrong.
pub(super) async fn look<S: Statement + Sync>(
    source: Source<'_>,
    question: &S,
    on_row: &mut (impl FnMut(Row<'_>) -> Result<()> + Send),
    caller: Caller,
) -> Result<()> {
    let writes = false;
    let request = Request {
        writes,
        ..request(question, Reads::Other, caller)
    };
    db::run(source, request, on_row).await.map(|_| ())
}

/// Sends all of it, each statement right behind the one before it.
pub(super) async fn perform(
    transaction: &Transaction,
    steps: &mut [FlushStep],
    caller: Caller,
) -> Result<()> {
    let preparing = steps.iter().map(|step| {
        Box::pin(async move {
            match &step.kind {
                FlushKind::Insert { statement, .. } => {
                    let reads = Reads::Table(statement.table);
                    transaction.prepare(statement, reads).await
                }
                FlushKind::Update { statement, .. } | FlushKind::Follow { statement, .. } => {
                    transaction.prepare(statement, Reads::Other).await
                }
                FlushKind::Link { statement } => transaction.prepare(statement, Reads::Other).await,
                FlushKind::Remove { statement, .. } => {
                    transaction.prepare(statement, Reads::Other).await
                }
            }
        }) as _
    });
    together(preparing).await?;
    let ready = steps.iter().all(|step| is_ready(transaction, step));
    let source = Source::of(transaction);
    let running = steps.iter_mut().map(|step| {
        Box::pin(async move {
            step.error = run(source, &mut step.kind, caller).await.err();
            Ok(())
        }) as _
    });
    // What has to wait for its being prepared would be overtaken by what comes behind it.
    if ready || running.len() == 1 {
        return together(running).await;
    }
    for running in running {
        let running: Asking<'_> = running;
        running.await?;
    }
    Ok(())
}

fn is_ready(transaction: &Transaction, step: &FlushStep) -> bool {
    match &step.kind {
        FlushKind::Insert { statement, .. } => {
            transaction.is_prepared(statement, Reads::Table(statement.table))
        }
        FlushKind::Update { statement, .. } | FlushKind::Follow { statement, .. } => {
            transaction.is_prepared(statement, Reads::Other)
        }
        FlushKind::Link { statement } => transaction.is_prepared(statement, Reads::Other),
        FlushKind::Remove { statement, .. } => transaction.is_prepared(statement, Reads::Other),
    }
}

async fn run(source: Source<'_>, kind: &mut FlushKind, caller: Caller) -> Result<()> {
    match kind {
        FlushKind::Insert { statement, rows } => {
            let reads = Reads::Table(statement.table);
            let request = request(&*statement, reads, caller);
            db::run(source, request, &mut |row: Row<'_>| rows.read(row)).await?;
        }
        FlushKind::Update {
            statement,
            returned,
            ..
        }
        | FlushKind::Follow {
            statement,
            returned,
            ..
        } => {
            let request = request(&*statement, Reads::Other, caller);
            let done = db::run(source, request, &mut |row: Row<'_>| returned.read(&row)).await?;
            returned.written = done.affected;
        }
        FlushKind::Link { statement } => {
            let request = request(&*statement, Reads::Other, caller);
            db::run(source, request, &mut |_: Row<'_>| Ok(())).await?;
        }
        FlushKind::Remove {
            statement,
            returned,
            ..
        } => {
            let request = request(&*statement, Reads::Other, caller);
            let done = db::run(source, request, &mut |row: Row<'_>| returned.read(&row)).await?;
            returned.written = done.affected;
        }
    }
    Ok(())
}

fn request<S: Statement>(statement: &S, reads: Reads, caller: Caller) -> Request<'_, S> {
    Request {
        statement,
        reads,
        page: Page::default(),
        writes: true,
        caller,
    }
}
