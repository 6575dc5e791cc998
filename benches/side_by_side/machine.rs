//! What it was measured on, for whoever reads the figures later.

use crate::Outcome;
use crate::data::World;
use std::fs;
use std::process::Command;

/// The processor, the compiler and the server, in a line each.
pub(crate) async fn machine(world: &World) -> Outcome<String> {
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
    Ok(format!(
        "* {model}, {cores} cores\n* {compiler}, release\n* {server}, jit off, data in memory or unsynced"
    ))
}
