//! What is written behind the inserts: keys in a circle, and rows of tables between.

use super::edits::Edit;
use super::erased::{AnyArena, Wrong};
use super::returned::Returned;
use super::statements::{key_arrays, returned};
use super::steps::{Arenas, FlushKind, FlushStep, Work, WrongIn};
use super::todo::{made_keys, wrong};
use super::within::scope_of;
use crate::error::Error;
use crate::sql::{LinkRows, Said, Table, Through, WriteBack};
use crate::value::{KeyValue, Param};

impl Work {
    /// Keys that were not there yet when their rows were inserted.
    pub(super) fn follow(&self, arenas: &Arenas, steps: &mut Vec<FlushStep>) {
        let mut columns: Vec<(usize, usize)> = Vec::new();
        for ((arena, _), column, _) in &self.following {
            if !columns.contains(&(*arena, *column)) {
                columns.push((*arena, *column));
            }
        }
        for (at, column) in columns {
            let Some((_, arena)) = arenas.get(at) else {
                continue;
            };
            let table = arena.table();
            let Some(info) = table.columns.get(column).copied() else {
                continue;
            };
            let (mut slots, mut parts, mut keys) = (Vec::new(), Vec::new(), Vec::new());
            for ((owner, slot), of, target) in &self.following {
                let key = self.key_of(arena.as_ref(), (*owner, *slot));
                if let (true, Some(part), Some(key)) =
                    ((*owner, *of) == (at, column), self.made.get(target), key)
                {
                    slots.push(*slot);
                    parts.push(part.clone());
                    keys.push(key);
                }
            }
            let Ok(values) = made_keys(info, &parts) else {
                continue;
            };
            let mut arrays = key_arrays(table, &keys);
            arrays.push(values);
            let (returned, places) = returned(table);
            steps.push(FlushStep {
                arena: at,
                slots,
                kind: FlushKind::Follow {
                    statement: WriteBack {
                        table,
                        columns: table.key.iter().copied().chain([info]).collect(),
                        found_by: table.key.len(),
                        arrays,
                        returned: returned.clone(),
                    },
                    column,
                    parts,
                    keys,
                    returned: Returned::new(returned, table.key.len()),
                    places,
                },
                error: None,
            });
        }
    }

    /// One statement for all links of a table that come, or for all that go.
    pub(super) fn link(
        &self,
        adds: bool,
        arenas: &Arenas,
        said: Option<&Said>,
        steps: &mut Vec<FlushStep>,
    ) -> Result<(), WrongIn> {
        let mut groups: Vec<(&'static Through, Vec<Edit>)> = Vec::new();
        for edit in self.edits.iter().filter(|edit| edit.adds == adds) {
            let of_its = |(through, edits): &mut (&'static Through, Vec<Edit>)| {
                let named = edit.named_by(through);
                named.map(|named| edits.push(named)).is_some()
            };
            if !groups.iter_mut().any(of_its) {
                groups.push((edit.through, vec![*edit]));
            }
        }
        for (through, edits) in groups {
            let mut lists: Vec<Vec<KeyValue>> = vec![Vec::new(); through.ends().count()];
            for edit in &edits {
                let [owner, target] = edit.rows().map(|row| {
                    let arena = arenas.get(row.0).map(|(_, arena)| &**arena);
                    let key = arena.and_then(|arena| self.key_of(arena, row));
                    key.ok_or_else(|| (row.0, unknown(arena.map(AnyArena::table), row.1)))
                });
                let (owner, target) = (owner?, target?);
                let scope = scope_of(through, said);
                let scope = scope.filter(|_| through.scope_behind(owner.parts().len()));
                let theirs = through.there.iter().zip(target.parts());
                let theirs = theirs.filter(|(column, _)| !through.is_shared(column));
                let parts = owner.parts().iter().chain(scope);
                let parts = parts.chain(theirs.map(|(_, part)| part));
                for (list, part) in lists.iter_mut().zip(parts) {
                    list.push(part.clone());
                }
            }
            let first = edits.first().map_or((0, 0), |edit| edit.rows()[0]);
            steps.push(FlushStep {
                arena: first.0,
                slots: edits.iter().map(|edit| edit.rows()[0].1).collect(),
                kind: FlushKind::Link {
                    statement: LinkRows {
                        through,
                        adds,
                        lists: lists.into_iter().map(Param::other).collect(),
                    },
                },
                error: None,
            });
        }
        Ok(())
    }
}

/// A key that is known when the row is there, and not before.
fn unknown(table: Option<&'static Table>, slot: u32) -> Wrong {
    let entity = table.map_or("", |table| table.entity);
    let message = format!(
        "the database makes the key of a new `{entity}`, or a part of it, in a way that cannot be asked for; flush before it \
         is linked"
    );
    wrong(slot, None, Error::usage(message))
}
