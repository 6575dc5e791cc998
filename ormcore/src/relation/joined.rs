//! A relation in the owners' own statement, by a join.

use super::eager::observe;
use super::{Include, NOWHERE, Pairs, Places, Relation, unclaimed};
use crate::db::{Row, Source};
use crate::entity::{Condition, Entity};
use crate::error::Result;
use crate::query::{Collect, Joins, Level, together};
use crate::sql::Join;
use crate::telemetry::{ResultSet, Strategy};
use crate::value::Numbering;
use async_trait::async_trait;

/// Takes the rows of all owners from the owners' own statement.
pub(super) struct Joined<R: Relation> {
    relation: R,
    offset: usize,
    key: Vec<usize>,
    nested: Vec<Box<dyn Collect<R::Target>>>,
    /// Another join may repeat a row, and owners may share one.
    seen: Numbering,
    /// The target of each owner, where an owner has one at most.
    target_of: Vec<usize>,
    /// The owner of each target, where an owner may have several.
    owner_of: Vec<usize>,
    targets: Vec<R::Target>,
    set: ResultSet,
}

impl<R: Relation> Joined<R> {
    pub(super) fn start(include: Include<R>, owner: u16, joins: &mut Joins) -> Self {
        let table = R::Target::TABLE;
        let info = include.relation.info();
        let columns = (info.target_columns)();
        let (offset, likely) = (joins.width, joins.likely);
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
            seen: Numbering::expecting(likely),
            target_of: Vec::with_capacity(if R::MANY { 0 } else { likely }),
            owner_of: Vec::with_capacity(if R::MANY { likely } else { 0 }),
            targets: Vec::with_capacity(likely),
            set: ResultSet::next(),
        }
    }

    /// The owner's only target. An owner that comes again has it already.
    fn one(&mut self, row: Row<'_>, owner: usize) -> Result<Option<usize>> {
        if let Some(target) = self.target_of.get(owner) {
            return Ok((*target != NOWHERE).then_some(*target));
        }
        let Some(key) = row.keys_if_any(R::Target::TABLE, &self.key)? else {
            self.target_of.push(NOWHERE);
            return Ok(None);
        };
        let target = self.seen.number(key);
        if target == self.targets.len() {
            self.targets.push(R::Target::from_row(&row)?);
        }
        self.target_of.push(target);
        Ok(Some(target))
    }

    /// One of the owner's targets.
    fn many(&mut self, row: Row<'_>, owner: usize, repeats: bool) -> Result<Option<usize>> {
        if self.is_absent(row) {
            return Ok(None);
        }
        let next = self.targets.len();
        if repeats {
            let target = self.seen.number(row.keys(R::Target::TABLE, &self.key)?);
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

    fn asks(&self) -> bool {
        self.nested.iter().any(|nested| nested.asks())
    }

    async fn ask(&mut self, source: Source<'_>, owners: &[R::Owner], level: Level) -> Result<()> {
        let (relation, targets) = (self.relation, &self.targets);
        let span = observe(source, relation, Strategy::Joined, owners.len(), level);
        let asked = match targets.is_empty() {
            true => Ok(()),
            false => {
                let nested = self.nested.iter_mut();
                let asking = nested.map(|nested| nested.ask(source, targets, level.below()));
                span.run(together(asking)).await
            }
        };
        match asked.map_err(|error| error.at(level.caller)) {
            Ok(()) => {
                span.finish(targets.len() as u64, 0);
                Ok(())
            }
            Err(error) => {
                span.fail(&error);
                Err(error)
            }
        }
    }

    fn give(self: Box<Self>, owners: &mut [R::Owner]) {
        let mut targets = self.targets;
        for nested in self.nested {
            nested.give(&mut targets);
        }
        let pairs = if R::MANY {
            Pairs {
                owners: Places::InOrder,
                targets: Places::Listed(self.owner_of),
                count: owners.len(),
            }
        } else {
            Pairs {
                owners: Places::Listed(self.target_of),
                targets: Places::InOrder,
                count: targets.len(),
            }
        };
        self.relation.fill(owners, pairs, targets);
    }
}
