//! Where a relation leads, found by its description: the type of what is there, and what a session needs for it.

use super::arena::Arena;
use super::erased::AnyArena;
use super::lists::Handles;
use super::reference::{Place, Ref};
use super::tracked::{EachRelation, Tracked};
use super::within::scope_of_new;
use crate::db::Db;
use crate::query::RelationId;
use crate::relation::{Relation, RelationInfo};
use std::any::TypeId;

/// A relation of an entity.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub(super) info: &'static RelationInfo,
    /// The type it leads to.
    pub(super) target: TypeId,
    /// Makes an arena of that type.
    pub(super) arena: fn(u64, &Db) -> Box<dyn AnyArena>,
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
                arena: |session, db| {
                    let scope = scope_of_new::<R::Target>(db);
                    Box::new(Arena::<R::Target>::new(session, scope))
                },
                handles: |places| {
                    let rows: Vec<Ref<R::Target>> = places.map(Ref::new).collect();
                    Box::new(rows)
                },
            });
        }
    }
}
