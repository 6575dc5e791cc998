//! Eager loading: one statement per relation, or none, however many owners.

use super::include::How;
use super::joined::Joined;
use super::of_kind::OfKind;
use super::select_in::SelectIn;
use super::{BelongsTo, HasMany, HasOne, Include, ManyToMany, Pairs, Relation, ToOne, load_of};
use crate::db::Source;
use crate::entity::{Entity, Holds};
use crate::error::Result;
use crate::query::{Collector, Gathered, Joins, RelationId, Store, With};
use crate::telemetry::{LoadSpan, Strategy};
use std::any::TypeId;

macro_rules! with {
    ($([$($parameters:tt)*] $relation:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<E: Entity + Holds<O>, O: Entity, $($parameters)*> With<E> for $relation {
            fn start<'s>(
                self: Box<Self>,
                owner: u16,
                joins: &mut Joins<'s>,
            ) -> Result<Collector<'s, E>> {
                Box::new(Include::new(*self)).start(owner, joins)
            }

            fn relation(&self) -> RelationId {
                RelationId::of(self.info())
            }

            fn constant(&self) -> &'static str {
                self.info().constant
            }

            fn is_plain(&self) -> bool {
                true
            }
        }
    )*};
}

with! {
    [T: Entity] HasMany<O, T>;
    [T: Entity] HasOne<O, T>;
    [T: Entity] ManyToMany<O, T>;
    [T: ToOne] BelongsTo<O, T>;
}

#[diagnostic::do_not_recommend]
impl<E: Entity + Holds<R::Owner>, R: Relation> With<E> for Include<R> {
    fn start<'s>(self: Box<Self>, owner: u16, joins: &mut Joins<'s>) -> Result<Collector<'s, E>> {
        let include = OfKind::include(*self);
        Ok(match include.how {
            How::Joined | How::Lateral if !joins.apart => {
                Box::new(Joined::start(include, owner, joins)?)
            }
            _ => Box::new(SelectIn::start(include, joins)?),
        })
    }

    fn relation(&self) -> RelationId {
        RelationId::of(self.relation.info())
    }

    fn constant(&self) -> &'static str {
        self.relation.info().constant
    }

    fn is_plain(&self) -> bool {
        false
    }
}

/// Where the rows go that a relation leads to.
pub(super) fn gathered<'s, R: Relation>(
    relation: R,
    store: Option<&'s dyn Store>,
) -> Result<Gathered<'s, R::Target>> {
    let relation = RelationId::of(relation.info());
    Gathered::beside(store, TypeId::of::<R::Owner>(), relation)
}

/// Gives each owner what was found for it, or tells whoever keeps them.
pub(super) fn give<R: Relation>(
    relation: R,
    whole: bool,
    owners: &mut Gathered<'_, R::Owner>,
    pairs: Pairs,
    found: Gathered<'_, R::Target>,
) {
    match owners.shelf_mut() {
        Some(shelf) => {
            let (info, count) = (relation.info(), found.len());
            // Where a key leads is found by the key.
            let of_each = (!info.refers).then(|| pairs.of_each(shelf.len(), count));
            if let Some(found) = found.into_kept() {
                shelf.belong(RelationId::of(info), whole, of_each, found);
            }
        }
        None => relation.fill(
            owners.rows_mut().iter_mut().map(Some),
            pairs,
            found.into_rows(),
        ),
    }
}

pub(super) fn observe<R: Relation>(
    source: Source<'_>,
    relation: R,
    strategy: Strategy,
    batch: usize,
    depth: u64,
) -> LoadSpan<'_> {
    let load = load_of(relation.info(), strategy, batch, depth);
    source.telemetry().load(load, source.scope())
}
