//! The table: printed as it grows, and kept in `target/`.

use crate::case::Measured;
use crate::rival::Rival;
use crate::{Outcome, POOL};
use std::fmt::Write as _;
use std::path::PathBuf;

/// The libraries of the overview, as their ways' names begin.
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
}

impl Report {
    pub(crate) fn new(
        machine: &str,
        core: usize,
        rounds: usize,
        rivals: &[Box<dyn Rival>],
    ) -> Self {
        let mut head = format!(
            "# ormcore and its rivals\n\n{machine}\n* client and server on core {core} alone, one runtime thread; a request \
             and its reply are serial\n* every pool has {POOL} connections, all open before the clock runs, their statements \
             prepared\n\nEach way does the same task in turn, in {rounds} rounds. A ratio is to the floor of the same round: \
             its median. Client CPU is the time of this process alone. What a way saw is held against what the floor saw.\n\n\
             * tokio-postgres {}, the floor: one connection held, a statement prepared once, `get(index)`.\n\
             * ormcore: as it comes, through its pool; its telemetry compiled in, no SDK behind it.\n",
            version("tokio-postgres")
        );
        for rival in rivals {
            let crates: Vec<String> = rival
                .crates()
                .iter()
                .map(|name| format!("{name} {}", version(name)))
                .collect();
            let _ = writeln!(head, "* {}: {}", crates.join(", "), rival.configuration());
        }
        println!("{head}");
        let overview = format!(
            "## Overview\n\nWall / client CPU, each library's best way; the floor is 1.\n\n| | {} |\n|---|{}\n",
            LIBRARIES.join(" | "),
            "---:|".repeat(LIBRARIES.len())
        );
        Self {
            head,
            overview,
            cases: String::new(),
        }
    }

    pub(crate) fn add(&mut self, case: &str, floor: &str, measured: &[Measured]) {
        let mut table = format!(
            "## {case}\n\nFloor: {floor}. In brackets what the middle 80 % of the rounds span.\n\n\
             | | µs | wall | client CPU |\n|---|---:|---:|---:|\n"
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
        let best = LIBRARIES.map(|library| {
            measured
                .iter()
                .filter(|way| way.name.starts_with(library))
                .map(|way| {
                    (
                        quantile(&way.wall_ratio, 0.5),
                        quantile(&way.cpu_ratio, 0.5),
                    )
                })
                .min_by(|one, other| one.0.total_cmp(&other.0))
                .map_or_else(String::new, |(wall, cpu)| format!("{wall:.2} / {cpu:.2}"))
        });
        let _ = writeln!(self.overview, "| {case} | {} |", best.join(" | "));
    }

    pub(crate) fn save(self) -> Outcome<()> {
        println!("{}", self.overview);
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target")),
            PathBuf::from,
        );
        std::fs::create_dir_all(&target)?;
        let path = target.join("rivals.md");
        std::fs::write(
            &path,
            format!("{}\n{}{}", self.head, self.overview, self.cases),
        )?;
        println!("written to {}", path.display());
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

fn spread(ratios: &[f64]) -> String {
    format!(
        "{:.2} [{:.2}–{:.2}]",
        quantile(ratios, 0.5),
        quantile(ratios, 0.1),
        quantile(ratios, 0.9)
    )
}

fn quantile(values: &[f64], at: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
        .get(((values.len().saturating_sub(1)) as f64 * at).round() as usize)
        .copied()
        .unwrap_or(f64::NAN)
}
