//! The shell that runs a server and outlives us just long enough to remove it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::account::Account;
use crate::{Error, Programs};

const PATIENCE: Duration = Duration::from_secs(60);
const LOG_LINES: usize = 20;

/// What a server is started with.
pub(crate) struct Orders<'a> {
    pub(crate) programs: &'a Programs,
    pub(crate) account: Account,
    /// Made by the shell, private, and removed by it whatever happens.
    pub(crate) dir: PathBuf,
    /// Made by initdb when missing; lasts if it lies outside `dir`.
    pub(crate) data: PathBuf,
    pub(crate) password: &'a str,
    pub(crate) settings: &'a [(String, String)],
    /// Keeps the data worth keeping: a checkpoint at the end, instead of a quick death.
    pub(crate) persistent: bool,
}

/// A running server. Dropping it, or the end of this process, ends the server.
#[derive(Debug)]
pub(crate) struct Supervisor {
    shell: Child,
    dir: PathBuf,
    pub(crate) port: u16,
}

/// Why a server did not come up, and whether trying again may help.
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) passing: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure {
            error,
            passing: false,
        }
    }
}

impl Supervisor {
    /// Returns when the server accepts connections.
    pub(crate) fn start(orders: &Orders<'_>) -> Result<Supervisor, Failure> {
        let port = free_port()?;
        let shell = spawn(orders, port).map_err(|error| {
            Error::caused("cannot start /bin/sh to supervise PostgreSQL", error)
        })?;
        let mut supervisor = Supervisor {
            shell,
            dir: orders.dir.clone(),
            port,
        };
        if let Some(pipe) = &mut supervisor.shell.stdin {
            // Not as an argument, which other users can read. Fails only if the shell ended, seen just below.
            let _ = writeln!(pipe, "{}", orders.password);
        }
        supervisor.wait_until_ready(orders)?;
        Ok(supervisor)
    }

    fn wait_until_ready(&mut self, orders: &Orders<'_>) -> Result<(), Failure> {
        let started = Instant::now();
        loop {
            if is_ready(&self.dir, &orders.data) {
                return Ok(());
            }
            let ended = matches!(self.shell.try_wait(), Ok(Some(_)));
            if ended || self.dir.join("exited").exists() {
                return Err(self.failure(orders, "ended before it was ready", ended));
            }
            if started.elapsed() > PATIENCE {
                return Err(self.failure(orders, "was not ready after 60 seconds", false));
            }
            sleep(Duration::from_millis(3));
        }
    }

    fn failure(&mut self, orders: &Orders<'_>, what: &str, shell_ended: bool) -> Failure {
        let mut log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        // Only a shell that ended early still has something to say here, and then reading cannot block.
        if let Some(pipe) = self.shell.stderr.as_mut().filter(|_| shell_ended) {
            let _ = pipe.read_to_string(&mut log);
        }
        // Someone took the port, or an earlier server still writes what it keeps.
        let passing =
            log.contains("could not bind") || log.contains("postmaster.pid\" already exists");
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(LOG_LINES)..].join("\n  ");
        let error = Error::new(format!(
            "{} with data in {} {what}; the end of its log:\n  {last}",
            orders.programs,
            orders.data.display()
        ));
        Failure { error, passing }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

fn spawn(orders: &Orders<'_>, port: u16) -> std::io::Result<Child> {
    let mut command = orders.account.command("/bin/sh");
    command.args(["-c", include_str!("supervisor.sh"), "dev-postgres"]);
    command
        .args([&orders.dir, &orders.data])
        .arg(orders.programs.bin());
    command.arg(if orders.persistent { "INT" } else { "QUIT" });
    command.arg(initdb_options(orders.programs.major()));
    for (name, value) in orders.settings {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    command.arg("-c").arg(format!("port={port}"));
    if let Some(path) = orders.programs.libraries() {
        command.env("LD_LIBRARY_PATH", path);
    }
    // A group of its own, so that a terminal's Ctrl-C reaches us first and the server through us. Not our
    // output, because whoever waits for that to close must not wait for the server.
    command
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
}

fn initdb_options(major: u32) -> String {
    let mut options =
        "--username=postgres --auth=password --encoding=UTF8 --locale=C --wal-segsize=1 \
                       --no-sync --no-instructions"
            .to_owned();
    if major >= 17 {
        options.push_str(" --locale-provider=builtin --builtin-locale=C.UTF-8");
    }
    options
}

fn free_port() -> Result<u16, Error> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Error::caused("there is no free port on 127.0.0.1", error))
}

/// The process number is compared because persistent data may hold the file of a server that crashed.
fn is_ready(dir: &Path, data: &Path) -> bool {
    let Ok(pid) = fs::read_to_string(dir.join("pid")) else {
        return false;
    };
    let Ok(state) = fs::read_to_string(data.join("postmaster.pid")) else {
        return false;
    };
    let mut lines = state.lines().map(str::trim);
    lines.next() == Some(pid.trim()) && lines.nth(6) == Some("ready")
}
