//! Running a package client.

use std::path::Path;
use std::process::{Command, Stdio};

/// What a client is started with.
pub(super) struct Client<'a> {
    pub(super) words: &'a [&'a str],
    pub(super) dir: &'a Path,
    pub(super) environment: &'a [(&'a str, &'a str)],
}

impl Client<'_> {
    /// What it printed; or what it was, and the end of what it complained about.
    pub(super) fn run(&self) -> Result<String, String> {
        let mut command = Command::new("/bin/sh");
        // What it installs is for an account that may not be ours, whatever our umask.
        command
            .args(["-c", "umask 022; exec \"$@\"", "sh"])
            .args(self.words)
            .current_dir(self.dir);
        command.envs(self.environment.iter().copied());
        // Its constraints would need hashes of their own.
        command.env_remove("PIP_CONSTRAINT").stdin(Stdio::null());
        let name = self
            .words
            .iter()
            .take(3)
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        let output = command
            .output()
            .map_err(|error| format!("{name}: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = if output.stderr.is_empty() {
            output.stdout
        } else {
            output.stderr
        };
        let complaint = String::from_utf8_lossy(&said);
        let lines: Vec<&str> = complaint
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        Err(format!(
            "{name}: {}",
            lines[lines.len().saturating_sub(3)..].join("\n")
        ))
    }
}
