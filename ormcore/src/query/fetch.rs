//! Asking for entities: the statement goes out, rows come back, relations are attached.

use super::together::together;
use super::with::{Collect, Joins, Level, With};
use crate::db::{self, Reads, Request, Row, Source};
use crate::entity::Entity;
use crate::error::Result;
use crate::sql::{Base, Operation, Output, Select};
use crate::telemetry::{Page, ResultSet};
use crate::value::Numbering;
use smallvec::smallvec;

/// A question, put into SQL's terms.
pub(crate) struct Fetch<E> {
    pub(crate) operation: Operation,
    pub(crate) base: Base,
    pub(crate) page: Page,
    pub(crate) withs: Vec<Box<dyn With<E>>>,
    /// Which result the rows belong to, for those who watch how they are used.
    pub(crate) set: ResultSet,
    pub(crate) level: Level,
}

/// Asks, and attaches what comes along. `each` sees the row of every entity that is returned.
pub(crate) fn fetch<E: Entity>(
    source: Source<'_>,
    fetch: Fetch<E>,
    each: &mut (impl FnMut(Row<'_>) -> Result<()> + Send),
) -> impl Future<Output = Result<Vec<E>>> + Send {
    let likely = fetch.page.limit.map_or(0, |limit| limit.clamp(0, LIKELY));
    fetch_about(usize::try_from(likely).unwrap_or(0), source, fetch, each)
}

/// A limit up to this is taken for the number of rows.
const LIKELY: i64 = 256;

/// The same, with room for so many rows from the start.
pub(crate) async fn fetch_about<E: Entity>(
    likely: usize,
    source: Source<'_>,
    fetch: Fetch<E>,
    each: &mut (impl FnMut(Row<'_>) -> Result<()> + Send),
) -> Result<Vec<E>> {
    let Fetch {
        operation,
        base,
        page,
        withs,
        set,
        level,
    } = fetch;
    let mut joins = Joins {
        joins: Vec::new(),
        width: E::TABLE.columns.len(),
        likely,
    };
    let mut collectors: Vec<_> = withs
        .into_iter()
        .map(|with| with.start(0, &mut joins))
        .collect();
    let mut select = Select::new(operation, Output::Columns, base);
    select.joins = joins.joins;

    // What belongs together goes over one connection, each level of relations in one round trip.
    let asks = collectors.iter().any(|collector| collector.asks());
    let hold = if asks { source.hold() } else { None };
    let source = hold.as_ref().map_or(source, Source::Held);
    let mut tables = smallvec![E::TABLE];
    tables.extend(select.joins.iter().map(|join| join.table));
    let request = Request {
        statement: &select,
        reads: Reads::Tables(tables),
        page,
        writes: false,
        caller: level.caller,
    };
    let mut rows = Vec::with_capacity(likely);
    read(source, request, set, &mut rows, &mut collectors, each).await?;
    if !rows.is_empty() {
        let asking = collectors.iter_mut();
        together(asking.map(|collector| collector.ask(source, &rows, level))).await?;
        drop(hold);
        for collector in collectors {
            collector.give(&mut rows);
        }
    }
    Ok(rows)
}

async fn read<E: Entity>(
    source: Source<'_>,
    request: Request<'_, Select>,
    set: ResultSet,
    rows: &mut Vec<E>,
    collectors: &mut [Box<dyn Collect<E>>],
    each: &mut (impl FnMut(Row<'_>) -> Result<()> + Send),
) -> Result<()> {
    // A to-many join repeats its owner, and two of them each other's rows; without any, each row is the next owner's.
    let joins = request.statement.joins.iter();
    let many = joins.filter(|join| join.many).count();
    let key = match many {
        0 => Vec::new(),
        _ => E::TABLE.positions(E::TABLE.key),
    };
    let mut owners = Numbering::expecting(rows.capacity());
    let mut joined: Vec<_> = collectors
        .iter_mut()
        .filter(|collector| collector.is_joined())
        .collect();
    db::run(source, request, &mut |row: Row<'_>| {
        let row = row.of(set);
        let next = rows.len();
        let owner = match many {
            0 => next,
            _ => owners.number(row.keys(E::TABLE, &key)?),
        };
        if owner == next {
            rows.push(E::from_row(&row)?);
            each(row)?;
        }
        joined
            .iter_mut()
            .try_for_each(|collector| collector.row(row, owner, many > 1))
    })
    .await?;
    Ok(())
}
