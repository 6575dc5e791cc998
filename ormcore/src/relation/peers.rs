//! Loading a relation for all rows of a result when one of them needs it.

use super::asked::Asked;
use super::lazy::set_of;
use super::loaded::Place;
use super::select_in::{Question, answer};
use super::{Groups, Link, Pairs, Shared, load_of};
use crate::db::{Lazy, Source};
use crate::entity::Entity;
use crate::error::Result;
use crate::query::{Gathered, Level};
use crate::telemetry::Strategy;
use std::panic::Location;
use std::sync::Arc;

/// Asks for what all who wait lead to. They are those of one result, but whatever they hold is their own: a row that is
/// dropped takes along what was loaded for it.
pub(super) async fn ask<T: Entity, V>(
    source: Source<'_>,
    link: &Link,
    waiting: &[Arc<Place<V>>],
    many: bool,
    lazy: Option<Lazy>,
    caller: &'static Location<'static>,
) -> Result<(Pairs, Vec<T>)> {
    let (info, telemetry) = (link.relation, source.telemetry());
    let asked = Asked::of(waiting.iter().map(|place| Some(&place.key)), many);
    let batch = asked.keys.len();
    // One for all is what is advised; one by one it stays what it was.
    if batch == 1 {
        telemetry.lazy_load(link.set, info.constant, caller, source.scope())?;
    }
    let load = load_of(info, Strategy::Peers, batch, 1);
    let span = telemetry.load(load, source.scope());
    if batch == 0 {
        // Somebody else was faster.
        span.hit(0);
        return Ok((asked.nothing(), Vec::new()));
    }
    let level = Level::for_loaded(caller).lazily(lazy);
    let answer = answer(
        source,
        info,
        Question::plain(info),
        asked,
        set_of(link),
        level,
        Gathered::plain(),
    );
    match span.run(answer).await.map_err(|error| error.at(caller)) {
        Ok((pairs, found)) => {
            span.finish(found.len() as u64, 1);
            Ok((pairs, found.into_rows()))
        }
        Err(error) => {
            span.fail(&error);
            Err(error)
        }
    }
}

/// Gives each the row it leads to. Whoever has something already keeps it.
pub(super) fn give_one<T: Entity>(
    waiting: &[Arc<Place<Option<Shared<T>>>>],
    pairs: &Pairs,
    found: Vec<T>,
) {
    let (groups, at) = (Groups::of(found), pairs.targets.inverted(pairs.count));
    for (number, place) in waiting.iter().enumerate() {
        let target = groups.row(at.of(pairs.owners.of(number)));
        place.found.get_or_init(|| target);
    }
}

/// Gives each the rows that lead to it.
pub(super) fn give_many<T: Entity>(waiting: &[Arc<Place<Vec<T>>>], pairs: &Pairs, found: Vec<T>) {
    let mut lists = pairs.lists(found);
    for (number, place) in waiting.iter().enumerate() {
        let list = lists.get_mut(pairs.owners.of(number));
        let list = list.map(std::mem::take).unwrap_or_default();
        place.found.get_or_init(|| list);
    }
}
