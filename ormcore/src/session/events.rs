//! What a flush does: row by row, for those who want to know, and in numbers.

use super::Flush;
use super::hooked::Event;
use super::reference::Place;
use super::steps::{Arenas, Work};
use crate::telemetry::SessionCounts;
use std::any::TypeId;

impl From<SessionCounts> for Flush {
    fn from(counts: SessionCounts) -> Self {
        let count = |rows| usize::try_from(rows).unwrap_or(usize::MAX);
        Self {
            pending: count(counts.pending),
            dirty: count(counts.dirty),
            deleted: count(counts.deleted),
            links: count(counts.links),
        }
    }
}

impl Work {
    /// What is about to happen to rows, or has happened.
    pub(super) fn events(&self, arenas: &Arenas, after: bool) -> Vec<(Event, TypeId, Place)> {
        let [insert, update, delete] = match after {
            false => [
                Event::BeforeInsert,
                Event::BeforeUpdate,
                Event::BeforeDelete,
            ],
            true => [Event::AfterInsert, Event::AfterUpdate, Event::AfterDelete],
        };
        let mut events = Vec::new();
        for ((kind, arena), todo) in arenas.iter().zip(&self.todo) {
            // What is inserted again had its hook before the first time, when it was what it was added as.
            let inserts = todo
                .inserts
                .iter()
                .map(|slot| match arena.is_stored(*slot) {
                    true if !after => (update, *slot),
                    _ => (insert, *slot),
                });
            let updates = todo.updates.iter().map(|row| (update, row.slot));
            let deletes = todo.deletes.iter().map(|row| (delete, row.slot));
            let all = inserts.chain(updates).chain(deletes);
            events.extend(all.map(|(event, slot)| (event, *kind, arena.place(slot))));
        }
        events
    }

    pub(super) fn counts(&self) -> SessionCounts {
        let mut counts = SessionCounts {
            links: self.edits.len() as u64,
            ..SessionCounts::default()
        };
        for todo in &self.todo {
            counts.pending += todo.inserts.len() as u64;
            counts.dirty += todo.updates.len() as u64;
            counts.deleted += todo.deletes.len() as u64;
        }
        counts
    }
}
