//! A relation in a statement of its own, for all owners.

use super::eager::observe;
use super::{Include, NOWHERE, Pairs, Places, Relation, unclaimed};
use crate::db::{Row, Source};
use crate::entity::{Condition, Entity};
use crate::error::Result;
use crate::query::{Collect, Fetch, Level, fetch_about};
use crate::sql::{Base, ColumnInfo, Expr, Operation};
use crate::telemetry::{Page, ResultSet, Strategy};
use crate::value::{KeyValue, Keys, Numbering, Param};
use async_trait::async_trait;

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
        let asked = Asked::of(self.relation, owners);
        let batch = asked.keys.len();
        let span = observe(source, self.relation, Strategy::SelectIn, batch, level);
        let answer = match batch {
            0 => Ok(asked.nothing()),
            _ => span.run(answer(source, include, asked, level)).await,
        };
        match answer.map_err(|error| error.at(level.caller)) {
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
            self.relation.fill(owners, pairs, found);
        }
    }
}

/// The keys to ask for: each once, without those that lead to nothing.
struct Asked {
    keys: Vec<Keys>,
    /// Where each of them is in `keys`.
    places: Numbering,
    /// Where each owner's is.
    owners: Vec<usize>,
}

/// There is no room for more rows than this before they come.
const ROOM: usize = 4096;

/// Owners of one are taken to lead to no more rows than this.
const LIKELY: usize = 256;

impl Asked {
    fn of<R: Relation>(relation: R, owners: &[R::Owner]) -> Self {
        // Owners of many have a key each; those of one may share theirs.
        let likely = owners.len().min(if R::MANY { usize::MAX } else { LIKELY });
        let mut keys = Vec::with_capacity(likely);
        let led = |owner| Some(&relation.link(owner)?.key).filter(|key| !key.is_null());
        let mut places = Numbering::of(owners.iter().filter_map(led));
        let place = |owner| {
            let Some(key) = led(owner) else {
                return NOWHERE;
            };
            let place = places.number(key.clone());
            if place == keys.len() {
                keys.push(key.clone());
            }
            place
        };
        let owners = owners.iter().map(place).collect();
        Self {
            keys,
            places,
            owners,
        }
    }

    fn nothing<T>(self) -> (Pairs, Vec<T>) {
        let pairs = Pairs {
            owners: Places::Listed(self.owners),
            targets: Places::InOrder,
            count: 0,
        };
        (pairs, Vec::new())
    }
}

async fn answer<R: Relation>(
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
    let info = include.relation.info();
    let columns = (info.target_columns)();
    let count = keys.len();
    let mut targets = Vec::with_capacity(count);
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
    let mut nobodys = false;
    // Few keys have no row.
    let found = fetch_about(count.min(ROOM), source, question, &mut |row| {
        let place = places.find(&row.keys(table, &lead)?);
        nobodys |= place.is_none();
        targets.push(place.unwrap_or(NOWHERE));
        Ok(())
    })
    .await?;
    if nobodys {
        return Err(unclaimed(info));
    }
    let pairs = Pairs {
        owners: Places::Listed(owners),
        targets: Places::Listed(targets),
        count,
    };
    Ok((pairs, found))
}

/// The condition that these keys lead to a row; one parameter a column, however many keys.
fn leading_to(columns: &'static [&'static ColumnInfo], keys: Vec<Keys>) -> Expr {
    if let [column] = columns {
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
        columns,
        lists: lists.into_iter().map(Param::other).collect(),
    }
}
