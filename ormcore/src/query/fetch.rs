//! Asking for entities: the statement goes out, rows come back, relations are attached.

use super::gathered::Gathered;
use super::together::together;
use super::wanted::{Wanted, of_entity, told};
use super::with::{Collector, Joins, Level, With, begin};
use crate::db::{self, Batch, Identity, Reads, Request, Row, Snapshot, Source};
use crate::entity::Entity;
use crate::error::Result;
use crate::sql::{Base, Join, Operation, Output, Select, Table};
use crate::telemetry::{Page, ResultSet};
use std::iter;
use std::ops::Range;
use std::panic::Location;
use std::pin::Pin;

/// A question, put into SQL's terms.
pub(crate) struct Fetch<E> {
    pub(crate) operation: Operation,
    pub(crate) base: Base,
    /// What leads to the rows' owners: its columns come after theirs, and a row comes once for each.
    pub(crate) led_by: Option<Join>,
    pub(crate) page: Page,
    pub(crate) withs: Vec<Box<dyn With<E>>>,
    /// Whether a row may be returned more than once.
    pub(crate) copies: bool,
    pub(crate) wanted: Wanted,
    /// Which result the rows belong to, for those who watch how they are used.
    pub(crate) set: ResultSet,
    pub(crate) level: Level,
}

/// How many times a row is returned: once, unless several owners each have it for themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copies(pub(crate) usize);

impl From<()> for Copies {
    fn from((): ()) -> Self {
        Self(1)
    }
}

/// Asks, and attaches what comes along. `each` sees the row of every entity that is returned, and says how many times.
pub(crate) async fn fetch<E: Entity, C: Into<Copies>>(
    source: Source<'_>,
    fetch: Fetch<E>,
    each: &mut (impl FnMut(Row<'_>) -> Result<C> + Send),
) -> Result<Vec<E>> {
    let likely = fetch.page.limit.map_or(0, |limit| limit.clamp(0, LIKELY));
    let likely = usize::try_from(likely).unwrap_or(0);
    let found = gather(likely, source, fetch, Gathered::plain(), each).await?;
    Ok(found.into_rows())
}

/// A limit up to this is taken for the number of rows.
const LIKELY: i64 = 256;

/// The same, with room for so many rows from the start, into rows by themselves or to whoever keeps them.
pub(crate) async fn gather<'s, E: Entity, C: Into<Copies>>(
    likely: usize,
    source: Source<'_>,
    fetch: Fetch<E>,
    mut rows: Gathered<'s, E>,
    each: &mut (impl FnMut(Row<'_>) -> Result<C> + Send),
) -> Result<Gathered<'s, E>> {
    let Fetch {
        operation,
        base,
        led_by,
        page,
        withs,
        copies,
        wanted,
        set,
        level,
    } = fetch;
    let of_owners = led_by.as_ref().map(|led_by| led_by.table.columns.len());
    let mut joins = Joins {
        width: E::TABLE.columns.len() + of_owners.unwrap_or(0),
        joins: led_by.into_iter().collect(),
        likely,
        copies: copies || of_owners.is_some(),
        lazy: level.lazy,
        store: rows.store(),
        apart: false,
    };
    let mut collectors = begin(withs, 0, &mut joins).map_err(|error| error.at(level.caller))?;
    let mut select = Select::new(operation, Output::Columns, base);
    select.joins = joins.joins;

    // What belongs together goes over one connection, each level of relations in one round trip.
    let asks = collectors.iter().any(|collector| collector.asks());
    let snapshot = match level.consistent {
        true => snapshot(source, level.caller).await?,
        false => None,
    };
    let source = snapshot.as_ref().map_or(source, Snapshot::source);
    let hold = if asks { source.hold() } else { None };
    let source = hold.as_ref().map_or(source, Source::Held);
    let joined = select.joins.iter().map(|join| join.table);
    let reads = match select.joins.is_empty() {
        true => Reads::Table(E::TABLE),
        false => Reads::Tables(iter::once(E::TABLE).chain(joined).collect()),
    };
    let request = Request {
        statement: &select,
        reads,
        page,
        writes: false,
        caller: level.caller,
    };
    rows.reserve(likely);
    let batch = Batch::new(set, level.lazy);
    let repeated = repeated::<E>(&select, likely);
    read(
        source,
        request,
        &batch,
        (&mut rows, repeated),
        &mut collectors,
        each,
    )
    .await?;
    if let Some(kind) = wanted.objection(rows.len()) {
        let error = of_entity(kind, E::TABLE);
        return Err(told(error, &select, source, level.caller));
    }
    if !rows.is_empty() {
        let (asking, level) = (collectors.iter_mut(), level.consistently(false));
        together(asking.map(|collector| collector.ask(source, &rows, level.clone()))).await?;
    }
    drop(hold);
    if let Some(snapshot) = snapshot {
        snapshot.end();
    }
    if !rows.is_empty() {
        for collector in collectors {
            collector.give(&mut rows);
        }
    }
    Ok(rows)
}

/// One snapshot for all statements. In a box, because it is rare.
pub(super) fn snapshot<'s>(
    source: Source<'s>,
    caller: &'static Location<'static>,
) -> Pin<Box<dyn Future<Output = Result<Option<Snapshot>>> + Send + 's>> {
    Box::pin(async move {
        source
            .snapshot(caller)
            .await
            .map_err(|error| error.at(caller))
    })
}

