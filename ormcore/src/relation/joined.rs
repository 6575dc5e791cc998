//! A relation in the owners' own statement, by a join.

use super::eager::observe;
use super::include::How;
use super::{Include, NOWHERE, Pairs, Places, Relation, several, unclaimed};
use crate::db::{Batch, Row, Source};
use crate::entity::{Condition, Entity};
use crate::error::Result;
use crate::query::{Collect, Joins, Level, With, together};
use crate::sql::{Join, Part, Ranked};
use crate::telemetry::{ResultSet, Strategy};
use crate::value::{Keys, Numbering, Param};
use async_trait::async_trait;

/// Takes the rows of all owners from the owners' own statement.
pub(super) struct Joined<R: Relation> {
    relation: R,
    strategy: Strategy,
    /// Whether a row may have several owners, each of whom has it for itself.
    copies: bool,
    /// Whether an owner has one target at most, whatever the database holds.
    certain: bool,
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
    batch: Batch,
}

impl<R: Relation> Joined<R> {
    pub(super) fn start(include: Include<R>, owner: u16, joins: &mut Joins) -> Self {
        let table = R::Target::TABLE;
        let (relation, how, info) = (include.relation, include.how, include.relation.info());
        let (offset, likely) = (joins.width, joins.likely);
        joins.width += table.columns.len();
        let (join, withs) = join(include, owner);
        joins.joins.push(join);
        // The base is alias 0, so the n-th join is alias n.
        let alias = u16::try_from(joins.joins.len()).unwrap_or(u16::MAX);
        let copies = joins.copies || info.through.is_some();
        let before = std::mem::replace(&mut joins.copies, copies);
        let nested = withs
            .into_iter()
            .map(|with| with.start(alias, joins))
            .collect();
        joins.copies = before;
        Self {
            relation,
            strategy: match how {
                How::Lateral => Strategy::Lateral,
                How::Joined | How::SelectIn => Strategy::Joined,
            },
            copies,
            certain: info.refers,
            offset,
            key: table.positions(table.key),
            nested,
            seen: Numbering::expecting(likely),
            target_of: Vec::with_capacity(if R::MANY { 0 } else { likely }),
            owner_of: Vec::with_capacity(if R::MANY { likely } else { 0 }),
            targets: Vec::with_capacity(likely),
            batch: Batch::new(ResultSet::next(), joins.lazy),
        }
    }

    /// The owner's only target. An owner that comes again has it already.
    fn one(&mut self, row: Row<'_>, owner: usize) -> Result<Option<usize>> {
        if let Some(target) = self.target_of.get(owner) {
            if !self.certain
                && let Some(key) = row.keys_if_any(R::Target::TABLE, &self.key)?
                && self.seen.find(&key) != Some(*target)
            {
                return Err(several(self.relation.info()));
            }
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
            let key = row.keys(R::Target::TABLE, &self.key)?;
            let target = self.seen.number(match self.copies {
                true => key.followed_by(Keys::of_number(owner)),
                false => key,
            });
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
        let batch = std::mem::take(&mut self.batch);
        let own = row.from(self.offset).among(&batch);
        let target = if R::MANY {
            self.many(own, owner, repeats)
        } else {
            self.one(own, owner)
        };
        self.batch = batch;
        let Some(target) = target? else {
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
        let span = observe(source, relation, self.strategy, owners.len(), level);
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

/// The join, and what its rows are to be loaded with.
fn join<R: Relation>(include: Include<R>, owner: u16) -> (Join, Vec<Box<dyn With<R::Target>>>) {
    let (table, info) = (R::Target::TABLE, include.relation.info());
    let cut = include.cut();
    let Include {
        filter,
        order,
        withs,
        most: limit,
        skip: offset,
        how,
        ..
    } = include;
    let mut join = Join {
        table,
        owner,
        owner_columns: info.owner_columns,
        columns: info.matching(),
        filter: filter.into_iter().map(Condition::into_expr).collect(),
        order,
        // Where only a constraint says that there is one, there may be more.
        many: R::MANY || !info.refers,
        required: false,
        through: info.through(),
        part: None,
    };
    join.part = match (how, cut) {
        (How::Lateral, _) => Some(Part::Lateral {
            limit: limit.map(Param::from_i64),
            offset: offset.map(Param::from_i64),
        }),
        (_, Some(cut)) => Some(Part::Ranked(Box::new(Ranked {
            table,
            through: join.through,
            owner: join.columns,
            owners: None,
            filter: std::mem::take(&mut join.filter),
            order: std::mem::take(&mut join.order),
            cut,
        }))),
        (_, None) => None,
    };
    (join, withs)
}
