//! What ormcore costs, beside the bare driver: `cargo bench [WORD …] [-- --rounds N]` makes the tables,
//! `cargo bench -- --readme` also the one of the README, `cargo bench [WORD …] -- --instructions [--accept]` is the gate
//! (the word `growth` is for its second half), and `cargo bench -- --scale` draws how costs grow.
//!
//! One process, pinned to one core together with its server, runs all variants of a case in turn, round after round.
//! A variant's ratio is taken to the floor of the same round, so that what else the machine does hits both alike.
//! Every variant's result is held against the floor's. The floor is tokio-postgres with a statement prepared once and
//! `get(index)` into a struct.

mod bulk;
mod callgrind;
mod case;
mod cases;
mod crowd;
mod data;
mod eager;
mod figures;
mod find;
mod growth;
mod instructions;
mod machine;
mod names;
mod plot;
mod readme;
mod report;
mod rows;
mod scale;
mod session;
mod telemetry;
mod watch;
mod writes;

use data::World;
use names::CASES;
use std::error::Error;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let options = Options::read()?;
    let core = machine::pin()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    if let Some(repeat) = &options.repeat {
        return runtime.block_on(repeat.run(&options.words));
    }
    if options.scale {
        return runtime.block_on(async { scale::scale(&roomy().await?).await });
    }
    let server = dev_postgres::Cluster::shared()?;
    runtime.block_on(async {
        let mut world = World::new(&server).await?;
        if options.instructions {
            instructions::gate(&world, options.accept, |name| options.wants(name)).await?;
            if options.wants("growth") {
                growth::gate(&roomy().await?).await?;
            }
            return Ok(());
        }
        telemetry::watch(&mut world).await?;
        let machine = machine::machine(&world).await?;
        let mut report = report::Report::new(machine, core, options.rounds);
        for (name, _) in CASES.iter().filter(|(name, _)| options.wants(name)) {
            world.settle().await?;
            let case = cases::make(&world, name).await?;
            let measured = case.measure(options.rounds).await?;
            report.add(&case, &measured);
        }
        report.save(options.words.is_empty(), options.readme)
    })
}

/// A world of its own, on a server with room for as many connections as the measures of growth open.
async fn roomy() -> Outcome<World> {
    let server = dev_postgres::Server::builder();
    let server = server.setting("max_connections", scale::SERVER_CONNECTIONS);
    World::new(&dev_postgres::Cluster::of(server.start()?)?).await
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
    /// Put the table into the README.
    readme: bool,
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
        let case = growth::case(&world, &case_name.concat()).await?;
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
            readme: false,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                // What cargo itself adds.
                "--bench" => {}
                "--instructions" => options.instructions = true,
                "--accept" => options.accept = true,
                "--scale" => options.scale = true,
                "--readme" => options.readme = true,
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
        if (options.readme || options.accept) && !options.words.is_empty() {
            return Err("--readme and --accept are about all cases, and go with no word".into());
        }
        Ok(options)
    }

    fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }
}
