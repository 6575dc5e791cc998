//! A relation in a statement of its own, for all owners.

use super::eager::observe;
use super::info::Common;
use super::{Include, NOWHERE, Pairs, Places, Relation, RelationInfo, several, unclaimed};
use crate::db::{Row, Source};
use crate::entity::{Condition, Entity};
use crate::error::Result;
use crate::query::{Collect, Copies, Fetch, Level, With, fetch_about};
use crate::sql::{
    self, Base, ColumnInfo, Cut, Expr, Join, Operation, Order, Part, Ranked, Said, ScopeValue,
};
use crate::telemetry::{Page, ResultSet, Strategy};
use crate::value::{KeyValue, Keys, Numbering, Param};
use async_trait::async_trait;
use smallvec::SmallVec;
use std::collections::HashSet;
use std::sync::Arc;

/// Asks for the rows of all owners at once, when the owners are there.
pub(super) struct SelectIn<R: Relation> {
    relation: R,
    /// What is to be asked, until it is.
    include: Option<Include<R>>,
    found: Option<(Pairs, Vec<R::Target>)>,
}

impl<R: Relation> SelectIn<R> {
    pub(super) fn new(include: Include<R>) -> Self {
        Self {
            relation: include.relation,
            include: Some(include),
            found: None,
        }
    }
}

#[async_trait]
impl<R: Relation> Collect<R::Owner> for SelectIn<R> {
    fn is_joined(&self) -> bool {
        false
    }

    fn row(&mut self, _: Row<'_>, _: usize, _: bool) -> Result<()> {
        Ok(())
    }

    fn asks(&self) -> bool {
        true
    }

    async fn ask(&mut self, source: Source<'_>, owners: &[R::Owner], level: Level) -> Result<()> {
        let Some(include) = self.include.take() else {
            return Ok(());
        };
        let (relation, info) = (self.relation, self.relation.info());
        let key = |owner| Some(&relation.link(owner)?.key);
        let asked = Asked::of(owners.iter().map(key), R::MANY);
        let batch = asked.keys.len();
        let caller = level.caller;
        let span = observe(source, relation, Strategy::SelectIn, batch, level.depth);
        let (question, set) = (Question::of(include), ResultSet::next());
        let answer = match batch {
            0 => Ok(asked.nothing()),
            _ => {
                span.run(answer(source, info, question, asked, set, level))
                    .await
            }
        };
        match answer.map_err(|error| error.at(caller)) {
            Ok((pairs, found)) => {
                span.finish(found.len() as u64, u64::from(batch > 0));
                self.found = Some((pairs, found));
                Ok(())
            }
            Err(error) => {
                span.fail(&error);
                Err(error)
            }
        }
    }

    fn give(self: Box<Self>, owners: &mut [R::Owner]) {
        if let Some((pairs, found)) = self.found {
            self.relation
                .fill(owners.iter_mut().map(Some), pairs, found);
        }
    }
}

/// The keys to ask for: each once, without those that lead to nothing.
pub(super) struct Asked {
    pub(super) keys: Vec<Keys>,
    /// Where each of them is in `keys`.
    places: Numbering,
    /// Where each owner's is.
    owners: Vec<usize>,
    /// Whether owners of one key each have the rows for themselves.
    many: bool,
}

/// There is no room for more rows than this before they come.
const ROOM: usize = 4096;

/// Owners of one are taken to lead to no more rows than this.
const LIKELY: usize = 256;

