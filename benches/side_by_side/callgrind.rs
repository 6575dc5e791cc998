//! Counts instructions under callgrind.

use crate::Outcome;
use crate::data::World;
use std::collections::BTreeMap;
use std::process::Command;

/// Counts ways of a world's cases, each once.
pub(crate) struct Counter<'w> {
    world: &'w World,
    counted: BTreeMap<(String, String), u64>,
}

impl<'w> Counter<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self {
            world,
            counted: BTreeMap::new(),
        }
    }

    /// Instructions per task in user space: the difference of a run that does it so often and of one that does it twice as
    /// often, so that set-up does not count. It is the least of three, because hash tables are seeded by chance.
    pub(crate) fn count(&mut self, case: &str, way: &str, times: usize) -> Outcome<u64> {
        let key = (case.to_owned(), way.to_owned());
        if let Some(counted) = self.counted.get(&key) {
            return Ok(*counted);
        }
        let mut least = u64::MAX;
        for _ in 0..3 {
            let (short, long) = (self.run(case, way, times)?, self.run(case, way, times * 2)?);
            least = least.min(long.saturating_sub(short) / times as u64);
        }
        self.counted.insert(key, least);
        Ok(least)
    }

    fn run(&self, case: &str, way: &str, times: usize) -> Outcome<u64> {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(std::env::current_exe()?)
            .args([case, "--repeat", way, &times.to_string(), &self.world.url])
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
}
