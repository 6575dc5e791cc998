//! Rows that came with relations: each goes to its arena, and who belongs to whom goes to the lists.

use super::Session;
use super::reference::{Place, Ref};
use super::tracked::{EachRelation, Tracked};
use crate::db::Source;
use crate::error::Result;
use crate::query::{Fetch, Question, fetch};
use crate::relation::{Relation, RelationInfo, take};
use crate::telemetry::ResultSet;
use std::any::TypeId;

impl Session {
    /// Asks, together with relations. What comes along is decoded before it is known whether it was known.
    pub(super) async fn fetch<E: Tracked>(&mut self, question: Question<E>) -> Result<Vec<Ref<E>>> {
        let set = ResultSet::next();
        let Question {
            select,
            page,
            withs,
            level,
        } = question;
        let asked = Fetch {
            operation: select.operation,
            base: select.base,
            led_by: None,
            copies: false,
            page,
            withs,
            set,
            level,
        };
        let source = match &self.transaction {
            Some(transaction) => Source::of(transaction),
            None => Source::of(&self.db),
        };
        let rows = fetch(source, asked, &mut |_| Ok(())).await?;
        let mut loaded = Vec::new();
        let places = self.adopt(rows, &mut loaded)?;
        self.loaded(loaded).await?;
        Ok(places.into_iter().flatten().map(Ref::new).collect())
    }

    /// Puts rows into their arena, and what they hold into others.
    fn adopt<E: Tracked>(
        &mut self,
        mut rows: Vec<E>,
        loaded: &mut Vec<(TypeId, Place)>,
    ) -> Result<Vec<Option<Place>>> {
        self.keeps_to_one_scope::<E>(None)?;
        let watched = self.hooks.watches::<E>();
        let mut adopting = Adopting {
            session: self,
            loaded,
            rows: &mut rows,
            found: Vec::new(),
            failed: Ok(()),
        };
        E::relations(&mut adopting);
        let Adopting { found, failed, .. } = adopting;
        failed?;
        let types = self.db.column_types(E::TABLE);
        let set = self.next_set();
        let arena = self.arena_mut::<E>()?;
        if let (true, Some(types)) = (arena.types.is_empty(), types) {
            arena.types = types.to_vec();
        }
        let mut places = Vec::with_capacity(rows.len());
        let (mut hits, mut misses) = (0, 0);
        for row in rows {
            let slot = arena.adopt(row, set);
            match slot {
                Some((_, true)) => hits += 1,
                _ => misses += 1,
            }
            let place = slot.map(|(slot, _)| arena.place(slot));
            if let (true, Some((_, false)), Some(place)) = (watched, slot, place) {
                loaded.push((TypeId::of::<E>(), place));
            }
            places.push(place);
        }
        self.db
            .telemetry()
            .identity_map(E::TABLE.name, hits, misses);
        for Found { info, owners, put } in found {
            for (owner, rows) in places.iter().zip(owners) {
                if let (Some(owner), Some(rows)) = (owner, rows) {
                    put(self, info, *owner, rows);
                }
            }
        }
        Ok(places)
    }
}

/// What one relation led to, for each of its owners.
struct Found {
    info: &'static RelationInfo,
    owners: Vec<Option<Vec<Place>>>,
    put: fn(&mut Session, &'static RelationInfo, Place, Vec<Place>),
}

struct Adopting<'a, E> {
    session: &'a mut Session,
    loaded: &'a mut Vec<(TypeId, Place)>,
    rows: &'a mut Vec<E>,
    found: Vec<Found>,
    failed: Result<()>,
}

impl<E: Tracked> EachRelation<E> for Adopting<'_, E> {
    fn relation<R: Relation<Owner = E>>(&mut self, relation: R)
    where
        R::Target: Tracked,
    {
        let taken = take(relation, self.rows);
        if self.failed.is_err() || taken.owners.iter().all(Option::is_none) {
            return;
        }
        let places = match self.session.adopt(taken.rows, self.loaded) {
            Ok(places) => places,
            Err(error) => {
                self.failed = Err(error);
                return;
            }
        };
        let info = relation.info();
        // Where a key leads is found by the key.
        if info.refers {
            return;
        }
        let of_owner = |rows: Vec<usize>| {
            let rows = rows.into_iter();
            rows.filter_map(|at| *places.get(at)?).collect()
        };
        let owners = taken.owners.into_iter();
        self.found.push(Found {
            info,
            owners: owners.map(|rows| rows.map(of_owner)).collect(),
            put: |session, info, owner, rows| {
                let rows: Vec<Ref<R::Target>> = rows.into_iter().map(Ref::new).collect();
                session.lists.set(info, owner, rows);
            },
        });
    }
}
