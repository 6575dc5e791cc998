//! The tables: printed as they grow, kept in `target/`, and in the README if that is asked for.

use crate::case::{Case, Measured};
use crate::figures::{plus_minus, quantile, spread};
use crate::names::CASES;
use crate::rival::Rival;
use crate::{Outcome, POOL};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The columns of the overview, as the ways' names begin.
const LIBRARIES: [&str; 6] = [
    "ormcore",
    "sqlx, held",
    "sqlx, pool",
    "diesel-async",
    "sea-orm",
    "toasty",
];

pub(crate) struct Report {
    head: String,
    overview: String,
    cases: String,
    machine: [String; 3],
    rounds: usize,
    begun: Instant,
}

impl Report {
    pub(crate) fn new(
        machine: [String; 3],
        core: usize,
        rounds: usize,
        rivals: &[Box<dyn Rival>],
    ) -> Self {
        let mut head = format!(
            "# ormcore and its rivals\n\n* {}\n* client and server on core {core} alone, one runtime thread; a request \
             and its reply are serial\n* every pool has {POOL} connections, all open before the clock runs, their statements \
             prepared\n\nEach way does the same task in turn, round after round. A ratio is to the floor of the same round: \
             its median. Client CPU is the time of this process alone. What a way saw or left behind is held against what the \
             floor did.\n\n\
             * tokio-postgres {}, the floor: one connection held, a statement prepared once, `get(index)`.\n\
             * ormcore: as it comes, through its pool; its telemetry compiled in, no SDK behind it.\n",
            machine.join("\n* "),
            version("tokio-postgres")
        );
        for rival in rivals {
            let crates: Vec<String> = rival
                .crates()
                .iter()
                .map(|name| format!("{name} {}", version(name)))
                .collect();
            let _ = writeln!(head, "* {}: {}", crates.join(", "), rival.configuration());
            for (case, why) in rival.lacks() {
                let _ = writeln!(head, "  - {case}: {why}.");
            }
        }
        println!("{head}");
        let overview = format!(
            "| Wall / client CPU | {} |\n|---|{}\n",
            LIBRARIES.join(" | "),
            "---:|".repeat(LIBRARIES.len())
        );
        Self {
            head,
            overview,
            cases: String::new(),
            machine,
            rounds,
            begun: Instant::now(),
        }
    }

    pub(crate) fn add(&mut self, case: &Case<'_>, measured: &[Measured]) {
        let mut table = format!(
            "## {}\n\nFloor: {}. {} rounds. In brackets what the middle 80 % of them span.\n\n\
             | | µs | wall | client CPU |\n|---|---:|---:|---:|\n",
            case.name,
            case.floor,
            case.rounds(self.rounds)
        );
        for way in measured {
            let _ = writeln!(
                table,
                "| {} | {:.1} | {} | {} |",
                way.name,
                quantile(&way.wall, 0.5),
                spread(&way.wall_ratio),
                spread(&way.cpu_ratio)
            );
        }
        println!("{table}");
        let _ = write!(self.cases, "\n{table}");
        // Of ormcore's several ways the one that is listed first, which need not be the fastest.
        let first = CASES.iter().find(|(name, _)| *name == case.name);
        let first = first.and_then(|(_, ways)| ways.first());
        let cells = LIBRARIES.map(|library| {
            let way = measured.iter().find(|way| match library {
                "ormcore" => Some(&way.name) == first,
                library => way.name.starts_with(library),
            });
            way.map_or_else(
                || "–".to_owned(),
                |way| {
                    let cpu = quantile(&way.cpu_ratio, 0.5);
                    format!("{} / {cpu:.2}", plus_minus(&way.wall_ratio))
                },
            )
        });
        let _ = writeln!(self.overview, "| {} | {} |", case.name, cells.join(" | "));
    }

    /// Keeps the tables of a whole run, and, beside them, those of a run of some cases.
    pub(crate) fn save(self, whole: bool, readme: bool) -> Outcome<()> {
        let minutes = self.begun.elapsed().as_secs_f64() / 60.0;
        let (overview, rounds) = (self.overview, self.rounds);
        let took = format!("{rounds} rounds, which took {minutes:.1} minutes");
        println!("{overview}\n{took}");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        std::fs::create_dir_all(&target)?;
        let path = target.join(if whole { "rivals.md" } else { "rivals.some.md" });
        let (head, cases) = (self.head, self.cases);
        std::fs::write(
            &path,
            format!("{head}\n## Overview\n\n{overview}\n{took}.\n{cases}"),
        )?;
        println!("written to {}", path.display());
        if readme {
            let versions = [
                "tokio-postgres",
                "sqlx",
                "diesel-async",
                "sea-orm",
                "toasty",
            ];
            let versions = versions.map(|name| format!("{name} {}", version(name)));
            let (versions, machine) = (versions.join(", "), self.machine.join("; "));
            let text = format!("\n{overview}\n{versions}; {machine}; {took}.\n\n");
            let path = root.join("../../README.md");
            crate::readme::rewrite(&path, "bench: rivals", &text)?;
        }
        Ok(())
    }
}

/// What the lock file pins a crate to.
fn version(name: &str) -> &'static str {
    let lock = include_str!("../../Cargo.lock");
    lock.split_once(&format!("name = \"{name}\"\nversion = \""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("of an unknown version", |(version, _)| version)
}
