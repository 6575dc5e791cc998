//! Eager loading: one statement per relation, or none, however many owners.

use super::include::How;
use super::joined::Joined;
use super::of_kind::OfKind;
use super::select_in::SelectIn;
use super::{BelongsTo, HasMany, HasOne, Include, ManyToMany, Relation, ToOne, load_of};
use crate::db::Source;
use crate::entity::{Entity, Holds};
use crate::query::{Collect, Joins, With};
use crate::telemetry::{LoadSpan, Strategy};

macro_rules! with {
    ($([$($parameters:tt)*] $relation:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<E: Entity + Holds<O>, O: Entity, $($parameters)*> With<E> for $relation {
            fn start(self: Box<Self>, owner: u16, joins: &mut Joins) -> Box<dyn Collect<E>> {
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

#[diagnostic::do_not_recommend]
impl<E: Entity + Holds<R::Owner>, R: Relation> With<E> for Include<R> {
    fn start(self: Box<Self>, owner: u16, joins: &mut Joins) -> Box<dyn Collect<E>> {
        let include = OfKind::include(*self);
        match include.how {
            How::SelectIn => Box::new(SelectIn::new(include)),
            How::Joined | How::Lateral => Box::new(Joined::start(include, owner, joins)),
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
