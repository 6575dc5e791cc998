//! Rows that were not there any more, or not as they were read, when a flush came to write them.

use super::Session;
use super::failure::Failure;
use super::returned::Returned;
use super::send::run;
use super::steps::{FlushKind, FlushStep};
use crate::db::{Source, Transaction};
use crate::error::{Error, ErrorKind, Result};
use crate::value::Keys;
use std::collections::HashSet;
use std::panic::Location;

impl Session {
    /// Where rows are missing that nothing comes back of, writes the others again, which changes nothing, to learn which.
    pub(super) async fn ask_which(
        &self,
        transaction: &Transaction,
        steps: &mut [FlushStep],
        caller: &'static Location<'static>,
    ) -> Result<()> {
        for step in steps {
            let Some((_, arena)) = self.arenas.get(step.arena) else {
                continue;
            };
            let (expected, table) = (step.slots.len() as u64, arena.table());
            match &mut step.kind {
                FlushKind::Update {
                    statement,
                    updates,
                    keys,
                    returned,
                    ..
                } if returned.written < expected && statement.returned.is_empty() => {
                    *keys = updates.iter().map(|row| arena.key_of(&row.now)).collect();
                    statement.returned = table.key.to_vec();
                    *returned = Returned::new(table.key.to_vec(), table.key.len());
                }
                FlushKind::Follow {
                    statement,
                    returned,
                    ..
                } if returned.written < expected && statement.returned.is_empty() => {
                    statement.returned = table.key.to_vec();
                    *returned = Returned::new(table.key.to_vec(), table.key.len());
                }
                _ => continue,
            }
            run(Source::of(transaction), &mut step.kind, caller).await?;
        }
        Ok(())
    }

    /// What was not written, because it was not there any more as it was read.
    pub(super) fn unanswered(&self, step: &FlushStep) -> Option<(Failure, Error)> {
        let (_, arena) = self.arenas.get(step.arena)?;
        let table = arena.table();
        let (keys, returned) = match &step.kind {
            FlushKind::Insert { rows, .. } => {
                let expected = step.slots.len();
                return (rows.count() != expected).then(|| {
                    let rows = step.slots.iter().map(|slot| arena.place(*slot));
                    let kind = ErrorKind::NotFound;
                    let message = "rows did not come back: a trigger or rule of the table changes keys or drops rows";
                    let failure = Failure::new(table, rows.collect(), Vec::new(), kind);
                    (failure, Error::new(kind, message))
                });
            }
            FlushKind::Link { .. } => return None,
            // Without a version it does not matter who removed a row.
            FlushKind::Remove { .. } if table.version.is_none() => return None,
            FlushKind::Update { keys, returned, .. }
            | FlushKind::Follow { keys, returned, .. }
            | FlushKind::Remove { keys, returned, .. } => (keys, returned),
        };
        if returned.written == step.slots.len() as u64 {
            return None;
        }
        let there: HashSet<&Keys> = returned.rows.iter().map(|(key, _)| key).collect();
        let pairs = step.slots.iter().zip(keys);
        let missing = pairs.filter(|(_, key)| !there.contains(key));
        let rows: Vec<_> = missing.map(|(slot, _)| arena.place(*slot)).collect();
        let columns = table.version.map(|version| version.field);
        let kind = ErrorKind::StaleVersion;
        let failure = Failure::new(table, rows, columns.into_iter().collect(), kind);
        let message =
            "somebody else changed or removed it since it was read; refresh it, and change that";
        Some((failure, Error::new(kind, message)))
    }
}
