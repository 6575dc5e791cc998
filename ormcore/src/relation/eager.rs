//! Eager loading: one statement per relation, or none, however many owners.

use super::include::How;
use super::joined::Joined;
use super::select_in::SelectIn;
use super::{BelongsTo, HasMany, HasOne, Include, ManyToMany, Relation, ToOne, load_of};
use crate::db::Source;
use crate::entity::Entity;
use crate::query::{Collect, Joins, With};
use crate::telemetry::{LoadSpan, Strategy};

macro_rules! with {
    ($([$($parameters:tt)*] $relation:ty;)*) => {$(
        impl<O: Entity, $($parameters)*> With<O> for $relation {
            fn start(self: Box<Self>, owner: u16, joins: &mut Joins) -> Box<dyn Collect<O>> {
                Box::new(Include::new(*self)).start(owner, joins)
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

impl<R: Relation> With<R::Owner> for Include<R> {
    fn start(self: Box<Self>, owner: u16, joins: &mut Joins) -> Box<dyn Collect<R::Owner>> {
        match self.how {
            How::SelectIn => Box::new(SelectIn::new(*self)),
            How::Joined | How::Lateral => Box::new(Joined::start(*self, owner, joins)),
        }
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
