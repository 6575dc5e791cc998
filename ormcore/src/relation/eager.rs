//! Eager loading: one statement per relation, or none, however many owners.

use super::joined::Joined;
use super::select_in::SelectIn;
use super::{BelongsTo, HasMany, Include, Relation, ToOne, load_of};
use crate::db::Source;
use crate::entity::Entity;
use crate::query::{Collect, Joins, Level, With};
use crate::telemetry::{LoadSpan, Strategy};

impl<O: Entity, T: Entity> With<O> for HasMany<O, T> {
    fn start(self: Box<Self>, owner: u16, joins: &mut Joins) -> Box<dyn Collect<O>> {
        Box::new(Include::new(*self)).start(owner, joins)
    }
}

impl<O: Entity, T: ToOne> With<O> for BelongsTo<O, T> {
    fn start(self: Box<Self>, owner: u16, joins: &mut Joins) -> Box<dyn Collect<O>> {
        Box::new(Include::new(*self)).start(owner, joins)
    }
}

impl<R: Relation> With<R::Owner> for Include<R> {
    fn start(self: Box<Self>, owner: u16, joins: &mut Joins) -> Box<dyn Collect<R::Owner>> {
        if self.joined {
            Box::new(Joined::start(*self, owner, joins))
        } else {
            Box::new(SelectIn::new(*self))
        }
    }
}

pub(super) fn observe<R: Relation>(
    source: Source<'_>,
    relation: R,
    strategy: Strategy,
    batch: usize,
    level: Level,
) -> LoadSpan<'_> {
    let load = load_of(relation.info(), R::MANY, strategy, batch, level.depth);
    source.telemetry().load(load, source.scope())
}
