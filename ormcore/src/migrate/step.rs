//! What is to run.

use super::agree::{agree, in_force, status};
use super::history::Record;
use super::migrations::{Migration, Migrations, refused};
use super::{Direction, State};
use crate::error::Result;
use std::fmt;

/// A migration that is to run, or ran, up or down: of [`plan`](super::plan), [`run`](super::run) and
/// [`down`](super::down).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// Its version.
    pub version: String,
    /// Its name.
    pub name: String,
    /// Whether it is applied or undone.
    pub direction: Direction,
    /// The SQL of that direction.
    pub sql: String,
    /// Whether it runs in a transaction.
    pub transactional: bool,
    pub(super) checksum: String,
    /// In which line of its file the SQL begins, from 1.
    pub(super) line: usize,
}

/// All that have not run, from the oldest on.
pub(super) fn up(migrations: &Migrations, records: &[Record]) -> Result<Vec<Step>> {
    agree(migrations, records, true)?;
    let all = migrations.checked()?;
    let waits = |state| matches!(state, State::Pending | State::Late);
    // Where all agree there is nothing but the files.
    let states = status(all, records);
    let pending = all.iter().zip(states).filter(|(_, one)| waits(one.state));
    let step = |migration: &Migration| {
        let [line, _] = migration.lines;
        Step::new(migration, Direction::Up, &migration.up, line)
    };
    Ok(pending.map(|(migration, _)| step(migration)).collect())
}

/// The latest of those that ran, so many of them, from the latest on.
pub(super) fn down(migrations: &Migrations, records: &[Record], steps: usize) -> Result<Vec<Step>> {
    agree(migrations, records, false)?;
    let ran = |migration: &&Migration| {
        in_force(records).any(|record| record.version == migration.version)
    };
    let latest = migrations.checked()?.iter().rev().filter(ran).take(steps);
    let step = |migration: &Migration| match &migration.down {
        Some(sql) => {
            let [_, line] = migration.lines;
            Ok(Step::new(migration, Direction::Down, sql, line))
        }
        None => Err(refused(format!(
            "`{}` has no line `-- DOWN` and cannot be undone, so nothing was: write a new migration that does",
            migration.id()
        ))),
    };
    latest.map(step).collect()
}

impl Step {
    fn new(migration: &Migration, direction: Direction, sql: &str, line: usize) -> Self {
        Self {
            version: migration.version.clone(),
            name: migration.name.clone(),
            direction,
            sql: sql.to_owned(),
            transactional: migration.transactional,
            checksum: migration.checksum.clone(),
            line,
        }
    }
}

/// `20261120_173000_add_users up`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Up => "up",
            Direction::Down => "down",
        };
        write!(f, "{}_{} {direction}", self.version, self.name)
    }
}