/// A to-many join repeats its owner, and two of them each other's rows; without any, each row is the next owner's.
fn repeated<E: Entity>(select: &Select, likely: usize) -> (Option<Repeated>, bool) {
    let many = select.joins.iter().filter(|join| join.many).count();
    let repeated = (many > 0).then(|| Repeated::new::<E>(select, likely));
    (repeated, many > 1)
}

async fn read<E: Entity, C: Into<Copies>>(
    source: Source<'_>,
    request: Request<'_, Select>,
    batch: &Batch,
    (rows, (mut repeated, repeats)): (&mut Gathered<'_, E>, (Option<Repeated>, bool)),
    collectors: &mut [Collector<'_, E>],
    each: &mut (impl FnMut(Row<'_>) -> Result<C> + Send),
) -> Result<()> {
    let mut joined: Vec<_> = collectors
        .iter_mut()
        .filter(|collector| collector.is_joined())
        .collect();
    db::run(source, request, &mut |row: Row<'_>| {
        let row = row.among(batch);
        let next = rows.len();
        let before = match &mut repeated {
            None => None,
            Some(repeated) => repeated.owners_of::<E>(row, next)?,
        };
        let owners = match before {
            Some(owners) => owners,
            None => {
                rows.put(row)?;
                let Copies(copies) = each(row)?.into();
                for _ in 1..copies {
                    rows.again(row)?;
                }
                next..rows.len()
            }
        };
        for owner in owners {
            joined
                .iter_mut()
                .try_for_each(|collector| collector.row(row, owner, repeats))?;
        }
        Ok(())
    })
    .await?;
    Ok(())
}

/// Which of the rows before are the same owner's.
struct Repeated {
    /// What leads to the row: led to by several owners, it is each time another.
    led_by: Option<(&'static Table, Vec<usize>)>,
    owners: Identity,
    /// Where each owner's copies begin.
    starts: Vec<usize>,
}

impl Repeated {
    fn new<E: Entity>(select: &Select, likely: usize) -> Self {
        let led_by = select.joins.first().filter(|join| join.required);
        Self {
            led_by: led_by.map(|join| (join.table, join.table.positions(join.table.columns))),
            owners: Identity::expecting(likely, E::TABLE),
            starts: Vec::new(),
        }
    }

    /// The owners that the row repeats, if it does; the next one is `next`.
    fn owners_of<E: Entity>(&mut self, row: Row<'_>, next: usize) -> Result<Option<Range<usize>>> {
        let number = match &self.led_by {
            // Without a key it is no row of a table, and cannot be read.
            None => match self.owners.number(&row)? {
                Some(number) => number,
                None => return Ok(None),
            },
            Some((table, lead)) => {
                let beside = row.from(E::TABLE.columns.len());
                self.owners
                    .number_beside(&row, &beside.keys(table, lead)?)?
            }
        };
        if number == self.starts.len() {
            self.starts.push(next);
            return Ok(None);
        }
        let start = self.starts.get(number).copied().unwrap_or(next);
        let end = self.starts.get(number + 1).copied().unwrap_or(next);
        Ok(Some(start..end))
    }
}
