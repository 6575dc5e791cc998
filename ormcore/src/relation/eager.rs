//! Eager loading: one statement per relation, or none, however many owners.

use super::{BelongsTo, HasMany, Include, NOWHERE, Pairs, Relation, ToOne, load_of, unclaimed};
use crate::db::{Row, Source};
use crate::entity::{Condition, Entity};
use crate::error::{Error, Result};
use crate::query::{Collect, Fetch, Joins, Level, With, fetch};
use crate::sql::{Base, ColumnInfo, Expr, Join, Operation};
use crate::telemetry::{LoadSpan, Page, ResultSet, Strategy};
use crate::value::{KeyMap, KeyValue, Keys, Param};
use async_trait::async_trait;

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
            Box::new(SelectIn(*self))
        }
    }
}

/// Asks for the rows of all owners at once, when the owners are there.
struct SelectIn<R: Relation>(Include<R>);

#[async_trait]
impl<R: Relation> Collect<R::Owner> for SelectIn<R> {
    fn is_joined(&self) -> bool {
        false
    }

    fn row(&mut self, _: Row<'_>, _: usize, _: bool) -> Result<()> {
        Ok(())
    }

    async fn finish(
        self: Box<Self>,
        source: Source<'_>,
        owners: &mut [R::Owner],
        level: Level,
    ) -> Result<()> {
        let relation = self.0.relation;
        let asked = Asked::of(relation, owners);
        let span = observe(
            source,
            relation,
            Strategy::SelectIn,
            asked.keys.len(),
            level,
        );
        if asked.keys.is_empty() {
            let nobody = Pairs {
                owners: asked.owners,
                targets: Vec::new(),
                places: 0,
            };
            relation.fill(owners, nobody, Vec::new())?;
            span.finish(0, 0);
            return Ok(());
        }
        let answer = span.run(ask(source, self.0, asked, level)).await;
        let filled = answer.and_then(|(pairs, found)| {
            let rows = found.len() as u64;
            relation.fill(owners, pairs, found)?;
            Ok(rows)
        });
        match filled.map_err(|error| error.at(level.caller)) {
            Ok(rows) => {
                span.finish(rows, 1);
                Ok(())
            }
            Err(error) => {
                span.fail(&error);
                Err(error)
            }
        }
    }
}

/// The keys to ask for: each once, without those that lead to nothing.
struct Asked {
    keys: Vec<Keys>,
    /// Where each of them is in `keys`.
    places: KeyMap<usize>,
    /// Where each owner's is.
    owners: Vec<Option<usize>>,
}

impl Asked {
    fn of<R: Relation>(relation: R, owners: &[R::Owner]) -> Self {
        let mut keys = Vec::with_capacity(if R::MANY { owners.len() } else { 0 });
        let mut places = KeyMap::default();
        places.reserve(keys.capacity());
        let place = |owner: &R::Owner| {
            let key = relation.link(owner).map(|link| &link.key)?;
            if key.is_null() {
                return None;
            }
            let next = keys.len();
            let place = *places.entry(key.clone()).or_insert(next);
            if place == next {
                keys.push(key.clone());
            }
            Some(place)
        };
        let owners = owners.iter().map(place).collect();
        Self {
            keys,
            places,
            owners,
        }
    }
}

async fn ask<R: Relation>(
    source: Source<'_>,
    include: Include<R>,
    asked: Asked,
    level: Level,
) -> Result<(Pairs, Vec<R::Target>)> {
    let Asked {
        keys,
        places,
        owners,
    } = asked;
    let table = R::Target::TABLE;
    let columns = (include.relation.info().target_columns)();
    let mut targets = Vec::with_capacity(keys.len());
    let mut base = Base::new(table);
    base.filter.push(leading_to(columns, keys));
    base.filter
        .extend(include.filter.into_iter().map(Condition::into_expr));
    base.order = include.order;
    let question = Fetch {
        operation: Operation::Find,
        base,
        page: Page::default(),
        withs: include.withs,
        set: ResultSet::next(),
        level: level.below(),
    };
    let lead = table.positions(columns);
    let found = fetch(source, question, &mut |row| {
        let place = places.get(&row.keys(table, &lead)?);
        targets.push(place.copied().unwrap_or(NOWHERE));
        Ok(())
    })
    .await?;
    let pairs = Pairs {
        owners,
        targets,
        places: places.len(),
    };
    Ok((pairs, found))
}

/// Takes the rows of all owners from the owners' own statement.
struct Joined<R: Relation> {
    relation: R,
    offset: usize,
    key: Vec<usize>,
    nested: Vec<Box<dyn Collect<R::Target>>>,
    /// Another join may repeat a row, and owners may share one.
    seen: KeyMap<usize>,
    /// The target of each owner, where an owner has one at most.
    target_of: Vec<Option<usize>>,
    /// The owner of each target, where an owner may have several.
    owner_of: Vec<usize>,
    targets: Vec<R::Target>,
    set: ResultSet,
}

