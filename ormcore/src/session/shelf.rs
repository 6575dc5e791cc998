//! The rows of one answer, in the order they came: those that are known are where they are, the others wait to be filed.

use super::arena::{Arena, learn};
use super::edges::edge;
use super::kept::Known;
use super::reference::Place;
use super::relate::keys_of;
use super::store::{Brought, File, Filing, Keeping};
use super::tracked::Tracked;
use crate::db::Row;
use crate::entity::Key;
use crate::error::{Error, Result};
use crate::query::{Line, RelationId, Shelf};
use crate::sql::ColumnInfo;
use crate::value::{Entry, KeyMap, Keys, Type};
use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

pub(super) struct OnShelf<'s, E: Tracked> {
    keeping: &'s Keeping<'s>,
    arena: Option<&'s Arena<E>>,
    known: Known,
    /// The places of the key's columns.
    key: Vec<usize>,
    items: Vec<Item>,
    /// The rows that are new, or to be read again, and their numbers by their keys.
    rows: Vec<E>,
    by_key: Arc<KeyMap>,
    types: Vec<Type>,
    /// How many came that were known, or had come already.
    hits: u64,
    /// What the rows are asked by, if that is known already.
    keys: Option<Vec<Option<Keys>>>,
    along: Vec<Along>,
}

/// A row that came.
#[derive(Clone, Copy)]
enum Item {
    /// It is to be removed, and nobody is to see it.
    Hidden,
    /// It is in this slot.
    Known(u32),
    /// It is in this slot, and did not come: what comes belongs to it.
    Owner(u32),
    /// It has this number among those that wait.
    New(u32),
}

/// What came along by a relation.
struct Along {
    relation: RelationId,
    whole: bool,
    /// Which rows belong to each owner, unless that is told by keys.
    of_each: Option<Vec<Vec<usize>>>,
    found: Box<dyn File>,
}

impl<'s, E: Tracked> OnShelf<'s, E> {
    /// Room for so many rows.
    pub(super) fn empty(keeping: &'s Keeping<'s>, known: Known, likely: usize) -> Self {
        let arena = keeping.arena::<E>();
        Self {
            keeping,
            arena,
            known,
            key: E::TABLE.positions(E::TABLE.key),
            items: Vec::with_capacity(likely),
            rows: Vec::new(),
            by_key: Arc::default(),
            types: arena.map_or_else(Vec::new, |arena| arena.types.clone()),
            hits: 0,
            keys: None,
            along: Vec::new(),
        }
    }

    /// Rows that are there already, and what they are asked by.
    pub(super) fn of_owners(keeping: &'s Keeping<'s>, owners: Vec<(u32, Option<Keys>)>) -> Self {
        let owners = owners.into_iter();
        let (items, keys) = owners.map(|(slot, key)| (Item::Owner(slot), key)).unzip();
        Self {
            items,
            keys: Some(keys),
            ..Self::empty(keeping, Known::Stays, 0)
        }
    }

    fn keys_in(&self, item: Item, columns: &[&'static ColumnInfo]) -> Option<Keys> {
        match item {
            Item::Hidden => None,
            Item::Known(slot) | Item::Owner(slot) => self.arena?.keys_at(slot, columns),
            Item::New(number) => keys_of(self.rows.get(number as usize)?, &self.types, columns),
        }
    }

    /// One that is not known, or to be read again, unless it has come already.
    fn number(&mut self, key: Keys, row: &Row<'_>) -> Result<Item> {
        let by_key = Arc::get_mut(&mut self.by_key);
        let by_key = by_key.ok_or_else(|| Error::usage("a row comes behind its answer"))?;
        let entry = match by_key.entry(key) {
            Entry::At(number) => {
                self.hits += 1;
                return Ok(Item::New(number));
            }
            free => free,
        };
        learn::<E>(&mut self.types, row);
        let number = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.rows.push(E::from_row(row)?);
        entry.fill(number);
        Ok(Item::New(number))
    }
}

impl<E: Tracked> Shelf for OnShelf<'_, E> {
    fn put(&mut self, row: Row<'_>) -> Result<()> {
        let key = E::Key::read(&row, &self.key)?.keys();
        let known = self
            .arena
            .and_then(|arena| arena.standing(&key, self.known));
        let item = match known {
            Some(None) => Item::Hidden,
            Some(Some(slot)) => {
                self.hits += 1;
                Item::Known(slot)
            }
            None => self.number(key, &row)?,
        };
        self.items.push(item);
        Ok(())
    }

