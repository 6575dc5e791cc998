//! What it was measured on, for whoever reads the figures later.

use crate::Outcome;
use crate::data::World;
use std::fs;
use std::process::Command;

/// The processor, the compiler and the server.
pub(crate) async fn machine(world: &World) -> Outcome<[String; 3]> {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors
        .lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split_once(": "))
        .map_or(std::env::consts::ARCH, |(_, model)| model);
    let cores = processors
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let compiler = Command::new("rustc").arg("--version").output();
    let compiler = compiler.map_or_else(
        |_| "rustc of an unknown version".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    );
    let row = world.bare.query_one("SELECT version()", &[]).await?;
    let server: String = row.get(0);
    let server = server.split(" on ").next().unwrap_or_default();
    Ok([
        format!("{model}, {cores} cores"),
        format!("{compiler}, release"),
        format!("{server}, jit off, data in memory or unsynced"),
    ])
}

/// Puts this process, and so the server it starts, on one core: a request and its reply are serial, and crossing cores
/// makes the same query take 20 or 60 µs by chance.
pub(crate) fn pin() -> Outcome<usize> {
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