impl Asked {
    pub(super) fn of<'k>(
        of_owners: impl ExactSizeIterator<Item = Option<&'k Keys>> + Clone,
        many: bool,
    ) -> Self {
        // Owners of many have a key each; those of one may share theirs.
        let likely = of_owners.len().min(if many { usize::MAX } else { LIKELY });
        let mut keys = Vec::with_capacity(likely);
        let of_owners = of_owners.map(|key: Option<&Keys>| key.filter(|key| !key.is_null()));
        let mut places = Numbering::of(of_owners.clone().flatten());
        let place = |key: Option<&Keys>| {
            let Some(key) = key else {
                return NOWHERE;
            };
            let place = places.number(key.clone());
            if place == keys.len() {
                keys.push(key.clone());
            }
            place
        };
        let owners = of_owners.map(place).collect();
        Self {
            keys,
            places,
            owners,
            many,
        }
    }

    pub(super) fn nothing<T>(self) -> (Pairs, Vec<T>) {
        let pairs = Pairs {
            owners: Places::Listed(self.owners),
            targets: Places::InOrder,
            count: 0,
        };
        (pairs, Vec::new())
    }

    /// The owners of each key, where some share one although each has its rows for itself.
    fn sharers(&self) -> Option<Vec<Vec<usize>>> {
        let mut held = self.owners.iter().filter(|place| **place != NOWHERE);
        if !self.many || held.by_ref().count() == self.keys.len() {
            return None;
        }
        let mut sharers = vec![Vec::new(); self.keys.len()];
        for (owner, place) in self.owners.iter().enumerate() {
            if let Some(sharers) = sharers.get_mut(*place) {
                sharers.push(owner);
            }
        }
        Some(sharers)
    }
}

/// What is asked of the rows that keys lead to.
pub(super) struct Question<T> {
    filter: Vec<Expr>,
    order: Vec<Order>,
    cut: Option<Cut>,
    withs: Vec<Box<dyn With<T>>>,
}

impl<T: Entity> Question<T> {
    fn of<R: Relation<Target = T>>(include: Include<R>) -> Self {
        Self {
            cut: include.cut(),
            filter: include
                .filter
                .into_iter()
                .map(Condition::into_expr)
                .collect(),
            order: include.order,
            withs: include.withs,
        }
    }

    /// Nothing but what the relation itself says.
    pub(super) fn plain(info: &'static RelationInfo) -> Self {
        Self {
            filter: info.condition().into_iter().collect(),
            order: Vec::new(),
            cut: None,
            withs: Vec::new(),
        }
    }
}

/// Asks for the rows that keys lead to, and finds out whose they are.
pub(super) async fn answer<T: Entity>(
    source: Source<'_>,
    info: &'static RelationInfo,
    mut question: Question<T>,
    asked: Asked,
    set: ResultSet,
    level: Level,
) -> Result<(Pairs, Vec<T>)> {
    let sharers = asked.sharers();
    let Asked {
        keys,
        places,
        owners,
        many,
    } = asked;
    let table = T::TABLE;
    let count = keys.len();
    let mut targets = Vec::with_capacity(count);
    let withs = std::mem::take(&mut question.withs);
    let columns = info.keyed();
    let (owners_are, said) = leading_to(info.common(), columns.clone(), keys);
    let level = match said {
        Some(said) => level.below().saying(Some(Arc::new(said))),
        None => level.below(),
    };
    let (mut base, led_by) = about(info, question, owners_are);
    if let Some(said) = &level.said {
        base.more().said = Some(Arc::clone(said));
    }
    let question = Fetch {
        operation: Operation::Find,
        base,
        led_by,
        page: Page::default(),
        withs,
        copies: sharers.is_some(),
        set,
        level,
    };
    // The owner's key is in the row, or beside it.
    let (holder, offset, lead) = match info.through() {
        None => (table, 0, table.positions(&columns)),
        Some(through) => {
            let owners = through.owners;
            let lead = owners.positions(&columns);
            (owners, table.columns.len(), lead)
        }
    };
    let mut nobodys = false;
    // Few keys have no row.
    let found = fetch_about(count.min(ROOM), source, question, &mut |row| {
        let place = places.find(&row.from(offset).keys(holder, &lead)?);
        nobodys |= place.is_none();
        let place = place.unwrap_or(NOWHERE);
        match sharers.as_ref().and_then(|sharers| sharers.get(place)) {
            None => {
                targets.push(place);
                Ok(Copies(1))
            }
            Some(owners) => {
                targets.extend(owners);
                Ok(Copies(owners.len()))
            }
        }
    })
    .await?;
    if nobodys {
        return Err(unclaimed(info));
    }
    if !many && !info.refers && has_twice(&targets, count) {
        return Err(several(info));
    }
    let (owners, count) = match sharers {
        None => (Places::Listed(owners), count),
        Some(_) => (Places::InOrder, owners.len()),
    };
    let pairs = Pairs {
        owners,
        targets: Places::Listed(targets),
        count,
    };
    Ok((pairs, found))
}

