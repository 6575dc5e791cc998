//! What the caller asked for, kept while hooks change it: what they did in a flush that came to nothing is undone, because
//! they are called again when it is done again.

use super::Session;
use super::arena::{Arena, encode};
use super::kept::{Content, Removed};
use super::pending::Pending;
use super::reference::Place;
use super::tracked::Tracked;
use crate::value::Encoded;
use std::collections::HashMap;

/// Until a flush is written: how many links there were before its hooks, and how many rows of hooks.
pub(super) struct Asked {
    edits: usize,
    behind: usize,
}

/// The rows of an arena that were to be written before hooks were called.
pub(super) type AskedRows<E> = HashMap<Place, AskedRow<E>>;

pub(super) enum AskedRow<E> {
    New(Box<dyn Pending<E>>),
    Stored { now: Encoded, removed: Removed },
}

/// A column that hooks have changed: as it was asked for, and as it was written.
pub(super) struct Hooked {
    column: usize,
    asked: Vec<u8>,
    written: Vec<u8>,
}

/// A flush whose hooks are called. What they change is undone when this is dropped, unless it was written.
pub(super) struct Attempt<'s>(pub(super) &'s mut Session);

impl<'s> Attempt<'s> {
    pub(super) fn begin(session: &'s mut Session) -> Self {
        if session.asked.is_none() {
            session.asked = Some(Asked {
                edits: session.edits.len(),
                behind: session.behind.len(),
            });
            for (_, arena) in &mut session.arenas {
                arena.remember();
            }
        }
        Self(session)
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.0.recall();
    }
}

impl Session {
    /// Undoes what hooks have changed since a flush began, unless that was written.
    pub(super) fn recall(&mut self) {
        if let Some(asked) = self.asked.take() {
            for (_, arena) in &mut self.arenas {
                arena.recall();
            }
            self.edits.truncate(asked.edits);
            self.behind.truncate(asked.behind);
        }
    }

    /// The hooks before a flush have all run: rows that they have added go with what they were added for.
    pub(super) fn note_added(&mut self) {
        for (at, (_, arena)) in self.arenas.iter_mut().enumerate() {
            self.behind
                .extend(arena.added().into_iter().map(|place| (at, place)));
        }
    }
}

impl<E: Tracked> Arena<E> {
    pub(super) fn remember_rows(&mut self) {
        let row = |slot: &u32| match &self.slots.get(*slot as usize)?.content {
            Content::Vacant => None,
            Content::Pending(draft) => Some((self.place(*slot), AskedRow::New(draft.copy()))),
            Content::Row(kept) => {
                let (now, _) = encode(&kept.row, &self.types);
                let removed = kept.removed;
                Some((self.place(*slot), AskedRow::Stored { now, removed }))
            }
        };
        self.asked = Some(self.touched.iter().filter_map(row).collect());
    }

    /// New rows that were not asked for.
    pub(super) fn added_rows(&mut self) -> Vec<Place> {
        let asked = self.asked.take().unwrap_or_default();
        let touched = self.touched.iter().map(|slot| self.place(*slot));
        let added = touched.filter(|place| {
            let is_new = matches!(self.content(*place), Ok(Content::Pending(_)));
            is_new && !asked.contains_key(place)
        });
        let added = added.collect();
        self.asked = Some(asked);
        added
    }

    /// A new row that a hook has removed stays so.
    pub(super) fn recall_rows(&mut self) {
        let mut asked = self.asked.take().unwrap_or_default();
        for slot in self.touched.clone() {
            let before = asked.remove(&self.place(slot));
            let Some(entry) = self.slots.get_mut(slot as usize) else {
                continue;
            };
            match (before, &mut entry.content) {
                (_, Content::Vacant) => {}
                (Some(AskedRow::New(before)), Content::Pending(draft)) => *draft = before,
                (Some(AskedRow::Stored { now, removed }), Content::Row(kept)) => {
                    kept.removed = removed;
                    self.put_back(slot, &now);
                }
                (None, Content::Pending(_)) => self.vacate(slot),
                (None, Content::Row(_)) => self.undo_changes(slot),
                (Some(_), _) => {}
            }
        }
    }

