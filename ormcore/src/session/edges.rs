//! Where a relation leads, found by its description: the type of what is there, and what a session needs for it.

use super::kept::Known;
use super::lists::Handles;
use super::reference::{Place, Ref};
use super::refusal::no_relation;
use super::shelf::OnShelf;
use super::store::Keeping;
use super::tracked::{EachRelation, Lead, Tracked};
use crate::error::{Error, Result};
use crate::query::{RelationId, Shelf};
use crate::relation::{Relation, RelationInfo};
use std::any::TypeId;

/// A relation of an entity.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub(super) info: &'static RelationInfo,
    /// The type it leads to.
    pub(super) target: TypeId,
    /// Makes a place for rows of that type.
    pub(super) shelf: for<'k> fn(&'k Keeping<'k>) -> Box<dyn Shelf + 'k>,
    /// Makes a list of handles of that type.
    pub(super) handles: fn(&mut dyn Iterator<Item = Place>) -> Box<dyn Handles>,
}

/// The entity's relation of this description.
pub(super) fn edge<E: Tracked>(relation: RelationId) -> Option<Edge> {
    let mut looking = Looking {
        relation,
        found: None,
    };
    E::relations(&mut looking);
    looking.found
}

struct Looking {
    relation: RelationId,
    found: Option<Edge>,
}

impl<E: Tracked> EachRelation<E> for Looking {
    fn relation<R: Relation<Owner = E>>(&mut self, relation: R)
    where
        R::Target: Tracked,
    {
        let info = relation.info();
        if RelationId::of(info) == self.relation {
            self.found = Some(Edge {
                info,
                target: TypeId::of::<R::Target>(),
                shelf: |keeping| Box::new(OnShelf::<R::Target>::empty(keeping, Known::Stays, 0)),
                handles: |places| {
                    let rows: Vec<Ref<R::Target>> = places.map(Ref::new).collect();
                    Box::new(rows)
                },
            });
        }
    }
}

/// The relation of this description of whatever entity it is, on the way along relations from this one.
pub(super) fn edge_from<E: Tracked>(owner: TypeId, relation: RelationId) -> Result<Edge> {
    let mut walking = Walking {
        owner,
        relation,
        seen: Vec::new(),
        found: None,
    };
    walking.at::<E>();
    let lost = || Err(Error::usage("a relation leads from where nothing leads to"));
    walking.found.unwrap_or_else(lost)
}

struct Walking {
    owner: TypeId,
    relation: RelationId,
    seen: Vec<TypeId>,
    found: Option<Result<Edge>>,
}

impl Walking {
    fn at<E: Tracked>(&mut self) {
        let kind = TypeId::of::<E>();
        if self.found.is_some() || self.seen.contains(&kind) {
            return;
        }
        self.seen.push(kind);
        if kind == self.owner {
            let found = edge::<E>(self.relation);
            self.found = Some(found.ok_or_else(|| no_relation(E::TABLE)));
        } else {
            E::relations(self);
        }
    }
}

impl<E: Tracked> EachRelation<E> for Walking {
    fn relation<R: Relation<Owner = E>>(&mut self, _: R)
    where
        R::Target: Tracked,
    {
        self.at::<R::Target>();
    }
}

/// The columns that hold another row's key together with others, as the entity's relations say.
pub(super) fn parts_of_leads<E: Tracked>() -> Vec<Lead> {
    let mut parts = Parts(Vec::new());
    E::relations(&mut parts);
    parts.0
}

struct Parts(Vec<Lead>);

impl<E: Tracked> EachRelation<E> for Parts {
    fn relation<R: Relation<Owner = E>>(&mut self, relation: R)
    where
        R::Target: Tracked,
    {
        let info = relation.info();
        if info.refers && info.owner_columns.len() > 1 {
            let places = E::TABLE.positions(info.owner_columns).into_iter();
            let table = info.target;
            self.0.extend(places.map(|column| Lead { column, table }));
        }
    }
}
