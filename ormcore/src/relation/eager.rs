//! Eager loading: one statement per relation, or none, however many owners.

use super::{BelongsTo, HasMany, Include, Relation, ToOne, load_of};
use crate::db::{Row, Source};
use crate::entity::{Condition, Entity};
use crate::error::{Error, Result};
use crate::query::{Collect, Fetch, Joins, Level, With, fetch};
use crate::sql::{Base, ColumnInfo, Expr, Join, Operation, Table};
use crate::telemetry::{LoadSpan, Page, ResultSet, Strategy};
use crate::value::{KeySet, KeyValue, Keys, Param};
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

    fn row(&mut self, _: Row<'_>) -> Result<()> {
        Ok(())
    }

    async fn finish(
        self: Box<Self>,
        source: Source<'_>,
        owners: &mut [R::Owner],
        level: Level,
    ) -> Result<()> {
        let relation = self.0.relation;
        let keys = keys(relation, owners);
        let span = observe(source, relation, Strategy::SelectIn, keys.len(), level);
        if keys.is_empty() {
            relation.fill(owners, Vec::new(), Vec::new())?;
            span.finish(0, 0);
            return Ok(());
        }
        let asked = span.run(ask(source, self.0, keys, level)).await;
        let filled = asked.and_then(|(leads, found)| {
            let rows = found.len() as u64;
            relation.fill(owners, leads, found)?;
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

async fn ask<R: Relation>(
    source: Source<'_>,
    include: Include<R>,
    keys: Vec<Keys>,
    level: Level,
) -> Result<(Vec<Keys>, Vec<R::Target>)> {
    let table = R::Target::TABLE;
    let columns = (include.relation.info().target_columns)();
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
    let positions = positions(table, columns);
    let mut leads = Vec::new();
    let targets = fetch(source, question, &mut |row| {
        leads.push(row.keys(table, &positions)?);
        Ok(())
    })
    .await?;
    Ok((leads, targets))
}

/// Takes the rows of all owners from the owners' own statement.
struct Joined<R: Relation> {
    relation: R,
    offset: usize,
    lead: Vec<usize>,
    key: Vec<usize>,
    nested: Vec<Box<dyn Collect<R::Target>>>,
    /// Another join may repeat a row, and owners may share one.
    seen: KeySet,
    leads: Vec<Keys>,
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
            lead: positions(table, columns),
            key: positions(table, table.key),
            nested,
            seen: KeySet::default(),
            leads: Vec::new(),
            targets: Vec::new(),
            set: ResultSet::next(),
        }
    }
}

#[async_trait]
impl<R: Relation> Collect<R::Owner> for Joined<R> {
    fn is_joined(&self) -> bool {
        true
    }

    fn row(&mut self, row: Row<'_>) -> Result<()> {
        let own = row.from(self.offset).of(self.set);
        // A left join without a match: no part of a primary key is ever NULL.
        if self.key.first().is_none_or(|key| own.is_null(*key)) {
            return Ok(());
        }
        let table = R::Target::TABLE;
        let key = own.keys(table, &self.key)?;
        if !self.seen.contains(&key) {
            // A key that leads here is most often the row's own.
            self.leads.push(if self.lead == self.key {
                key.clone()
            } else {
                own.keys(table, &self.lead)?
            });
            self.seen.insert(key);
            self.targets.push(R::Target::from_row(&own)?);
        }
        let joined = self.nested.iter_mut().filter(|nested| nested.is_joined());
        joined.into_iter().try_for_each(|nested| nested.row(row))
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
            leads,
            mut targets,
            ..
        } = *self;
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
            relation.fill(owners, leads, targets)?;
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

/// The keys to ask for, each once, without those that lead to nothing.
fn keys<R: Relation>(relation: R, owners: &[R::Owner]) -> Vec<Keys> {
    let keys = owners
        .iter()
        .filter_map(|owner| relation.link(owner))
        .map(|link| &link.key)
        .filter(|key| !key.is_null());
    if R::MANY {
        // Their own primary keys: no two are equal.
        return keys.cloned().collect();
    }
    let mut seen = KeySet::default();
    seen.reserve(owners.len());
    let first = |key: &&Keys| !seen.contains(*key) && seen.insert((*key).clone());
    keys.filter(first).cloned().collect()
}

/// Where these columns are in their table.
fn positions(table: &'static Table, columns: &[&'static ColumnInfo]) -> Vec<usize> {
    let position = |column: &&'static ColumnInfo| {
        table
            .columns
            .iter()
            .position(|other| std::ptr::eq(*other, *column))
    };
    columns.iter().filter_map(position).collect()
}
