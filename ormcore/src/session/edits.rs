//! Links that are to come or to go, and which word about each counts.

use super::reference::Place;
use super::steps::{Arenas, At};
use crate::sql::{ColumnInfo, Table, Through};
use std::collections::HashSet;

/// A row of a table between two others that is to come or to go.
#[derive(Clone, Copy)]
pub(super) struct Edit {
    pub(super) through: &'static Through,
    pub(super) owner: (usize, Place),
    pub(super) target: (usize, Place),
    pub(super) adds: bool,
}

/// The columns that hold the keys of both sides, the owner's first, each by its first one.
type Sides = [Option<&'static str>; 2];

/// The rows of a table, or those of one kind.
type Rows = (Option<&'static str>, &'static str, Option<&'static str>);

/// A row between two others, the same from whichever side it is named.
#[derive(PartialEq, Eq, Hash)]
struct Link {
    rows: Rows,
    ends: [(Option<&'static str>, (usize, Place)); 2],
}

impl Edit {
    pub(super) fn rows(&self) -> [At; 2] {
        [self.owner, self.target].map(|(arena, place)| (arena, place.slot))
    }

    /// The same, as another relation over the table names it; none, where that is about other columns.
    pub(super) fn named_by(self, through: &'static Through) -> Option<Self> {
        let (owner, target) = match way(self.through, through)? {
            Way::Same => (self.owner, self.target),
            Way::Back => (self.target, self.owner),
        };
        Some(Self {
            through,
            owner,
            target,
            ..self
        })
    }

    fn link(&self) -> Link {
        let [here, there] = sides(self.through);
        let mut ends = [(here, self.owner), (there, self.target)];
        ends.sort_unstable_by_key(|(column, _)| *column);
        Link {
            rows: rows(self.through.table),
            ends,
        }
    }

    /// Whether it can still be written: a link ends also while a row of it goes.
    fn is_live(&self, arenas: &Arenas) -> bool {
        [self.owner, self.target].iter().all(|(at, place)| {
            let arena = arenas.get(*at);
            arena.is_some_and(|(_, arena)| arena.is_live(*place, !self.adds))
        })
    }
}

/// How two relations over a table are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// They lead the same way.
    Same,
    /// One leads back where the other came from.
    Back,
}

/// How two relations lead, if they are over the same columns of the same table.
pub(super) fn way(one: &Through, other: &Through) -> Option<Way> {
    if rows(one.table) != rows(other.table) {
        return None;
    }
    let ([here, there], other) = (sides(one), sides(other));
    match other {
        _ if other == [here, there] => Some(Way::Same),
        _ if other == [there, here] => Some(Way::Back),
        _ => None,
    }
}

fn rows(table: &Table) -> Rows {
    let kind = table.kind.as_ref().map(|kind| kind.value);
    (table.schema, table.name, kind)
}

fn sides(through: &Through) -> Sides {
    let scope = through.owners.scope.map(|scope| scope.column);
    let is_in = |column: &ColumnInfo, columns: &[&ColumnInfo]| {
        columns.iter().any(|other| std::ptr::eq(*other, column))
    };
    let own = |columns: &[&'static ColumnInfo], others: &[&ColumnInfo]| {
        let mut own = columns.iter().filter(|column| {
            let is_scope = scope.is_some_and(|scope| std::ptr::eq(scope, **column));
            !is_scope && !is_in(column, others)
        });
        own.next().map(|column| column.name)
    };
    let (here, there) = (through.owners.columns, through.there);
    [own(here, there), own(there, here)]
}

/// The last word about each link that can still be written.
pub(super) fn last_words(edits: &[Edit], arenas: &Arenas) -> Vec<Edit> {
    let mut said = HashSet::new();
    let last = edits.iter().rev();
    let last = last.filter(|edit| said.insert(edit.link()) && edit.is_live(arenas));
    let mut last: Vec<Edit> = last.copied().collect();
    last.reverse();
    last
}
