//! Runs a private server for as long as this program runs: `cargo run -p dev-postgres -- [--fetched] [--data-dir DIR] [COMMAND …]`.

use std::env;
use std::process::{Command, ExitCode};

use dev_postgres::{Error, Programs, Server};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("dev-postgres: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the address and waits to be killed; or runs a command that finds the address in its environment.
fn run() -> Result<ExitCode, Error> {
    let mut words = env::args_os().skip(1).peekable();
    let mut server = Server::builder();
    while let Some(option) = words.next_if(|word| word.as_encoded_bytes().starts_with(b"-")) {
        server = match (option.to_str(), words.peek()) {
            (Some("--fetched"), _) => server.programs(Programs::fetched()?),
            (Some("--data-dir"), Some(dir)) => {
                let server = server.data_dir(dir);
                words.next();
                server
            }
            _ => {
                eprintln!("usage: dev-postgres [--fetched] [--data-dir DIR] [COMMAND ...]");
                return Ok(ExitCode::from(2));
            }
        };
    }
    let server = server.start()?;
    let url = server.url("postgres");
    let Some(program) = words.next() else {
        println!("{url}");
        eprintln!("{server}");
        loop {
            std::thread::park();
        }
    };
    let status = Command::new(&program)
        .args(words)
        .env("DATABASE_URL", &url)
        .env("TEST_DATABASE_URL", &url)
        .status();
    match status {
        Ok(status) => Ok(status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .map_or(ExitCode::FAILURE, ExitCode::from)),
        Err(error) => {
            eprintln!("dev-postgres: cannot run {}: {error}", program.display());
            Ok(ExitCode::from(127))
        }
    }
}
