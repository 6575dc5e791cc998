//! The gate for regressions: user-space instructions to the bare driver's, counted under callgrind.
//!
//! Time is at the mercy of the machine; instructions of the same binary repeat to a fraction of a percent. What is
//! kept in `benches/instructions.txt` is the ratio, because the absolute count differs with compiler and processor.

use crate::Outcome;
use crate::callgrind::Counter;
use crate::cases;
use crate::data::World;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What is counted, and how often the shorter of two runs does it.
struct Counted {
    case: &'static str,
    way: &'static str,
    /// The way it is compared with, if that is not the floor.
    against: Option<&'static str>,
    times: usize,
}

const fn counted(case: &'static str, way: &'static str, times: usize) -> Counted {
    Counted {
        case,
        way,
        against: None,
        times,
    }
}

/// What is written comes last, because the tables grow. The flush is counted with the load before it, on both sides.
const COUNTED: [Counted; 15] = [
    counted("find by key", "ormcore", 500),
    counted("filter, order, limit 50", "ormcore", 100),
    counted("1 000 rows", "ormcore", 20),
    Counted {
        case: "1 000 rows",
        way: "ormcore, session",
        against: Some("ormcore"),
        times: 20,
    },
    counted("10 000 rows", "ormcore", 3),
    counted("100 posts with authors", "ormcore, joined", 50),
    counted("100 posts with authors", "ormcore, select-in", 50),
    counted("100 authors × 10 posts × 5 comments", "ormcore", 5),
    counted("64 tasks on 8 connections", "ormcore", 2),
    counted("insert one row, returning it", "ormcore", 300),
    counted("update one row", "ormcore", 300),
    counted("transaction with one update", "ormcore", 300),
    counted("transaction with ten updates", "ormcore", 50),
    counted("flush of 1 000 dirty rows", "ormcore, session", 2),
    counted("insert 1 000 rows", "ormcore, insert_many", 10),
];

const HEAD: &str = "# Instructions to those of the bare driver, or of the way after `to`; kept by `cargo bench -- --instructions --accept`\n";

/// A ratio may grow by so much before it is refused.
const TOLERANCE: f64 = 1.03;

/// Counts what is wanted, prints, and compares with what is kept; `accept` keeps the new figures instead.
pub(crate) async fn gate(world: &World, accept: bool, wants: impl Fn(&str) -> bool) -> Outcome<()> {
    let kept = read_kept()?;
    let mut counter = Counter::new(world);
    let (mut text, mut refused) = (HEAD.to_owned(), Vec::new());
    for counted in COUNTED.iter().filter(|counted| wants(counted.case)) {
        let Counted {
            case, way, times, ..
        } = *counted;
        let (base, to) = match counted.against {
            Some(other) => (other, format!(" to {other}")),
            None => (cases::make(world, case).await?.floor, String::new()),
        };
        let ours = counter.count(case, way, times)?;
        let theirs = counter.count(case, base, times)?;
        let ratio = ours as f64 / theirs as f64;
        let name = format!("{case} / {way}{to}");
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
