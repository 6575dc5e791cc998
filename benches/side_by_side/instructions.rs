//! The gate: instructions per task, counted by callgrind, as a ratio to the floor's.
//!
//! Wall time on a shared machine says little; instructions of the same binary repeat to a fraction of a percent. What is
//! kept in `benches/instructions.txt` is the ratio, because the absolute count differs with compiler and processor.

use crate::Outcome;
use crate::data::World;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// What is counted: case, way, and how often the shorter of two runs does it.
const COUNTED: [(&str, &str, usize); 9] = [
    ("find by key", "ormcore, through the pool", 500),
    ("filter, order, limit 50", "ormcore", 100),
    ("1 000 rows", "ormcore", 20),
    ("100 posts with authors", "ormcore, joined", 50),
    ("100 posts with authors", "ormcore, select-in", 50),
    (
        "100 authors × 10 posts × 5 comments",
        "ormcore, select-in",
        5,
    ),
    ("insert one row, returning it", "ormcore", 300),
    ("update one row", "ormcore", 300),
    ("transaction with one update", "ormcore", 300),
];

const HEAD: &str =
    "# Instructions to the bare driver's, kept by `cargo bench -- --instructions --accept`\n";

/// A ratio may grow by so much before it is refused.
const TOLERANCE: f64 = 1.03;

/// Counts, prints, and compares with what is kept; `accept` keeps the new figures instead.
pub(crate) async fn gate(world: &World, accept: bool) -> Outcome<()> {
    let kept = read_kept()?;
    let (mut text, mut refused) = (HEAD.to_owned(), Vec::new());
    for (case, way, times) in COUNTED {
        let floor = crate::case(world, case).await?.floor;
        let (ours, theirs) = (
            count(case, way, times, &world.url)?,
            count(case, floor, times, &world.url)?,
        );
        let ratio = ours as f64 / theirs as f64;
        let name = format!("{case} / {way}");
        let before = kept.get(&name).copied();
        println!(
            "{name}: {ours} to {theirs}, {ratio:.3} ({})",
            match before {
                Some(before) => format!("kept: {before:.3}"),
                None => "not kept".to_owned(),
            }
        );
        if before.is_none_or(|before| ratio > before * TOLERANCE) {
            refused.push(name.clone());
        }
        let _ = writeln!(text, "{ratio:.3}\t{name}");
    }
    if accept {
        std::fs::write(path(), text)?;
        return Ok(());
    }
    match refused.as_slice() {
        [] => Ok(()),
        names => Err(format!(
            "more than 3 % above benches/instructions.txt, or not in it: {}; mend it, or keep the new figures with \
             `cargo bench -- --instructions --accept`",
            names.join(", ")
        )
        .into()),
    }
}

/// Instructions per task in user space: the difference of two runs, so that set-up does not count. It is the least of
/// three, because hash tables are seeded by chance.
fn count(case: &str, way: &str, times: usize, url: &str) -> Outcome<u64> {
    let mut least = u64::MAX;
    for _ in 0..3 {
        let (short, long) = (run(case, way, times, url)?, run(case, way, times * 2, url)?);
        least = least.min(long.saturating_sub(short) / times as u64);
    }
    Ok(least)
}

fn run(case: &str, way: &str, times: usize, url: &str) -> Outcome<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([case, "--repeat", way, &times.to_string(), url])
        // Otherwise a large copy counts once per byte on some processors.
        .env("GLIBC_TUNABLES", "glibc.cpu.x86_rep_movsb_threshold=0x7fffffff")
        .output()
        .map_err(|error| format!("valgrind cannot be started: {error}; install it, for instance `apt-get install valgrind`"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    match collected {
        Some((_, number)) if output.status.success() => Ok(number.trim().parse()?),
        _ => Err(format!("{case} / {way} under valgrind: {said}").into()),
    }
}

fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt"))
}

fn read_kept() -> Outcome<BTreeMap<String, f64>> {
    let Ok(text) = std::fs::read_to_string(path()) else {
        return Ok(BTreeMap::new());
    };
    let entry = |line: &str| -> Outcome<(String, f64)> {
        let (ratio, name) = line
            .split_once('\t')
            .ok_or("a line of instructions.txt has no tab")?;
        Ok((name.to_owned(), ratio.parse()?))
    };
    let entries = text.lines().filter(|line| !line.starts_with('#'));
    entries.map(entry).collect()
}
