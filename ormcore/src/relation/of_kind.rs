//! A relation that one kind of rows has, among rows of several kinds.

use super::{Include, Link, Pairs, Relation, RelationInfo};
use crate::entity::{Entity, Holds, told_by};
use crate::sql::Kind;
use std::fmt;
use std::marker::PhantomData;

/// A relation of `R`'s owners as one of `E`, of which they are a kind; mostly they are the same.
pub(super) struct OfKind<R, E> {
    relation: R,
    entity: PhantomData<fn() -> E>,
}

impl<R: Relation, E: Entity + Holds<R::Owner>> OfKind<R, E> {
    /// With the same wishes.
    pub(super) fn include(include: Include<R>) -> Include<Self> {
        let Include {
            relation,
            filter,
            order,
            withs,
            most,
            skip,
            how,
            unfiltered,
        } = include;
        Include {
            relation: Self {
                relation,
                entity: PhantomData,
            },
            filter,
            order,
            withs,
            most,
            skip,
            how,
            unfiltered,
        }
    }
}

impl<R: Relation, E: Entity + Holds<R::Owner>> Relation for OfKind<R, E> {
    type Owner = E;
    type Target = R::Target;
    const MANY: bool = R::MANY;

    fn info(self) -> &'static RelationInfo {
        self.relation.info()
    }

    fn link(self, owner: &E) -> Option<&Link> {
        owner.held().and_then(|owner| self.relation.link(owner))
    }

    fn kind(self) -> Option<&'static Kind> {
        told_by::<R::Owner, E>()
    }

    fn fill<'o>(
        self,
        owners: impl Iterator<Item = Option<&'o mut E>>,
        pairs: Pairs,
        found: Vec<R::Target>,
    ) {
        let owners = owners.map(|owner| owner.and_then(E::held_mut));
        self.relation.fill(owners, pairs, found);
    }
}

impl<R: Copy, E> Clone for OfKind<R, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Copy, E> Copy for OfKind<R, E> {}

impl<R: fmt::Debug, E> fmt::Debug for OfKind<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.relation.fmt(f)
    }
}