    fn again(&mut self) {
        self.items.extend(self.items.last().copied());
    }

    fn len(&self) -> usize {
        self.items.len()
    }

    fn keys(&self, columns: &[&'static ColumnInfo]) -> Cow<'_, [Option<Keys>]> {
        if let Some(keys) = &self.keys {
            return Cow::Borrowed(keys);
        }
        let items = self.items.iter();
        items.map(|item| self.keys_in(*item, columns)).collect()
    }

    fn known(&self, relation: RelationId, above: &Line) -> Vec<bool> {
        let Some(edge) = edge::<E>(relation) else {
            return vec![false; self.items.len()];
        };
        let (target, own) = (edge.target, TypeId::of::<E>());
        let mut hits = HashSet::new();
        let known = |item: &Item| {
            let key = self.keys_in(*item, edge.info.owner_columns);
            let key = key.filter(|key| {
                let has_come =
                    || above.has(target, key) || (target == own && self.by_key.get(key).is_some());
                !key.is_null() && (self.keeping.is_known(target, key) || has_come())
            });
            key.map(|key| hits.insert(key)).is_some()
        };
        let known = self.items.iter().map(known).collect();
        // As if they had come: each of them once.
        self.keeping.hit(&edge, hits.len() as u64);
        known
    }

    fn line(&self, above: &Line) -> Line {
        above.and(TypeId::of::<E>(), Arc::clone(&self.by_key))
    }

    fn belong(
        &mut self,
        relation: RelationId,
        whole: bool,
        of_each: Option<Vec<Vec<usize>>>,
        found: Box<dyn Any + Send>,
    ) {
        if let Ok(found) = found.downcast::<Brought>() {
            self.along.push(Along {
                relation,
                whole,
                of_each,
                found: found.0,
            });
        }
    }

    fn close(self: Box<Self>) -> Box<dyn Any + Send> {
        let Self {
            known,
            items,
            rows,
            types,
            hits,
            along,
            ..
        } = *self;
        Box::new(Brought(Box::new(Waiting {
            known,
            items,
            rows,
            types,
            hits,
            along,
        })))
    }
}

/// The same when all of it is there.
struct Waiting<E> {
    known: Known,
    items: Vec<Item>,
    rows: Vec<E>,
    types: Vec<Type>,
    hits: u64,
    along: Vec<Along>,
}

impl<E: Tracked> File for Waiting<E> {
    fn file(self: Box<Self>, into: &mut Filing<'_>) -> Result<Vec<Option<Place>>> {
        let set = into.next_set();
        into.are_one(&self.rows)?;
        let (at, arena) = into.arena::<E>()?;
        arena.know(self.types);
        arena.reserve(self.rows.len());
        let (mut hits, mut new) = (self.hits, Vec::with_capacity(self.rows.len()));
        let mut slots = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let filed = arena.file(row, self.known, set)?;
            match filed {
                Some((slot, false)) => new.push(arena.place(slot)),
                _ => hits += 1,
            }
            slots.push(filed.map(|(slot, _)| slot));
        }
        let mut places = Vec::with_capacity(self.items.len());
        for item in self.items {
            let slot = match item {
                Item::Hidden => None,
                Item::Owner(slot) => Some(slot),
                Item::Known(slot) => {
                    arena.came(slot, set);
                    Some(slot)
                }
                Item::New(number) => slots.get(number as usize).copied().flatten(),
            };
            places.push(slot.map(|slot| arena.place(slot)));
        }
        into.note(at, &new, hits);
        for along in self.along {
            along.file::<E>(&places, into)?;
        }
        Ok(places)
    }
}

impl Along {
    fn file<E: Tracked>(self, owners: &[Option<Place>], into: &mut Filing<'_>) -> Result<()> {
        let found = self.found.file(into)?;
        let (Some(of_each), Some(edge)) = (self.of_each, edge::<E>(self.relation)) else {
            return Ok(());
        };
        let place = |number: &usize| found.get(*number).copied().flatten();
        for (owner, rows) in owners.iter().zip(of_each) {
            if let Some(owner) = owner {
                let rows = (edge.handles)(&mut rows.iter().filter_map(place));
                into.lists.put(edge.info, *owner, rows, self.whole);
            }
        }
        Ok(())
    }
}
