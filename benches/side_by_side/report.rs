//! The tables: printed as they grow, kept in `target/`, and in the README if that is asked for.

use crate::Outcome;
use crate::case::{Case, Measured};
use crate::figures::{plus_minus, quantile, spread};
use crate::names::row;
use crate::watch::Watch;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub(crate) struct Report {
    text: String,
    /// One line for each of ormcore's ways.
    overview: String,
    machine: [String; 3],
    rounds: usize,
    begun: Instant,
}

impl Report {
    pub(crate) fn new(machine: [String; 3], core: usize, rounds: usize) -> Self {
        let text = format!(
            "# Side by side\n\n* {}\n* client and server on core {core} alone, one runtime thread; a request and its reply are \
             serial\n\nEach way does the same task in turn, round after round. A ratio is to the floor of the same round: \
             its median, and in brackets what the middle 80 % of the rounds span; first of the time on the wall, then of the \
             processor time of this process alone. What a way saw or left behind is held against what the floor did. \
             What is not ormcore's, or was measured through one handle only, stands below `no SDK`. `cargo bench` makes \
             this table.\n",
            machine.join("\n* ")
        );
        println!("{text}");
        let overview = format!(
            "| Wall / client CPU | {} |\n|---|{}\n",
            Watch::ALL.map(Watch::name).join(" | "),
            "---:|".repeat(Watch::ALL.len())
        );
        Self {
            text,
            overview,
            machine,
            rounds,
            begun: Instant::now(),
        }
    }

    pub(crate) fn add(&mut self, case: &Case<'_>, measured: &[Measured]) {
        let mut table = format!(
            "## {}\n\nFloor: {}. {} rounds.\n\n| | µs | {} |\n|---|---:|{}\n",
            case.name,
            case.floor,
            case.rounds(self.rounds),
            Watch::ALL.map(Watch::name).join(" | "),
            "---:|".repeat(Watch::ALL.len())
        );
        for name in case.names() {
            let ways: Vec<&Measured> = measured.iter().filter(|way| way.name == name).collect();
            let unwatched = ways.iter().find(|way| way.watch == Watch::NoSdk);
            let micros = unwatched.map_or(f64::NAN, |way| quantile(&way.wall, 0.5));
            let cells = cells(&ways, |way| {
                format!("{} / {}", spread(&way.wall_ratio), spread(&way.cpu_ratio))
            });
            let _ = writeln!(table, "| {name} | {micros:.1} | {cells} |");
            if name.starts_with("ormcore") {
                let cells = cells_in_short(&ways);
                let _ = writeln!(self.overview, "| {} | {cells} |", row(case.name, name));
            }
        }
        println!("{table}");
        self.text.push('\n');
        self.text.push_str(&table);
    }

    /// Keeps the tables of a whole run, and, beside them, those of a run of some cases.
    pub(crate) fn save(self, whole: bool, readme: bool) -> Outcome<()> {
        let name = if whole {
            "side_by_side.md"
        } else {
            "side_by_side.some.md"
        };
        let minutes = self.begun.elapsed().as_secs_f64() / 60.0;
        let path = target()?.join(name);
        let (text, overview, rounds) = (self.text, self.overview, self.rounds);
        let took = format!("{rounds} rounds, which took {minutes:.1} minutes");
        std::fs::write(
            &path,
            format!("{text}\n## Overview\n\n{overview}\n{took}.\n"),
        )?;
        println!("{took}, written to {}", path.display());
        if readme {
            let machine = self.machine.join("; ");
            let text = format!("\n{overview}\n{machine}; {took}.\n\n");
            crate::readme::rewrite(&root().join("README.md"), "bench: side by side", &text)?;
        }
        Ok(())
    }
}

fn cells(ways: &[&Measured], cell: impl Fn(&Measured) -> String) -> String {
    let cells = Watch::ALL.map(|watch| {
        let way = ways.iter().find(|way| way.watch == watch);
        way.map_or_else(String::new, |way| cell(way))
    });
    cells.join(" | ")
}

fn cells_in_short(ways: &[&Measured]) -> String {
    cells(ways, |way| {
        let cpu = quantile(&way.cpu_ratio, 0.5);
        format!("{} / {cpu:.2}", plus_minus(&way.wall_ratio))
    })
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Where cargo keeps what it makes.
pub(crate) fn target() -> Outcome<PathBuf> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    std::fs::create_dir_all(&target)?;
    Ok(target)
}
