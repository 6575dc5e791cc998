//! What the files say against what the database says.

use super::history::Record;
use super::migrations::{Migration, Migrations, refused};
use crate::error::Result;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// How one migration stands: from [`status`](super::status).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Its version.
    pub version: String,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// When it ran, if it did.
    pub applied_at: Option<SystemTime>,
}

/// Whether a migration ran, and whether the database and the files agree on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It has not run.
    Pending,
    /// It has not run, and a later one has: an error, unless [`Migrations::out_of_order`] is said.
    Late,
    /// It ran.
    Applied,
    /// It ran, and its file is not what it was then.
    Changed,
    /// It ran, and there is no such file.
    Missing,
}

/// All migrations that there are or were, in the order of their versions.
pub(super) fn status(migrations: &[Migration], records: &[Record]) -> Vec<Status> {
    let applied: BTreeMap<&str, &Record> = in_force(records)
        .map(|record| (&*record.version, record))
        .collect();
    let last = applied.last_key_value().map(|(version, _)| *version);
    let of_file = |migration: &Migration| {
        let ran = applied.get(&*migration.version);
        let state = match ran {
            Some(ran) if ran.checksum == migration.checksum => State::Applied,
            Some(_) => State::Changed,
            None if last.is_some_and(|last| *migration.version < *last) => State::Late,
            None => State::Pending,
        };
        Status {
            version: migration.version.clone(),
            name: migration.name.clone(),
            state,
            applied_at: ran.map(|ran| ran.applied_at),
        }
    };
    let mut all: Vec<Status> = migrations.iter().map(of_file).collect();
    let is_there = |version: &str| migrations.iter().any(|one| one.version == version);
    for record in in_force(records).filter(|record| !is_there(&record.version)) {
        all.push(Status {
            version: record.version.clone(),
            name: record.name.clone(),
            state: State::Missing,
            applied_at: Some(record.applied_at),
        });
    }
    all.sort_by(|one, other| one.version.cmp(&other.version));
    all
}

/// Those that ran and were not undone.
pub(super) fn in_force(records: &[Record]) -> impl Iterator<Item = &Record> {
    records.iter().filter(|record| record.undone_at.is_none())
}

/// # Errors
/// When one changed or is missing; with `late`, when one has not run that is older than one that did. All of them are named.
pub(super) fn agree(migrations: &Migrations, records: &[Record], late: bool) -> Result<()> {
    let mut faults = Vec::new();
    for Status {
        version,
        name,
        state,
        ..
    } in status(migrations.checked()?, records)
    {
        let fault = match state {
            State::Changed => {
                "ran, and its file is another now: restore it, and write a new migration for the change"
            }
            State::Missing => "ran, and its file is not there: restore it",
            State::Late if late && !migrations.out_of_order => {
                "has not run, and a later one has: give it a later version, or say `.out_of_order()`"
            }
            State::Late | State::Pending | State::Applied => continue,
        };
        faults.push(format!("`{version}_{name}` {fault}"));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let message = format!(
        "the database and the migrations do not agree, and nothing was run: {}",
        faults.join("; ")
    );
    Err(refused(message))
}
