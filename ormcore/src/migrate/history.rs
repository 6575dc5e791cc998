//! The table `ormcore_migrations`: what ran, when, and what was undone.

use super::Direction;
use super::step::Step;
use crate::db::{Db, Executor};
use crate::error::Result;
use crate::query::sql;
use crate::sql::identifier;
use std::panic::Location;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A migration that ran: from [`history`](super::history).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Its version.
    pub version: String,
    /// Its name.
    pub name: String,
    /// The checksum its file had.
    pub checksum: String,
    /// When it had run, by the server's clock.
    pub applied_at: SystemTime,
    /// How long it took, in whole milliseconds.
    pub took: Duration,
    /// When it was undone, if it was.
    pub undone_at: Option<SystemTime>,
}

/// The table, quoted and with its schema: migrations may change where names are looked for.
pub(super) struct Table(String);

const FIND: &str = "SELECT n.nspname::text FROM pg_catalog.pg_class c \
                    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                    WHERE c.oid = pg_catalog.to_regclass('ormcore_migrations')";

/// A migration is in force once at most, whatever became of the lock.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS ormcore_migrations (\
                      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
                      version text NOT NULL, \
                      name text NOT NULL, \
                      checksum text NOT NULL, \
                      applied_at timestamptz NOT NULL DEFAULT clock_timestamp(), \
                      took_ms bigint NOT NULL, \
                      undone_at timestamptz); \
                      CREATE UNIQUE INDEX IF NOT EXISTS ormcore_migrations_in_force \
                      ON ormcore_migrations (version) WHERE undone_at IS NULL";

const COLUMNS: &str = "version, name, checksum, (extract(epoch FROM applied_at) * 1000000)::bigint, \
                       took_ms, (extract(epoch FROM undone_at) * 1000000)::bigint";

type Columns = (String, String, String, i64, i64, Option<i64>);

/// What ran, in the order it did; nothing, where there is no table.
pub(super) async fn read(db: &Db, caller: &'static Location<'static>) -> Result<Vec<Record>> {
    match find(db, caller).await? {
        Some(table) => table.records(db, caller).await,
        None => Ok(Vec::new()),
    }
}

/// The table, which is made if it is not there.
pub(super) async fn table(db: &Db, caller: &'static Location<'static>) -> Result<Table> {
    if let Some(table) = find(db, caller).await? {
        return Ok(table);
    }
    let create = sql(CREATE).summary("CREATE TABLE ormcore_migrations");
    create.batch_at(db, caller).await?;
    let table = find(db, caller).await?;
    Ok(table.unwrap_or_else(|| Table("ormcore_migrations".to_owned())))
}

async fn find(db: &Db, caller: &'static Location<'static>) -> Result<Option<Table>> {
    let find = sql(FIND).summary("SELECT pg_class");
    let found: Vec<(String,)> = find.all_at(db, caller).await?;
    let table = |(schema,): &(String,)| Table(identifier(schema) + ".\"ormcore_migrations\"");
    Ok(found.first().map(table))
}

impl Table {
    pub(super) async fn records(
        &self,
        db: &Db,
        caller: &'static Location<'static>,
    ) -> Result<Vec<Record>> {
        let read = sql(format!("SELECT {COLUMNS} FROM {} ORDER BY id", self.0));
        let read = read.summary("SELECT ormcore_migrations");
        let rows: Vec<Columns> = read.all_at(db, caller).await?;
        let record = |(version, name, checksum, applied_at, took, undone_at): Columns| Record {
            version,
            name,
            checksum,
            applied_at: moment(applied_at),
            took: Duration::from_millis(took.unsigned_abs()),
            undone_at: undone_at.map(moment),
        };
        Ok(rows.into_iter().map(record).collect())
    }

    /// Notes that it ran; says whether it counts, which it does unless somebody else noted that too.
    pub(super) async fn note(
        &self,
        step: &Step,
        took: Duration,
        executor: &impl Executor,
        caller: &'static Location<'static>,
    ) -> Result<u64> {
        let table = &self.0;
        let note = match step.direction {
            Direction::Up => {
                let took = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
                let columns = "(version, name, checksum, took_ms)";
                let insert = format!("INSERT INTO {table} {columns} VALUES ($1, $2, $3, $4)");
                let insert = sql(insert).summary("INSERT ormcore_migrations");
                let insert = insert.bind(step.version.clone()).bind(step.name.clone());
                insert.bind(step.checksum.clone()).bind(took)
            }
            Direction::Down => {
                let update = format!(
                    "UPDATE {table} SET undone_at = pg_catalog.clock_timestamp() \
                     WHERE version = $1 AND undone_at IS NULL"
                );
                let update = sql(update).summary("UPDATE ormcore_migrations");
                update.bind(step.version.clone())
            }
        };
        note.execute_at(executor, caller).await
    }
}

/// Of so many microseconds since 1970.
fn moment(microseconds: i64) -> SystemTime {
    let since = Duration::from_micros(microseconds.unsigned_abs());
    let moment = match microseconds < 0 {
        true => UNIX_EPOCH.checked_sub(since),
        false => UNIX_EPOCH.checked_add(since),
    };
    moment.unwrap_or(UNIX_EPOCH)
}
