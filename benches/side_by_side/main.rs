//! What ormcore costs, beside the bare driver: `cargo bench [WORD …] [-- --rounds N]`, or
//! `cargo bench -- --instructions [--accept]` for the gate.
//!
//! One process, pinned to one core together with its server, runs all variants of a case in turn, round after round.
//! A variant's ratio is taken to the floor of the same round, so that what else the machine does hits both alike.
//! Every variant's result is held against the floor's. The floor is tokio-postgres with a statement prepared once and
//! `get(index)` into a struct.

mod case;
mod data;
mod eager;
mod find;
mod instructions;
mod report;
mod rows;
mod telemetry;
mod writes;

use case::Case;
use std::error::Error;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let options = Options::read()?;
    let core = pin()?;
    let server = dev_postgres::Cluster::shared()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let world = data::World::new(&server).await?;
        let mut cases: Vec<Case<'_>> = vec![
            find::by_key(&world).await?,
            find::page(&world).await?,
            rows::rows(&world, 1_000).await?,
            rows::rows(&world, 10_000).await?,
            eager::authors(&world).await?,
            eager::three_levels(&world).await?,
            writes::insert_one(&world).await?,
            writes::update_one(&world).await?,
            writes::insert_many(&world).await?,
            writes::transaction(&world).await?,
            telemetry::find_by_key(&world).await?,
        ];
        if let Some((way, times)) = &options.repeat {
            for case in cases
                .iter()
                .filter(|case| options.words.iter().any(|word| word == case.name))
            {
                case.repeat(way, *times).await?;
            }
            return Ok(());
        }
        if options.instructions {
            let floors = cases.iter().map(|case| (case.name, case.floor)).collect();
            return instructions::gate(&floors, &server.url("postgres")?, options.accept);
        }
        let mut report = report::Report::new(&server.to_string(), core);
        for case in cases.iter_mut().filter(|case| options.wants(case.name)) {
            let measured = case.measure(options.rounds).await?;
            report.add(case.name, case.floor, &measured);
        }
        report.save()
    })
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
    /// Only run one way so many times, for a profiler.
    repeat: Option<(String, usize)>,
    /// Count instead of measure.
    instructions: bool,
    /// Keep what was counted.
    accept: bool,
}

impl Options {
    fn read() -> Outcome<Self> {
        let mut options = Self {
            words: Vec::new(),
            rounds: 30,
            repeat: None,
            instructions: false,
            accept: false,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                // What cargo itself adds.
                "--bench" => {}
                "--instructions" => options.instructions = true,
                "--accept" => options.accept = true,
                "--rounds" => {
                    let rounds = arguments.next().ok_or("--rounds needs a number")?;
                    options.rounds = rounds.parse()?;
                }
                "--repeat" => {
                    let way = arguments
                        .next()
                        .ok_or("--repeat needs a way and a number")?;
                    let times = arguments
                        .next()
                        .ok_or("--repeat needs a way and a number")?;
                    options.repeat = Some((way, times.parse()?));
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
