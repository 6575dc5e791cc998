//! How the cost of a row changes with their number, and the cost of a query with the number of connections.

use crate::Outcome;
use crate::case::{Case, Measured};
use crate::data::{Person, World, person, sum_of};
use crate::figures::quantile;
use crate::find::{BY_KEY, key};
use crate::plot::{Line, Panel, svg};
use crate::report::target;
use futures_util::future::try_join_all;
use ormcore::Config;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use tokio_postgres::NoTls;

const ROWS: [u32; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
const CONNECTIONS: [usize; 6] = [1, 2, 8, 32, 100, 200];
/// Queries in one round, over all connections.
const QUERIES: usize = 10_000;
const ROUNDS: usize = 9;

/// As many as the connections of both sides together need.
pub(crate) const SERVER_CONNECTIONS: &str = "500";

/// Measures both, and writes the figures to `target/` and the picture beside this bench.
pub(crate) async fn scale(world: &World) -> Outcome<()> {
    grow(world).await?;
    let mut rows = Panel::new("Cost of a row", "rows in the result", "µs per row");
    for count in ROWS {
        let measured = many_rows(world, count).await?;
        rows.add(f64::from(count), per(&measured, f64::from(count)));
    }
    let mut queries = Panel::new(
        "Cost of a query under load",
        "connections, each busy",
        "µs per query",
    );
    for connections in CONNECTIONS {
        let measured = busy(world, connections, QUERIES).await?;
        let measured = measured.measure(ROUNDS).await?;
        queries.add(connections as f64, per(&measured, QUERIES as f64));
    }
    let panels = [rows, queries];
    let mut csv = "panel,series,x,microseconds\n".to_owned();
    for panel in &panels {
        for Line { name, points } in panel.lines() {
            for (x, y) in points {
                let _ = writeln!(csv, "{},{name},{x},{y:.4}", panel.title);
            }
        }
    }
    print!("{csv}");
    std::fs::write(target()?.join("scale.csv"), csv)?;
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("scale.svg");
    std::fs::write(&picture, svg(&panels))?;
    println!("drawn in {}", picture.display());
    Ok(())
}

/// A million people.
pub(crate) async fn grow(world: &World) -> Outcome<()> {
    let more = "INSERT INTO people (name, email, age, active, created_at)
        SELECT 'name ' || n, 'person' || n || '@example.org', n % 90, n % 2 = 0, '2026-01-01'
        FROM generate_series(10001, 1000000) AS n";
    world.bare.batch_execute(more).await?;
    world.bare.batch_execute("VACUUM ANALYZE people").await?;
    Ok(())
}

async fn many_rows(world: &World, count: u32) -> Outcome<Vec<Measured>> {
    let text = "SELECT id, name, email, age, active, created_at FROM people ORDER BY id LIMIT $1";
    let statement = world.bare.prepare(text).await?;
    let repeat = (20_000 / count).clamp(1, 200);
    let case = Case::new("rows", "tokio-postgres", repeat as usize)
        .way("tokio-postgres", move |_| {
            let statement = statement.clone();
            async move {
                let rows = world.bare.query(&statement, &[&i64::from(count)]).await?;
                Ok(sum_of(&rows.iter().map(person).collect::<Vec<_>>()))
            }
        })
        .way("ormcore", move |_| async move {
            let people = Person::find()
                .order_by(Person::ID)
                .limit(count)
                .all(&world.db);
            Ok(sum_of(&people.await?))
        });
    case.measure(ROUNDS).await
}

/// As many tasks as connections, each asking for one row after the other; all of them together for so many.
pub(crate) async fn busy(world: &World, connections: usize, queries: usize) -> Outcome<Case<'_>> {
    let mut clients = Vec::new();
    for _ in 0..connections {
        let (client, connection) = tokio_postgres::connect(&world.url, NoTls).await?;
        tokio::spawn(connection);
        let statement = client.prepare(BY_KEY).await?;
        clients.push(Arc::new((client, statement)));
    }
    let db = Config::new(&world.url)?.pool_size(connections);
    let db = db.connect().await?;
    let share = move |task: usize| (0..queries / connections).map(move |n| key(n + task));
    let case = Case::new("connections", "tokio-postgres", 1)
        .way("tokio-postgres", move |_| {
            let clients = clients.clone();
            async move {
                let tasks = clients.into_iter().enumerate().map(|(task, client)| {
                    tokio::spawn(async move {
                        let (client, statement) = &*client;
                        let mut sum = 0_u64;
                        for key in share(task) {
                            let row = client.query_one(statement, &[&key]).await?;
                            sum = sum.wrapping_add(sum_of(&[person(&row)]));
                        }
                        Ok::<u64, tokio_postgres::Error>(sum)
                    })
                });
                total(try_join_all(tasks).await?)
            }
        })
        .way("ormcore", move |_| {
            let db = db.clone();
            async move {
                let tasks = (0..connections).map(|task| {
                    let db = db.clone();
                    tokio::spawn(async move {
                        let mut sum = 0_u64;
                        for key in share(task) {
                            let person = Person::get(key).one(&db).await?;
                            sum = sum.wrapping_add(sum_of(&[person]));
                        }
                        Ok::<u64, ormcore::Error>(sum)
                    })
                });
                total(try_join_all(tasks).await?)
            }
        });
    Ok(case)
}

fn total<E: std::error::Error + 'static>(sums: Vec<Result<u64, E>>) -> Outcome<u64> {
    let mut total = 0_u64;
    for sum in sums {
        total = total.wrapping_add(sum?);
    }
    Ok(total)
}

/// The median time of each way, shared among so many.
fn per(measured: &[Measured], among: f64) -> impl Iterator<Item = (&'static str, f64)> {
    measured
        .iter()
        .map(move |way| (way.name, quantile(&way.wall, 0.5) / among))
}
