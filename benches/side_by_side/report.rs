//! The table: printed as it grows, and kept in `target/`.

use crate::Outcome;
use crate::case::Measured;
use std::fmt::Write as _;
use std::path::PathBuf;

pub(crate) struct Report {
    text: String,
}

impl Report {
    pub(crate) fn new(machine: &str, core: usize, rounds: usize) -> Self {
        let text = format!(
            "# Side by side\n\n{machine}\n* client and server on core {core} alone, one runtime thread; a request and its reply are \
             serial\n\nEach way does the same task in turn, in {rounds} rounds (15 of the longest task). A ratio is to the floor of \
             the same round: its median, and in brackets what the middle 80 % of the rounds span. Client CPU is the time \
             of this process alone. What a way saw is held against what the floor saw. `cargo bench` makes this table.\n"
        );
        println!("{text}");
        Self { text }
    }

    pub(crate) fn add(&mut self, case: &str, floor: &str, measured: &[Measured]) {
        let mut table = format!(
            "## {case}\n\nFloor: {floor}.\n\n| | µs | wall | client CPU |\n|---|---:|---:|---:|\n"
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
        self.text.push('\n');
        self.text.push_str(&table);
    }

    pub(crate) fn save(self) -> Outcome<()> {
        let path = target()?.join("side_by_side.md");
        std::fs::write(&path, self.text)?;
        println!("written to {}", path.display());
        Ok(())
    }
}

/// Where cargo keeps what it makes.
pub(crate) fn target() -> Outcome<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")),
        PathBuf::from,
    );
    std::fs::create_dir_all(&target)?;
    Ok(target)
}

fn spread(ratios: &[f64]) -> String {
    format!(
        "{:.2} [{:.2}–{:.2}]",
        quantile(ratios, 0.5),
        quantile(ratios, 0.1),
        quantile(ratios, 0.9)
    )
}

pub(crate) fn quantile(values: &[f64], at: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
        .get(((values.len().saturating_sub(1)) as f64 * at).round() as usize)
        .copied()
        .unwrap_or(f64::NAN)
}
