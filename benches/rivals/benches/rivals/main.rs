//! ormcore beside its rivals: `cargo bench --manifest-path benches/rivals/Cargo.toml [-- [WORD …] [--rounds N]]`.
//!
//! The cases, the floor, ormcore's ways and the way of measuring are those of `benches/side_by_side`, the very same
//! files; here every rival adds its own ways to them. One process, one server, one core, round after round; every way's
//! result is held against the floor's. The table is kept in `benches/rivals/target/rivals.md`.

#[allow(dead_code, reason = "not everything in it is used here")]
#[path = "../../../side_by_side/bulk.rs"]
mod bulk;
#[allow(dead_code, reason = "not everything in it is used here")]
#[path = "../../../side_by_side/case.rs"]
mod case;
#[path = "../../../side_by_side/data.rs"]
mod data;
mod diesel_async;
#[path = "../../../side_by_side/eager.rs"]
mod eager;
#[path = "../../../side_by_side/find.rs"]
mod find;
#[path = "../../../side_by_side/machine.rs"]
mod machine;
mod ready;
mod report;
mod rival;
#[path = "../../../side_by_side/rows.rs"]
mod rows;
mod sea_orm;
mod sqlx;
mod sum;
mod toasty;
#[allow(dead_code, reason = "not everything in it is used here")]
#[path = "../../../side_by_side/writes.rs"]
mod writes;

use case::Case;
use rival::Rival;
use std::error::Error;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Connections in every pool, all of them open before the clock runs, as in a service that has seen some load.
const POOL: u8 = 8;

fn main() -> Outcome<()> {
    let (words, rounds) = options()?;
    let core = pin()?;
    let server = dev_postgres::Cluster::shared()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let world = data::World::new(&server).await?;
        ready::open(&world.db).await?;
        let rivals: [Box<dyn Rival>; 4] = [
            Box::new(sqlx::Sqlx::connect(&world.url).await?),
            Box::new(diesel_async::DieselAsync::connect(&world.url).await?),
            Box::new(sea_orm::SeaOrm::connect(&world.url).await?),
            Box::new(toasty::Toasty::connect(&world.url).await?),
        ];
        let mut cases = [
            find::by_key(&world).await?,
            rows::rows(&world, 1_000).await?,
            find::page(&world).await?,
            eager::authors(&world).await?,
            eager::three_levels(&world).await?,
            writes::insert_one(&world).await?,
            bulk::insert_1_000(&world).await?,
        ];
        for rival in &rivals {
            cases = join(rival.as_ref(), cases);
        }
        let mut report =
            report::Report::new(&machine::machine(&world).await?, core, rounds, &rivals);
        for case in cases {
            if !words.is_empty() && !words.iter().any(|word| case.name.contains(word.as_str())) {
                continue;
            }
            ready::warm(&case, &world.bare).await?;
            let measured = case.measure(rounds).await?;
            report.add(case.name, case.floor, &measured);
        }
        report.save()
    })
}

/// Adds a rival's ways to every case.
fn join<'w>(rival: &'w dyn Rival, cases: [Case<'w>; 7]) -> [Case<'w>; 7] {
    let [by_key, rows, page, authors, three_levels, one, many] = cases;
    [
        rival.by_key(by_key),
        rival.rows(rows),
        rival.page(page),
        rival.authors(authors),
        rival.three_levels(three_levels),
        rival.insert_one(one),
        rival.insert_many(many),
    ]
}

/// Puts this process, and so the server it starts, on one core; `benches/side_by_side` says why.
fn pin() -> Outcome<usize> {
    let allowed = rustix::thread::sched_getaffinity(None)?;
    let core = (0..rustix::thread::CpuSet::MAX_CPU)
        .rev()
        .find(|core| allowed.is_set(*core))
        .unwrap_or(0);
    let mut only = rustix::thread::CpuSet::new();
    only.set(core);
    rustix::thread::sched_setaffinity(None, &only)?;
    Ok(core)
}

/// The words that pick cases, and the number of rounds.
fn options() -> Outcome<(Vec<String>, usize)> {
    let (mut words, mut rounds) = (Vec::new(), 30);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // What cargo itself adds.
            "--bench" => {}
            "--rounds" => rounds = arguments.next().ok_or("--rounds needs a number")?.parse()?,
            flag if flag.starts_with('-') => return Err(format!("unknown option {flag}").into()),
            word => words.push(word.to_owned()),
        }
    }
    Ok((words, rounds))
}
