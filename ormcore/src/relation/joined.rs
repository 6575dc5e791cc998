//! A relation in the owners' own statement, by a join.

use super::eager::{gathered, give, observe};
use super::include::How;
use super::{Include, NOWHERE, Pairs, Places, Relation, RelationInfo, several, unclaimed};
use crate::db::{Batch, Identity, Row, Source};
use crate::entity::{Condition, Entity};
use crate::error::Result;
use crate::query::{Collect, Collector, Gathered, Joins, Level, With, begin, together};
use crate::sql::{Join, Part, Ranked};
use crate::telemetry::{ResultSet, Strategy};
use crate::value::{Keys, Param};
use async_trait::async_trait;

/// Takes the rows of all owners from the owners' own statement.
pub(super) struct Joined<'s, R: Relation> {
    relation: R,
    whole: bool,
    strategy: Strategy,
    offset: usize,
    nested: Vec<Collector<'s, R::Target>>,
    /// Whether any of them is joined too.
    goes_on: bool,
    found: Found<'s, R::Target>,
    batch: Batch,
}

/// What was found so far, and whose it is.
struct Found<'s, T> {
    info: &'static RelationInfo,
    /// Whether a row may have several owners, each of whom has it for itself.
    copies: bool,
    /// Whether an owner has one target at most, whatever the database holds.
    certain: bool,
    /// Another join may repeat a row, and owners may share one.
    seen: Identity,
    /// The target of each owner, where an owner has one at most.
    target_of: Vec<usize>,
    /// The owner of each target, where an owner may have several.
    owner_of: Vec<usize>,
    targets: Gathered<'s, T>,
}

impl<'s, R: Relation> Joined<'s, R> {
    pub(super) fn start(include: Include<R>, owner: u16, joins: &mut Joins<'s>) -> Result<Self> {
        let table = R::Target::TABLE;
        let (relation, how, info) = (include.relation, include.how, include.relation.info());
        let whole = include.is_whole();
        let mut targets = gathered(relation, joins.store)?;
        targets.reserve(joins.likely);
        let (offset, likely) = (joins.width, joins.likely);
        joins.width += table.columns.len();
        let (join, withs) = join(include, owner);
        joins.joins.push(join);
        // The base is alias 0, so the n-th join is alias n.
        let alias = u16::try_from(joins.joins.len()).unwrap_or(u16::MAX);
        let copies = joins.copies || info.through.is_some();
        let before = std::mem::replace(&mut joins.copies, copies);
        let nested = begin(withs, alias, joins)?;
        joins.copies = before;
        Ok(Self {
            relation,
            whole,
            strategy: match how {
                How::Lateral => Strategy::Lateral,
                How::Joined | How::SelectIn => Strategy::Joined,
            },
            offset,
            goes_on: nested.iter().any(|nested| nested.is_joined()),
            nested,
            found: Found {
                info,
                copies,
                certain: info.refers,
                seen: Identity::expecting(likely, table),
                target_of: Vec::with_capacity(if R::MANY { 0 } else { likely }),
                owner_of: Vec::with_capacity(if R::MANY { likely } else { 0 }),
                targets,
            },
            batch: Batch::new(ResultSet::next(), joins.lazy),
        })
    }
}

impl<T: Entity> Found<'_, T> {
    /// The owner's only target. An owner that comes again has it already.
    fn one(&mut self, row: &Row<'_>, owner: usize) -> Result<Option<usize>> {
        if let Some(target) = self.target_of.get(owner) {
            if !self.certain && !self.seen.is_absent(row) && self.seen.find(row)? != Some(*target) {
                return Err(several(self.info));
            }
            return Ok((*target != NOWHERE).then_some(*target));
        }
        let target = self.seen.number(row)?;
        self.target_of.push(target.unwrap_or(NOWHERE));
        if target == Some(self.targets.len()) {
            self.targets.put(*row)?;
        }
        Ok(target)
    }

    /// One of the owner's targets.
    fn many(&mut self, row: &Row<'_>, owner: usize, repeats: bool) -> Result<Option<usize>> {
        if self.seen.is_absent(row) {
            return Ok(None);
        }
        let next = self.targets.len();
        if repeats {
            let target = match self.copies {
                true => Some(self.seen.number_beside(row, &Keys::of_number(owner))?),
                false => self.seen.number(row)?,
            };
            if let Some((target, first)) =
                target.and_then(|target| Some((target, self.owner_of.get(target)?)))
            {
                // A row has one owner, unless keys are equal that differ byte for byte.
                return if *first == owner {
                    Ok(Some(target))
                } else {
                    Err(unclaimed(self.info))
                };
            }
        }
        self.targets.put(*row)?;
        self.owner_of.push(owner);
        Ok(Some(next))
    }
}

#[async_trait]
impl<R: Relation> Collect<R::Owner> for Joined<'_, R> {
    fn is_joined(&self) -> bool {
        true
    }

    fn row(&mut self, row: Row<'_>, owner: usize, repeats: bool) -> Result<()> {
        let own = row.from(self.offset).among(&self.batch);
        let target = if R::MANY {
            self.found.many(&own, owner, repeats)
        } else {
            self.found.one(&own, owner)
        };
        let Some(target) = target? else {
            return Ok(());
        };
        if self.goes_on {
            // Owners of this row's may share it, and so bring what is its own once each.
            let mut joined = self.nested.iter_mut().filter(|nested| nested.is_joined());
            joined.try_for_each(|nested| nested.row(row, target, true))?;
        }
        Ok(())
    }

    fn asks(&self) -> bool {
        self.nested.iter().any(|nested| nested.asks())
    }

    async fn ask(
        &mut self,
        source: Source<'_>,
        owners: &Gathered<'_, R::Owner>,
        level: Level,
    ) -> Result<()> {
        let (relation, targets) = (self.relation, &self.found.targets);
        let span = observe(source, relation, self.strategy, owners.len(), level.depth);
        let asked = match targets.is_empty() {
            true => Ok(()),
            false => {
                let (nested, level) = (self.nested.iter_mut(), level.below().under(owners));
                let asking = nested.map(|nested| nested.ask(source, targets, level.clone()));
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

    fn give(self: Box<Self>, owners: &mut Gathered<'_, R::Owner>) {
        let Found {
            mut targets,
            owner_of,
            target_of,
            ..
        } = self.found;
        for nested in self.nested {
            nested.give(&mut targets);
        }
        let pairs = if R::MANY {
            Pairs {
                owners: Places::InOrder,
                targets: Places::Listed(owner_of),
                count: owners.len(),
            }
        } else {
            Pairs {
                owners: Places::Listed(target_of),
                targets: Places::InOrder,
                count: targets.len(),
            }
        };
        give(self.relation, self.whole, owners, pairs, targets);
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
        owner_table: R::Owner::TABLE,
        owner_columns: info.owner_columns,
        owner_kind: include.relation.kind(),
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