    fn put_back(&mut self, slot: u32, asked: &Encoded) {
        let Some((now, _)) = self.kept(slot).map(|kept| encode(&kept.row, &self.types)) else {
            return;
        };
        if (0..asked.len()).all(|at| asked.part(at) == now.part(at)) {
            return;
        }
        if let Some(kept) = self.kept_mut(slot) {
            // A hook may have read it again.
            kept.before.get_or_insert_with(|| Box::new(now));
        }
        self.restore_columns(slot, asked, 0..asked.len());
    }

    /// What hooks have changed in a row that is written now, apart from columns in which another key stands for that asked for.
    pub(super) fn hooked(
        &self,
        slot: u32,
        before: Option<&Encoded>,
        written: &Encoded,
        resolved: &[usize],
    ) -> Vec<Hooked> {
        let Some(rows) = &self.asked else {
            return Vec::new();
        };
        let asked = match rows.get(&self.place(slot)) {
            Some(AskedRow::Stored { now, .. }) => Some(now),
            Some(AskedRow::New(_)) => None,
            None => before,
        };
        asked.map_or_else(Vec::new, |asked| changed_parts(asked, written, resolved))
    }

    /// The same of a row that is inserted again, and has come back as this.
    pub(super) fn hooked_again(&self, slot: u32, row: &E) -> Vec<Hooked> {
        let kept = self.kept(slot).filter(|_| self.asked.is_some());
        let Some((sent, _)) = kept.map(|kept| encode(&kept.row, &self.types)) else {
            return Vec::new();
        };
        let (written, _) = encode(row, &self.types);
        let mut hooked = self.hooked(slot, None, &sent, &[]);
        for one in &mut hooked {
            one.written = written.part(one.column).to_vec();
        }
        hooked
    }

    /// Whether a row that goes now was removed by a hook.
    pub(super) fn is_removed_by_hook(&self, slot: u32) -> bool {
        let Some(rows) = &self.asked else {
            return false;
        };
        let asked = rows.get(&self.place(slot));
        let was_wanted = asked.is_some_and(
            |row| matches!(row, AskedRow::Stored { removed, .. } if *removed == Removed::Wanted),
        );
        let is_wanted = self.kept(slot);
        is_wanted.is_some_and(|kept| kept.removed == Removed::Wanted) && !was_wanted
    }

    /// Undoes what hooks have changed in a row that is to be written again, the last first, unless it was changed since.
    pub(super) fn unhook(&mut self, slot: u32, hooked: &[Hooked]) {
        let kept = self.kept(slot).filter(|_| !hooked.is_empty());
        let Some((mut row, _)) = kept.map(|kept| encode(&kept.row, &self.types)) else {
            return;
        };
        for one in hooked {
            if row.part(one.column) == one.written {
                row = row.with(one.column, &one.asked);
            }
        }
        self.restore_columns(slot, &row, hooked.iter().map(|one| one.column));
    }

    /// The hooks behind a flush have all run: what they have changed is none of the caller's.
    pub(super) fn note_echoes_of_hooks(&mut self) {
        for slot in self.touched.clone() {
            let before = self.kept(slot).and_then(|kept| kept.before.as_deref());
            let Some(before) = before else {
                continue;
            };
            let Some((now, _)) = self.kept(slot).map(|kept| encode(&kept.row, &self.types)) else {
                continue;
            };
            let changed = changed_parts(before, &now, &[]);
            self.echoes.insert(slot, changed);
        }
    }
}

/// What was made of the columns of a row, apart from some.
fn changed_parts(asked: &Encoded, written: &Encoded, apart: &[usize]) -> Vec<Hooked> {
    let columns = (0..written.len()).filter(|at| !apart.contains(at));
    let changed = columns.filter(|at| asked.part(*at) != written.part(*at));
    let hooked = changed.map(|column| Hooked {
        column,
        asked: asked.part(column).to_vec(),
        written: written.part(column).to_vec(),
    });
    hooked.collect()
}
