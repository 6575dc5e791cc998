//! ormcore beside its rivals: `cargo bench --manifest-path benches/rivals/Cargo.toml [-- [WORD …] [--rounds N] [--readme]]`.
//!
//! The cases, the floor, ormcore's ways and the way of measuring are those of `benches/side_by_side`, the very same
//! files; here every rival adds its own ways to them, or says why it has none. One process, one server, one core, round
//! after round; every way's result is held against the floor's. `benches/rivals/README.md` says how each is set up.

#[allow(dead_code, reason = "not everything in it is used here")]
#[path = "../../../side_by_side/bulk.rs"]
mod bulk;
#[allow(dead_code, reason = "not everything in it is used here")]
#[path = "../../../side_by_side/case.rs"]
mod case;
#[path = "../../../side_by_side/cases.rs"]
mod cases;
#[path = "../../../side_by_side/crowd.rs"]
mod crowd;
#[path = "../../../side_by_side/data.rs"]
mod data;
mod diesel_async;
#[path = "../../../side_by_side/eager.rs"]
mod eager;
#[path = "../../../side_by_side/figures.rs"]
mod figures;
#[path = "../../../side_by_side/find.rs"]
mod find;
#[path = "../../../side_by_side/machine.rs"]
mod machine;
#[allow(dead_code, reason = "not everything in it is used here")]
#[path = "../../../side_by_side/names.rs"]
mod names;
#[path = "../../../side_by_side/readme.rs"]
mod readme;
mod ready;
mod report;
mod rival;
#[path = "../../../side_by_side/rows.rs"]
mod rows;
mod sea_orm;
#[path = "../../../side_by_side/session.rs"]
mod session;
mod sqlx;
mod sum;
mod toasty;
#[allow(dead_code, reason = "here nobody watches")]
#[path = "../../../side_by_side/watch.rs"]
mod watch;
#[path = "../../../side_by_side/writes.rs"]
mod writes;

use names::CASES;
use rival::Rival;
use std::error::Error;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Connections in every pool, all of them open before the clock runs, as in a service that has seen some load.
const POOL: u8 = data::CONNECTIONS as u8;

fn main() -> Outcome<()> {
    let options = Options::read()?;
    let core = machine::pin()?;
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
        let machine = machine::machine(&world).await?;
        let mut report = report::Report::new(machine, core, options.rounds, &rivals);
        for (name, _) in CASES.iter().filter(|(name, _)| options.wants(name)) {
            world.settle().await?;
            let mut case = cases::make(&world, name).await?;
            for rival in &rivals {
                case = rival::join(rival.as_ref(), case)?;
            }
            ready::warm(&case).await?;
            let measured = case.measure(options.rounds).await?;
            report.add(&case, &measured);
        }
        report.save(options.words.is_empty(), options.readme)
    })
}

struct Options {
    /// The words that pick cases.
    words: Vec<String>,
    rounds: usize,
    /// Put the table into the README.
    readme: bool,
}

impl Options {
    fn read() -> Outcome<Self> {
        let (mut words, mut rounds, mut readme) = (Vec::new(), 30, false);
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                // What cargo itself adds.
                "--bench" => {}
                "--readme" => readme = true,
                "--rounds" => {
                    rounds = arguments.next().ok_or("--rounds needs a number")?.parse()?;
                }
                flag if flag.starts_with('-') => {
                    return Err(format!("unknown option {flag}").into());
                }
                word => words.push(word.to_owned()),
            }
        }
        if readme && !words.is_empty() {
            return Err("the README shows all cases: --readme goes with no word".into());
        }
        Ok(Self {
            words,
            rounds,
            readme,
        })
    }

    fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }
}
