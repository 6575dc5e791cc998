//! Server programs: where they are, and that they run.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::{Error, fetch, installed};

const OLDEST: u32 = 14;

/// Where server programs came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The directory `PG_BIN` names.
    Named,
    /// A PostgreSQL this machine has.
    Installed,
    /// A package fetched into the user's cache.
    Fetched,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Named => "named by PG_BIN",
            Source::Installed => "installed",
            Source::Fetched => "fetched",
        })
    }
}

/// `initdb` and `postgres` of one version, known to run here.
#[derive(Clone, Debug)]
pub struct Programs {
    bin: PathBuf,
    libraries: Option<OsString>,
    version: String,
    major: u32,
    source: Source,
}

impl Programs {
    /// Those `PG_BIN` names; else the newest installed; else those in the cache; else fetched into the cache.
    pub fn find() -> Result<Programs, Error> {
        if let Some(bin) = env::var_os("PG_BIN").filter(|bin| !bin.is_empty()) {
            return Programs::named(bin.into());
        }
        let account = Account::for_servers()?;
        let mut tried = Vec::new();
        newest_installed(&account, &mut tried)
            .or_else(|| fetch::programs(None, &account, &mut tried))
            .ok_or_else(|| none(&tried))
    }

    /// The newest installed ones.
    pub fn installed() -> Result<Programs, Error> {
        let mut tried = Vec::new();
        newest_installed(&Account::for_servers()?, &mut tried).ok_or_else(|| none(&tried))
    }

    /// Those in the user's cache, fetched into it first when it has none.
    pub fn fetched() -> Result<Programs, Error> {
        let mut tried = Vec::new();
        fetch::programs(None, &Account::for_servers()?, &mut tried).ok_or_else(|| none(&tried))
    }

    /// Those in `cache`, fetched into it first when it has none.
    pub fn fetched_into(cache: &Path) -> Result<Programs, Error> {
        let mut tried = Vec::new();
        fetch::programs(Some(cache), &Account::for_servers()?, &mut tried)
            .ok_or_else(|| none(&tried))
    }

    fn named(bin: PathBuf) -> Result<Programs, Error> {
        let account = Account::for_servers()?;
        std::path::absolute(&bin)
            .map_err(|error| error.to_string())
            .and_then(|bin| Programs::probe(&bin, None, Source::Named, &account))
            .map_err(|reason| {
                Error::new(format!(
                    "PG_BIN names {}, which cannot be used: {reason}; name the directory that holds initdb \
                     and postgres, or unset it",
                    bin.display()
                ))
            })
    }

    /// Runs `postgres --version`, as the account that will run the server: a program may be there and not start.
    pub(crate) fn probe(
        bin: &Path,
        libraries: Option<OsString>,
        source: Source,
        account: &Account,
    ) -> Result<Programs, String> {
        if let Some(missing) = ["initdb", "postgres"]
            .iter()
            .find(|name| !bin.join(name).is_file())
        {
            return Err(format!("there is no {missing}"));
        }
        let postgres = bin.join("postgres");
        let mut command = account.command(&postgres);
        command.arg("--version");
        if let Some(path) = &libraries {
            command.env("LD_LIBRARY_PATH", path);
        }
        let output = command
            .output()
            .map_err(|error| format!("postgres does not start: {error}"))?;
        let answer = String::from_utf8_lossy(&output.stdout);
        let Some((version, major)) = parse_version(&answer) else {
            let complaint = String::from_utf8_lossy(&output.stderr);
            return Err(format!("postgres does not start: {}", complaint.trim()));
        };
        if major < OLDEST {
            return Err(format!("version {version} is older than {OLDEST}"));
        }
        let version = version.to_owned();
        Ok(Programs {
            bin: bin.to_owned(),
            libraries,
            version,
            major,
            source,
        })
    }

    /// The version they state, such as `15.9`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The first number of the version.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The directory that holds them.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// Where they came from.
    pub fn source(&self) -> Source {
        self.source
    }

    /// What `LD_LIBRARY_PATH` must say for them to run.
    pub(crate) fn libraries(&self) -> Option<&OsString> {
        self.libraries.as_ref()
    }
}

impl fmt::Display for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PostgreSQL {} in {} ({})",
            self.version,
            self.bin.display(),
            self.source
        )
    }
}

fn newest_installed(account: &Account, tried: &mut Vec<String>) -> Option<Programs> {
    let mut newest: Option<Programs> = None;
    for bin in installed::directories() {
        match Programs::probe(&bin, None, Source::Installed, account) {
            Ok(found)
                if newest
                    .as_ref()
                    .is_none_or(|newest| newest.major < found.major) =>
            {
                newest = Some(found);
            }
            Ok(_) => {}
            Err(reason) => tried.push(format!("{}: {reason}", bin.display())),
        }
    }
    if newest.is_none() {
        tried.push(format!(
            "PATH, pg_config and the usual directories: no PostgreSQL {OLDEST} or newer"
        ));
    }
    newest
}

/// Reads `postgres (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)`.
fn parse_version(answer: &str) -> Option<(&str, u32)> {
    let version = answer
        .split("(PostgreSQL)")
        .nth(1)?
        .split_whitespace()
        .next()?;
    let major = version
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()?;
    Some((version, major))
}

fn none(tried: &[String]) -> Error {
    let mut message =
        "there are no PostgreSQL server programs on this machine and none could be fetched"
            .to_owned();
    for line in tried {
        message.push_str("\n  tried ");
        message.push_str(&line.replace('\n', "\n    "));
    }
    message.push_str(
        "\nany one of these helps:\
         \n  set DATABASE_URL (TEST_DATABASE_URL for tests and benches) to a server that runs\
         \n  set PG_BIN to the directory that holds initdb and postgres\
         \n  install PostgreSQL 14 or newer (apt-get install postgresql, dnf install postgresql-server, \
         apk add postgresql, brew install postgresql)\
         \n  let pip, uv, npm or apt-get reach the package index they are configured with",
    );
    Error::new(message)
}

#[cfg(test)]
mod tests {
    use super::{none, parse_version};

    #[test]
    fn versions_of_distributions_and_betas_are_read() {
        let debian = "postgres (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)\n";
        assert_eq!(parse_version(debian), Some(("15.9", 15)));
        assert_eq!(
            parse_version("postgres (PostgreSQL) 19beta1\n"),
            Some(("19beta1", 19))
        );
        assert_eq!(parse_version("Segmentation fault\n"), None);
    }

    #[test]
    fn the_error_names_everything_tried_and_four_remedies() {
        let message = none(&[
            "/opt/pg/bin: there is no initdb".to_owned(),
            "pip: offline".to_owned(),
        ])
        .to_string();
        assert!(message.contains("tried /opt/pg/bin: there is no initdb\n  tried pip: offline"));
        assert_eq!(
            message
                .lines()
                .skip_while(|line| !line.starts_with("any one"))
                .skip(1)
                .count(),
            4
        );
    }
}
