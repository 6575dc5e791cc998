//! Asking for entities: the statement goes out, rows come back, relations are attached.

use super::with::{Collect, Joins, Level, With};
use crate::db::{self, Reads, Request, Row, Source};
use crate::entity::{Entity, Key as _};
use crate::error::Result;
use crate::sql::{Base, Operation, Output, Select};
use crate::telemetry::{Page, ResultSet};
use crate::value::KeySet;
use smallvec::smallvec;
use std::panic::Location;

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
pub(crate) async fn fetch<E: Entity>(
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
    };
    let mut collectors: Vec<_> = withs
        .into_iter()
        .map(|with| with.start(0, &mut joins))
        .collect();
    let mut select = Select::new(operation, Output::Columns, base);
    select.joins = joins.joins;

    let mut rows = read(
        source,
        &select,
        page,
        set,
        level.caller,
        &mut collectors,
        each,
    )
    .await?;
    if !rows.is_empty() {
        for collector in collectors {
            collector.finish(source, &mut rows, level).await?;
        }
    }
    Ok(rows)
}

async fn read<E: Entity>(
    source: Source<'_>,
    select: &Select,
    page: Page,
    set: ResultSet,
    caller: &'static Location<'static>,
    collectors: &mut [Box<dyn Collect<E>>],
    each: &mut (impl FnMut(Row<'_>) -> Result<()> + Send),
) -> Result<Vec<E>> {
    let mut tables = smallvec![E::TABLE];
    tables.extend(select.joins.iter().map(|join| join.table));
    let request = Request {
        statement: select,
        reads: Reads::Tables(tables),
        page,
        writes: false,
        caller,
    };
    // A to-many join repeats its owner.
    let mut seen = select
        .joins
        .iter()
        .any(|join| join.many)
        .then(KeySet::default);
    let mut joined: Vec<_> = collectors
        .iter_mut()
        .filter(|collector| collector.is_joined())
        .collect();
    let mut rows = Vec::new();
    db::run(source, request, &mut |row: Row<'_>| {
        let row = row.of(set);
        let entity = E::from_row(&row)?;
        if seen
            .as_mut()
            .is_none_or(|seen| seen.insert(entity.key().keys()))
        {
            rows.push(entity);
            each(row)?;
        }
        joined
            .iter_mut()
            .try_for_each(|collector| collector.row(row))
    })
    .await?;
    Ok(rows)
}
