//! The gate for growth: what a row costs does not depend on how many there are, and what a query costs neither on the size
//! of the table nor on the number of connections. It is counted in instructions, on a server of its own.

use crate::Outcome;
use crate::callgrind::Counter;
use crate::case::Case;
use crate::data::World;
use crate::{cases, rows, scale};

/// By so much may the cost of one more row differ between few rows and many.
const ROW_MARGIN: f64 = 0.05;

/// By so much may a query cost more in a large table than in a small one.
const TABLE_MARGIN: f64 = 0.02;

/// By so much may a query cost more on many connections than on one.
const CONNECTION_MARGIN: f64 = 0.08;

/// Queries over all connections together.
const QUERIES: usize = 2_000;

const ROWS: &str = "rows in the result: ";
const CONNECTIONS: &str = "connections: ";

/// The case of this name: a listed one, or one of those that grow.
pub(crate) async fn case<'w>(world: &'w World, name: &str) -> Outcome<Case<'w>> {
    if let Some(count) = name.strip_prefix(ROWS) {
        return rows::rows(world, count.parse()?).await;
    }
    if let Some(count) = name.strip_prefix(CONNECTIONS) {
        return scale::busy(world, count.parse()?, QUERIES).await;
    }
    cases::make(world, name).await
}

/// Counts, prints, and refuses what grows.
pub(crate) async fn gate(world: &World) -> Outcome<()> {
    let mut refused = Vec::new();
    let mut judge = |what: &str, before: f64, after: f64, margin: f64, both_ways: bool| {
        let grown = after / before - 1.0;
        let (grown_by, allowed) = (grown * 100.0, margin * 100.0);
        println!("{what}: {before:.0} and {after:.0}, {grown_by:+.1} % (allowed: {allowed:.0} %)");
        if grown > margin || (both_ways && grown < -margin) {
            refused.push(what.to_owned());
        }
    };
    let small = Counter::new(world).count("find by key", "ormcore", 500)?;
    scale::grow(world).await?;
    let mut counter = Counter::new(world);
    let large = counter.count("find by key", "ormcore", 500)?;
    judge(
        "a find by key in 10 000 and in 1 000 000 rows",
        small as f64,
        large as f64,
        TABLE_MARGIN,
        true,
    );
    let mut of_rows = |count: usize, times: usize| -> Outcome<f64> {
        Ok(counter.count(&format!("{ROWS}{count}"), "ormcore", times)? as f64)
    };
    let (few, some, many) = (of_rows(10, 300)?, of_rows(1_000, 20)?, of_rows(100_000, 1)?);
    judge(
        "one more row, from 10 to 1 000 and from there to 100 000",
        (some - few) / 990.0,
        (many - some) / 99_000.0,
        ROW_MARGIN,
        true,
    );
    let mut of_connections = |count: usize| -> Outcome<f64> {
        let whole = counter.count(&format!("{CONNECTIONS}{count}"), "ormcore", 1)?;
        Ok(whole as f64 / QUERIES as f64)
    };
    let (one, some, many) = (
        of_connections(1)?,
        of_connections(50)?,
        of_connections(200)?,
    );
    // Fewer are fine: who waits for many at once goes to sleep less often.
    judge(
        "a find by key on 1 connection and on each of 50",
        one,
        some,
        CONNECTION_MARGIN,
        false,
    );
    judge(
        "a find by key on 1 connection and on each of 200",
        one,
        many,
        CONNECTION_MARGIN,
        false,
    );
    match refused.as_slice() {
        [] => Ok(()),
        what => Err(format!("costs grow: {}", what.join("; ")).into()),
    }
}
