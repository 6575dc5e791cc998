//! A relation in a statement of its own, for all owners.

use super::asked::Asked;
use super::eager::{gathered, give, observe};
use super::info::Common;
use super::{Include, NOWHERE, Pairs, Places, Relation, RelationInfo, several, unclaimed};
use crate::db::{Row, Source};
use crate::entity::{Condition, Entity};
use crate::error::Result;
use crate::query::{
    Collect, Copies, Fetch, Gathered, Joins, Level, RelationId, Shelf, Wanted, With, gather,
};
use crate::sql::{
    self, Base, ColumnInfo, Cut, Expr, Join, Operation, Order, Part, Ranked, Said, ScopeValue,
};
use crate::telemetry::{Page, ResultSet, Strategy};
use crate::value::{KeyValue, Keys, Param};
use async_trait::async_trait;
use smallvec::SmallVec;
use std::collections::HashSet;
use std::sync::Arc;

/// Asks for the rows of all owners at once, when the owners are there.
pub(super) struct SelectIn<'s, R: Relation> {
    relation: R,
    whole: bool,
    /// Whether there are no wishes.
    plain: bool,
    /// What is to be asked, until it is, and where the rows go.
    include: Option<(Include<R>, Gathered<'s, R::Target>)>,
    found: Option<(Pairs, Gathered<'s, R::Target>)>,
}

impl<'s, R: Relation> SelectIn<'s, R> {
    pub(super) fn start(include: Include<R>, joins: &Joins<'s>) -> Result<Self> {
        let (relation, whole) = (include.relation, include.is_whole());
        let plain = whole && include.withs.is_empty();
        let into = gathered(relation, joins.store)?;
        Ok(Self {
            relation,
            whole,
            plain,
            include: Some((include, into)),
            found: None,
        })
    }
}

impl<R: Relation> SelectIn<'_, R> {
    /// What to ask for owners that somebody keeps, and how many lead to what he knows: that is not asked for, unless with wishes.
    fn asked_of(&self, shelf: &dyn Shelf, level: &Level) -> (Asked, u64) {
        let info = self.relation.info();
        let keys = shelf.keys(&info.keyed_by());
        let all = keys.iter().map(Option::as_ref);
        // Of those that came together it is left out already.
        if level.peers.is_some() || !self.plain || !info.refers {
            return (Asked::of(all, R::MANY), 0);
        }
        let known = shelf.known(RelationId::of(info), &level.line);
        let unknown = all.zip(&known).map(|(key, known)| key.filter(|_| !known));
        let hits = known.iter().filter(|known| **known).count();
        (Asked::of(unknown, R::MANY), hits as u64)
    }
}

#[async_trait]
impl<R: Relation> Collect<R::Owner> for SelectIn<'_, R> {
    fn is_joined(&self) -> bool {
        false
    }

    fn row(&mut self, _: Row<'_>, _: usize, _: bool) -> Result<()> {
        Ok(())
    }

    fn asks(&self) -> bool {
        true
    }

    async fn ask(
        &mut self,
        source: Source<'_>,
        owners: &Gathered<'_, R::Owner>,
        level: Level,
    ) -> Result<()> {
        let Some((include, into)) = self.include.take() else {
            return Ok(());
        };
        let (relation, info) = (self.relation, self.relation.info());
        let (asked, known) = match owners.shelf() {
            None => {
                let key = |owner| Some(&relation.link(owner)?.key);
                (Asked::of(owners.rows().iter().map(key), R::MANY), 0)
            }
            Some(shelf) => self.asked_of(shelf, &level),
        };
        let batch = asked.keys.len();
        let caller = level.caller;
        let (strategy, hits) = match level.peers {
            Some(hits) => (Strategy::Peers, hits),
            None => (Strategy::SelectIn, known),
        };
        let span = observe(source, relation, strategy, batch, level.depth);
        let (question, set) = (Question::of(include), ResultSet::next());
        let level = level.under(owners);
        let answer = match batch {
            0 => Ok((asked.nothing(), into)),
            _ => {
                span.run(answer(source, info, question, asked, set, level, into))
                    .await
            }
        };
        match answer.map_err(|error| error.at(caller)) {
            Ok((pairs, found)) => {
                match batch {
                    0 if hits > 0 => span.hit(hits),
                    _ => span.finish(found.len() as u64, u64::from(batch > 0)),
                }
                self.found = Some((pairs, found));
                Ok(())
            }
            Err(error) => {
                span.fail(&error);
                Err(error)
            }
        }
    }

    fn give(self: Box<Self>, owners: &mut Gathered<'_, R::Owner>) {
        if let Some((pairs, found)) = self.found {
            give(self.relation, self.whole, owners, pairs, found);
        }
    }
}

/// There is no room for more rows than this before they come.
const ROOM: usize = 4096;

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
pub(super) async fn answer<'s, T: Entity>(
    source: Source<'_>,
    info: &'static RelationInfo,
    mut question: Question<T>,
    asked: Asked,
    set: ResultSet,
    level: Level,
    into: Gathered<'s, T>,
) -> Result<(Pairs, Gathered<'s, T>)> {
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
        wanted: Wanted::Any,
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
    let found = gather(count.min(ROOM), source, question, into, &mut |row| {
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
            let parts = key.parts().iter().enumerate();
            let rest = parts.filter(|(at, _)| *at != place);
            *key = rest.map(|(_, part)| part.clone()).collect();
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
        for (list, part) in lists.iter_mut().zip(key.parts()) {
            list.push(part.clone());
        }
    }
    Expr::Keys {
        columns: columns.into_vec(),
        lists: lists.into_iter().map(Param::other).collect(),
    }
}