impl<R: Relation> Joined<R> {
    fn start(include: Include<R>, owner: u16, joins: &mut Joins) -> Self {
        let table = R::Target::TABLE;
        let info = include.relation.info();
        let columns = (info.target_columns)();
        let offset = joins.width;
        joins.width += table.columns.len();
        joins.joins.push(Join {
            table,
            owner,
            owner_columns: info.owner_columns,
            columns,
            filter: include
                .filter
                .into_iter()
                .map(Condition::into_expr)
                .collect(),
            order: include.order,
            many: R::MANY,
        });
        // The base is alias 0, so the n-th join is alias n.
        let alias = u16::try_from(joins.joins.len()).unwrap_or(u16::MAX);
        let nested = include
            .withs
            .into_iter()
            .map(|with| with.start(alias, joins))
            .collect();
        Self {
            relation: include.relation,
            offset,
            key: table.positions(table.key),
            nested,
            seen: KeyMap::default(),
            target_of: Vec::new(),
            owner_of: Vec::new(),
            targets: Vec::new(),
            set: ResultSet::next(),
        }
    }

    /// The owner's only target. An owner that comes again has it already.
    fn one(&mut self, row: Row<'_>, owner: usize) -> Result<Option<usize>> {
        if let Some(target) = self.target_of.get(owner) {
            return Ok(*target);
        }
        let target = if self.is_absent(row) {
            None
        } else {
            let next = self.targets.len();
            let key = row.keys(R::Target::TABLE, &self.key)?;
            let target = *self.seen.entry(key).or_insert(next);
            if target == next {
                self.targets.push(R::Target::from_row(&row)?);
            }
            Some(target)
        };
        self.target_of.push(target);
        Ok(target)
    }

    /// One of the owner's targets.
    fn many(&mut self, row: Row<'_>, owner: usize, repeats: bool) -> Result<Option<usize>> {
        if self.is_absent(row) {
            return Ok(None);
        }
        let next = self.targets.len();
        if repeats {
            let key = row.keys(R::Target::TABLE, &self.key)?;
            let target = *self.seen.entry(key).or_insert(next);
            if let Some(first) = self.owner_of.get(target) {
                // A row has one owner, unless keys are equal that differ byte for byte.
                return if *first == owner {
                    Ok(Some(target))
                } else {
                    Err(unclaimed(self.relation.info()))
                };
            }
        }
        self.targets.push(R::Target::from_row(&row)?);
        self.owner_of.push(owner);
        Ok(Some(next))
    }

    /// A left join without a match: no part of a primary key is ever NULL.
    fn is_absent(&self, row: Row<'_>) -> bool {
        self.key.first().is_none_or(|key| row.is_null(*key))
    }
}

#[async_trait]
impl<R: Relation> Collect<R::Owner> for Joined<R> {
    fn is_joined(&self) -> bool {
        true
    }

    fn row(&mut self, row: Row<'_>, owner: usize, repeats: bool) -> Result<()> {
        let own = row.from(self.offset).of(self.set);
        let target = if R::MANY {
            self.many(own, owner, repeats)?
        } else {
            self.one(own, owner)?
        };
        let Some(target) = target else {
            return Ok(());
        };
        let mut joined = self.nested.iter_mut().filter(|nested| nested.is_joined());
        // Owners of this row's may share it, and so bring what is its own once each.
        joined.try_for_each(|nested| nested.row(row, target, true))
    }

    async fn finish(
        self: Box<Self>,
        source: Source<'_>,
        owners: &mut [R::Owner],
        level: Level,
    ) -> Result<()> {
        let Self {
            relation,
            nested,
            target_of,
            owner_of,
            mut targets,
            ..
        } = *self;
        let pairs = if R::MANY {
            Pairs {
                owners: (0..owners.len()).map(Some).collect(),
                targets: owner_of,
                places: owners.len(),
            }
        } else {
            Pairs {
                owners: target_of,
                targets: (0..targets.len()).collect(),
                places: targets.len(),
            }
        };
        let span = observe(source, relation, Strategy::Joined, owners.len(), level);
        let attached = span.run(async {
            for nested in nested {
                if !targets.is_empty() {
                    nested.finish(source, &mut targets, level.below()).await?;
                }
            }
            Ok(targets)
        });
        let filled = attached.await.and_then(|targets: Vec<R::Target>| {
            let rows = targets.len() as u64;
            relation.fill(owners, pairs, targets)?;
            Ok(rows)
        });
        match filled.map_err(|error: Error| error.at(level.caller)) {
            Ok(rows) => {
                span.finish(rows, 0);
                Ok(())
            }
            Err(error) => {
                span.fail(&error);
                Err(error)
            }
        }
    }
}

fn observe<R: Relation>(
    source: Source<'_>,
    relation: R,
    strategy: Strategy,
    batch: usize,
    level: Level,
) -> LoadSpan<'_> {
    let load = load_of(relation.info(), R::MANY, strategy, batch, level.depth);
    source.telemetry().load(load, source.scope())
}

/// The condition that these keys lead to a row; one parameter a column, however many keys.
fn leading_to(columns: &'static [&'static ColumnInfo], keys: Vec<Keys>) -> Expr {
    if let [column] = columns {
        let list: Vec<KeyValue> = keys.into_iter().flat_map(Keys::into_parts).collect();
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
        columns,
        lists: lists.into_iter().map(Param::other).collect(),
    }
}
