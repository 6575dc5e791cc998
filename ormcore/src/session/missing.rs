//! Rows that were not written, because they are not as they were read: somebody changed them, or they are not there.

use super::Session;
use super::failure::Failure;
use super::reference::Place;
use super::returned::Returned;
use super::send::look;
use super::statements::key_lists;
use super::steps::{FlushKind, FlushStep};
use crate::db::{Row, Source};
use crate::error::{Error, ErrorKind};
use crate::sql::{StillThere, Table};
use crate::value::Keys;
use std::collections::HashSet;
use std::panic::Location;

const DROPPED: &str =
    "rows were not written: a trigger or rule of the table changes keys or leaves rows out";

/// Rows of a step that were not written, or may be among those that were not.
pub(super) struct Missing {
    table: &'static Table,
    places: Vec<Place>,
    kind: Kind,
}

enum Kind {
    /// New ones.
    Inserted,
    /// With their keys. Those that are there have another version.
    Changed(Vec<Keys>),
    /// With their keys. Without a version they are found as long as they are there.
    Gone(Vec<Keys>),
    /// With their keys. Who has removed them does not matter.
    Removed(Vec<Keys>),
}

impl Session {
    /// What was not written, because it was not there any more as it was read.
    pub(super) fn unanswered(&self, step: &FlushStep) -> Option<Missing> {
        let (_, arena) = self.arenas.get(step.arena)?;
        let table = arena.table();
        let places = |slots: &[u32]| slots.iter().map(|slot| arena.place(*slot)).collect();
        let made: Vec<Keys>;
        let (keys, returned) = match &step.kind {
            FlushKind::Insert { rows, .. } => {
                return (rows.count() != step.slots.len()).then(|| Missing {
                    table,
                    places: places(&step.slots),
                    kind: Kind::Inserted,
                });
            }
            FlushKind::Link { .. } => return None,
            FlushKind::Remove { .. } if table.version.is_none() => return None,
            FlushKind::Update { keys, returned, .. }
            | FlushKind::Follow { keys, returned, .. }
            | FlushKind::Remove { keys, returned, .. } => (keys, returned),
        };
        if returned.written == step.slots.len() as u64 {
            return None;
        }
        let keys = match &step.kind {
            // Where nothing comes back nobody needs them.
            FlushKind::Update { updates, .. } if keys.is_empty() => {
                made = updates.iter().map(|row| arena.key_of(&row.now)).collect();
                &made
            }
            _ => keys,
        };
        let written: HashSet<&Keys> = returned.rows.iter().map(|(key, _)| key).collect();
        let pairs = step.slots.iter().copied().zip(keys.iter().cloned());
        let (slots, keys): (Vec<u32>, Vec<Keys>) =
            pairs.filter(|(_, key)| !written.contains(key)).unzip();
        Some(Missing {
            table,
            places: places(&slots),
            kind: match (&step.kind, table.version) {
                (FlushKind::Remove { .. }, _) => Kind::Removed(keys),
                (_, Some(_)) => Kind::Changed(keys),
                (_, None) => Kind::Gone(keys),
            },
        })
    }
}

impl Missing {
    /// Tells those that are gone from those that were changed; none, when that is what was wanted of them.
    pub(super) async fn told_apart(
        self,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Option<(Failure, Error)> {
        let Self {
            table,
            places,
            kind,
        } = self;
        let (Kind::Changed(keys) | Kind::Gone(keys) | Kind::Removed(keys)) = &kind else {
            return Some(dropped(table, places));
        };
        let lists = key_lists(table, keys);
        let mut answer = Returned::new(table.key.to_vec(), table.key.len());
        let question = StillThere { table, lists };
        let on_row = &mut |row: Row<'_>| answer.read(&row);
        if look(source, &question, on_row, caller).await.is_err() {
            // Nobody can tell.
            let message = "somebody else changed or removed it since it was read; refresh it, and change that";
            return Some(stale(table, places, Vec::new(), message));
        }
        let there: HashSet<Keys> = answer.rows.into_iter().map(|(key, _)| key).collect();
        let (mut changed, mut gone) = (Vec::new(), Vec::new());
        for (place, key) in places.iter().zip(keys) {
            match there.contains(key) {
                true => changed.push(*place),
                false => gone.push(*place),
            }
        }
        match kind {
            Kind::Gone(_) if gone.is_empty() => return Some(dropped(table, places)),
            Kind::Gone(_) => changed.clear(),
            Kind::Removed(_) => gone.clear(),
            Kind::Changed(_) | Kind::Inserted => {}
        }
        let message = match (changed.len(), gone.len()) {
            (0, 0) => return None,
            (1, 0) => "somebody else changed it since it was read; refresh it, and change that",
            (_, 0) => {
                "somebody else changed them since they were read; refresh them, and change that"
            }
            (0, 1) => {
                "it is not there any more: somebody else removed it since it was read; remove it here too, or add it anew"
            }
            (0, _) => {
                "they are not there any more: somebody else removed them since they were read; remove them here too, or add \
                 them anew"
            }
            _ => {
                "somebody else changed or removed them since they were read: refresh those that are there, and remove the \
                 others here too"
            }
        };
        Some(stale(table, changed, gone, message))
    }
}

fn stale(
    table: &'static Table,
    changed: Vec<Place>,
    gone: Vec<Place>,
    message: &'static str,
) -> (Failure, Error) {
    let column = table.version.filter(|_| !changed.is_empty());
    let columns = column.map(|version| version.field).into_iter().collect();
    let failure = Failure::stale(table, changed, gone, columns);
    (failure, Error::new(ErrorKind::StaleVersion, message))
}

fn dropped(table: &'static Table, places: Vec<Place>) -> (Failure, Error) {
    let kind = ErrorKind::NotFound;
    let failure = Failure::new(table, places, Vec::new(), kind);
    (failure, Error::new(kind, DROPPED))
}
