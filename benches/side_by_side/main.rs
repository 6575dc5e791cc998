//! What ormcore costs, beside the bare driver: `cargo bench [WORD …] [-- --rounds N]` makes the table,
//! `cargo bench -- --instructions [--accept]` is the gate, and `cargo bench -- --scale` draws how costs grow.
//!
//! One process, pinned to one core together with its server, runs all variants of a case in turn, round after round.
//! A variant's ratio is taken to the floor of the same round, so that what else the machine does hits both alike.
//! Every variant's result is held against the floor's. The floor is tokio-postgres with a statement prepared once and
//! `get(index)` into a struct.

mod bulk;
mod case;
mod crowd;
mod data;
mod eager;
mod find;
mod instructions;
mod machine;
mod plot;
mod report;
mod rows;
mod scale;
mod session;
mod telemetry;
mod writes;

use case::Case;
use data::World;
use std::error::Error;
use std::pin::Pin;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let options = Options::read()?;
    let core = pin()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    if let Some(repeat) = &options.repeat {
        return runtime.block_on(repeat.run(&options.words));
    }
    if options.scale {
        let server = dev_postgres::Server::builder();
        let server = server.setting("max_connections", scale::SERVER_CONNECTIONS);
        let server = dev_postgres::Cluster::of(server.start()?)?;
        return runtime.block_on(async { scale::scale(&World::new(&server).await?).await });
    }
    let server = dev_postgres::Cluster::shared()?;
    runtime.block_on(async {
        let world = World::new(&server).await?;
        if options.instructions {
            return instructions::gate(&world, options.accept).await;
        }
        let machine = machine::machine(&world).await?;
        let mut report = report::Report::new(&machine, core, options.rounds);
        for (_, case) in cases(&world)
            .into_iter()
            .filter(|(name, _)| options.wants(name))
        {
            let case = case.await?;
            let measured = case.measure(options.rounds).await?;
            report.add(case.name, case.floor, &measured);
        }
        report.save()
    })
}

/// A case that is yet to be made: its statements to be prepared, its pools to be connected.
type Making<'w> = Pin<Box<dyn Future<Output = Outcome<Case<'w>>> + 'w>>;

fn cases(world: &World) -> Vec<(&'static str, Making<'_>)> {
    vec![
        ("find by key", Box::pin(find::by_key(world))),
        ("filter, order, limit 50", Box::pin(find::page(world))),
        ("1 000 rows", Box::pin(rows::rows(world, 1_000))),
        ("10 000 rows", Box::pin(rows::rows(world, 10_000))),
        ("100 posts with authors", Box::pin(eager::authors(world))),
        (
            "100 authors × 10 posts × 5 comments",
            Box::pin(eager::three_levels(world)),
        ),
        (
            "insert one row, returning it",
            Box::pin(writes::insert_one(world)),
        ),
        ("update one row", Box::pin(writes::update_one(world))),
        (
            "transaction with one update",
            Box::pin(writes::transaction(world)),
        ),
        ("64 tasks on 8 connections", Box::pin(crowd::crowd(world))),
        ("insert 1 000 rows", Box::pin(bulk::insert_1_000(world))),
        ("insert 100 000 rows", Box::pin(bulk::insert_100_000(world))),
        ("session load 1 000 rows", Box::pin(session::load(world))),
        ("flush of 1 000 dirty rows", Box::pin(session::flush(world))),
        (
            "find by key, watched",
            Box::pin(telemetry::find_by_key(world)),
        ),
    ]
}

/// The case of this name.
async fn case<'w>(world: &'w World, name: &str) -> Outcome<Case<'w>> {
    let mut cases = cases(world).into_iter();
    let found = cases.find(|(other, _)| *other == name);
    let (_, case) = found.ok_or_else(|| format!("there is no case {name}"))?;
    case.await
}

/// Puts this process, and so the server it starts, on one core: a request and its reply are serial, and crossing cores
/// makes the same query take 20 or 60 µs by chance.
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

struct Options {
    words: Vec<String>,
    rounds: usize,
    /// Only run one way of the case so many times, for a profiler.
    repeat: Option<Repeat>,
    /// Count instead of measure.
    instructions: bool,
    /// Keep what was counted.
    accept: bool,
    /// Draw how costs grow.
    scale: bool,
}

struct Repeat {
    way: String,
    times: usize,
    /// A database that is filled.
    url: String,
}

impl Repeat {
    async fn run(&self, case_name: &[String]) -> Outcome<()> {
        let world = World::at(&self.url).await?;
        let case = case(&world, &case_name.concat()).await?;
        case.repeat(&self.way, self.times).await
    }
}

impl Options {
    fn read() -> Outcome<Self> {
        let mut options = Self {
            words: Vec::new(),
            rounds: 150,
            repeat: None,
            instructions: false,
            accept: false,
            scale: false,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                // What cargo itself adds.
                "--bench" => {}
                "--instructions" => options.instructions = true,
                "--accept" => options.accept = true,
                "--scale" => options.scale = true,
                "--rounds" => {
                    let rounds = arguments.next().ok_or("--rounds needs a number")?;
                    options.rounds = rounds.parse()?;
                }
                "--repeat" => {
                    let mut next = || {
                        arguments
                            .next()
                            .ok_or("--repeat needs a way, a number and a URL")
                    };
                    let (way, times, url) = (next()?, next()?.parse()?, next()?);
                    options.repeat = Some(Repeat { way, times, url });
                }
                flag if flag.starts_with('-') => {
                    return Err(format!("unknown option {flag}").into());
                }
                word => options.words.push(word.to_owned()),
            }
        }
        Ok(options)
    }

    fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }
}
