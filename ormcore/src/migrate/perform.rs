//! Runs migrations, one after the other, while nobody else does.

use super::Direction;
use super::history::{self, Record, Table};
use super::migrations::refused;
use super::statements::{Statement, statements};
use super::step::Step;
use crate::db::{self, Db, Reads, Request, Source, Transaction};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::Raw;
use crate::telemetry::{MigrationFacts, Page};
use std::panic::Location;
use std::time::Instant;

/// What everybody locks who runs migrations in a database.
const LOCK: &str = "ormcore_migrations";

/// Runs what is planned once nobody else runs any: then it is known what ran.
pub(super) async fn perform(
    db: &Db,
    plan: impl Fn(&[Record]) -> Result<Vec<Step>> + Send + Sync,
    caller: &'static Location<'static>,
) -> Result<Vec<Step>> {
    let db = db.dedicated().await.map_err(|error| error.at(caller))?;
    let lock = db.advisory_lock_by_turns(LOCK, caller).await?;
    let table = history::table(&db, caller).await?;
    let records = table.records(&db, caller).await?;
    let steps = plan(&records).map_err(|error| error.at(caller))?;
    let run = Run {
        db: &db,
        table,
        caller,
    };
    for step in &steps {
        if !lock.is_held() {
            let message = format!("before `{step}`: the lock of migrations was lost");
            return Err(Error::new(ErrorKind::ConnectionLost, message).at(caller));
        }
        run.watched(step).await?;
    }
    // What ran is committed, and a lock that was lost is not had any more either.
    let _ = lock.release().await;
    Ok(steps)
}

struct Run<'a> {
    db: &'a Db,
    table: Table,
    caller: &'static Location<'static>,
}

impl Run<'_> {
    async fn watched(&self, step: &Step) -> Result<()> {
        let span = self.db.telemetry().migration(MigrationFacts {
            version: &step.version,
            name: &step.name,
            direction: match step.direction {
                Direction::Up => "up",
                Direction::Down => "down",
            },
            transactional: step.transactional,
        });
        let result = span.run(self.one(step)).await;
        let result = result.map_err(|error| error.at(self.caller));
        span.finish(result.as_ref().err());
        result
    }

    async fn one(&self, step: &Step) -> Result<()> {
        match step.transactional {
            true => self.at_once(step).await,
            false => self.one_by_one(step).await,
        }
    }

    /// All of it and the note that it ran, or nothing.
    async fn at_once(&self, step: &Step) -> Result<()> {
        let transaction = Transaction::within(self.db, None, self.caller).await?;
        match self.inside(step, &transaction).await {
            Ok(()) => {
                let committed = transaction.commit_for(self.caller).await;
                committed.map_err(|error| error.about(&format!("`{step}`, COMMIT")))
            }
            Err(error) => {
                // The error of the statement tells more than one of the rollback, after which the connection is closed.
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }

    async fn inside(&self, step: &Step, transaction: &Transaction) -> Result<()> {
        let started = Instant::now();
        let statements = statements(&step.sql);
        for (at, statement) in statements.iter().enumerate() {
            let sent = self.send(Source::of(transaction), statement).await;
            sent.map_err(|error| {
                let place = place(step, at, &statements, &error);
                error.about(&format!("{place}; nothing of it was kept"))
            })?;
        }
        let noted = self
            .table
            .note(step, started.elapsed(), transaction, self.caller);
        counts(step, noted.await)
    }

    /// Each statement for itself, on one connection, and then the note that it ran.
    async fn one_by_one(&self, step: &Step) -> Result<()> {
        let started = Instant::now();
        let statements = statements(&step.sql);
        let pool = Source::of(self.db);
        let hold = pool.hold();
        for (at, statement) in statements.iter().enumerate() {
            let source = hold.as_ref().map_or(pool, Source::Held);
            let sent = self.send(source, statement).await;
            sent.map_err(|error| {
                let place = place(step, at, &statements, &error);
                error.about(&format!("{place}; {}", left_behind(at, statement)))
            })?;
        }
        // Before the note is written, which waits for the only connection.
        drop(hold);
        let noted = self
            .table
            .note(step, started.elapsed(), self.db, self.caller);
        counts(step, noted.await).map_err(|error| {
            error.about("all of its statements are done, but that it ran was not noted")
        })
    }

    async fn send(&self, source: Source<'_>, statement: &Statement<'_>) -> Result<()> {
        let raw = Raw {
            sql: statement.text.to_owned().into(),
            params: Vec::new(),
            summary: None,
            repeatable: false,
        };
        let request = Request {
            statement: &raw,
            reads: Reads::Other,
            page: Page::default(),
            writes: true,
            caller: self.caller,
        };
        db::batch(source, request, &raw.sql).await
    }
}

/// Which statement failed, and in which line of the file, as exactly as PostgreSQL says.
fn place(step: &Step, at: usize, all: &[Statement<'_>], error: &Error) -> String {
    let number = at + 1;
    let line = all.get(at).map_or(0, |statement| {
        let position = error.position();
        position.map_or(statement.line, |position| statement.line_of(position))
    });
    let (of, line) = (all.len(), step.line + line);
    format!("`{step}`, statement {number} of {of}, line {line}")
}

/// What remains of one that runs without a transaction.
fn left_behind(before: usize, failed: &Statement<'_>) -> String {
    let done = match before {
        0 => "nothing before it was done".to_owned(),
        1 => "the statement before it is done and stays".to_owned(),
        before => format!("the {before} statements before it are done and stay"),
    };
    let is_concurrent = failed.text.to_ascii_uppercase().contains("CONCURRENTLY");
    let index = match is_concurrent {
        true => "; an index it was making may be left invalid, and has to be dropped",
        false => "",
    };
    format!("it runs without a transaction: {done}, and the migration does not count as run{index}")
}

fn counts(step: &Step, noted: Result<u64>) -> Result<()> {
    match noted {
        Ok(1) => Ok(()),
        Ok(_) => Err(refused(format!(
            "`{step}` was undone by somebody else meanwhile"
        ))),
        Err(error) => Err(error.about(&format!("`{step}` ran, and could not be noted"))),
    }
}