/// The statement for the rows that these keys lead to.
pub(super) fn about<T: Entity>(
    info: &'static RelationInfo,
    question: Question<T>,
    owners: Expr,
) -> (Base, Option<Join>) {
    let (through, matching) = (info.through(), info.matching());
    let mut base = Base::new(T::TABLE);
    let mut led_by = through.map(|through| info.led_by(through));
    match question.cut {
        None => {
            match &mut led_by {
                Some(led_by) => led_by.filter.push(owners),
                None => base.filter.push(owners),
            }
            base.filter.extend(question.filter);
            base.order = question.order;
        }
        Some(cut) => {
            let ranked = Box::new(Ranked {
                table: T::TABLE,
                through,
                owner: matching,
                owners: Some(owners),
                filter: question.filter,
                order: question.order,
                cut,
            });
            match &mut led_by {
                Some(led_by) => led_by.part = Some(Part::Ranked(ranked)),
                None => base.more().source = Some(sql::Source::Ranked(ranked)),
            }
        }
    }
    (base, led_by)
}

/// Whether two of so many places are the same.
fn has_twice(places: &[usize], count: usize) -> bool {
    let mut seen = vec![false; count];
    let mut places = places.iter().filter_map(|place| {
        let seen = seen.get_mut(*place)?;
        Some(std::mem::replace(seen, true))
    });
    places.any(|before| before)
}

/// The condition that these keys lead to a row, one parameter a column, however many keys; and what that says about their
/// scope, if they have one in common with what they lead to.
pub(super) fn leading_to(
    common: Option<Common>,
    mut columns: SmallVec<[&'static ColumnInfo; 2]>,
    mut keys: Vec<Keys>,
) -> (Expr, Option<Said>) {
    let Some(Common { place, theirs, .. }) = common else {
        return (among(columns, keys), None);
    };
    let scope = |key: &Keys| key.parts().get(place).cloned();
    let scopes: HashSet<KeyValue> = keys.iter().filter_map(scope).collect();
    let mut scopes: Vec<KeyValue> = scopes.into_iter().collect();
    if scopes.len() > 1 {
        // What distributes a database looks for the scopes apart from the keys.
        let column = theirs.column;
        let list = Param::other(scopes);
        let keys = among(columns, keys);
        return (keys.and(Expr::AnyOf { column, list }), Some(Said::All));
    }
    let said = scopes
        .pop()
        .map(|scope| Said::One(ScopeValue::of(scope, theirs)));
    if columns.len() > 1 {
        // It is asked for wherever a table is named.
        columns.remove(place);
        for key in &mut keys {
            let parts = std::mem::replace(key, Keys::Several(Box::default())).into_parts();
            let rest = parts.enumerate().filter(|(at, _)| *at != place);
            *key = rest.map(|(_, part)| part).collect();
        }
    }
    (among(columns, keys), said)
}

fn among(columns: SmallVec<[&'static ColumnInfo; 2]>, keys: Vec<Keys>) -> Expr {
    if let [column] = *columns {
        let list: Vec<KeyValue> = keys.into_iter().filter_map(Keys::into_only).collect();
        return Expr::AnyOf {
            column,
            list: Param::other(list),
        };
    }
    let mut lists: Vec<Vec<KeyValue>> = columns
        .iter()
        .map(|_| Vec::with_capacity(keys.len()))
        .collect();
    for key in keys {
        for (list, part) in lists.iter_mut().zip(key.into_parts()) {
            list.push(part);
        }
    }
    Expr::Keys {
        columns: columns.into_vec(),
        lists: lists.into_iter().map(Param::other).collect(),
    }
}
