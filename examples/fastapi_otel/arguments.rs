//! What this program is asked to do: its arguments, and the variables that say where it listens and to whom.

use std::{fmt, net::IpAddr, path::PathBuf};

use axum::http::HeaderValue;

pub(crate) const USAGE: &str = "\
cargo run --example fastapi_otel [-- OPTIONS]

  --once            ask for the posts, lazily and eagerly, show both traces and end
  --data-dir DIR    keep the data in DIR, instead of forgetting them at the end
  --healthcheck     ask the one that runs at HOST and PORT whether it is ready, and end with 0 or 1
  --help            this text

  DATABASE_URL      the database to use; without it a PostgreSQL is found or fetched, and started
  JWT_SECRET        what tokens are signed with; without it, and in development only, each start makes its own
  PORT, HOST        where to listen; 8000 and 127.0.0.1
  ALLOWED_ORIGINS   other sites that may ask from a browser, such as http://localhost:3000,https://blog.example
  OTEL_…            see examples/README.md
";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Run(Run),
    Healthcheck { host: IpAddr, port: u16 },
    Help,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) once: bool,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) host: IpAddr,
    pub(crate) port: u16,
    pub(crate) origins: Vec<HeaderValue>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArgumentError(String);

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ArgumentError {}

impl Command {
    pub(crate) fn read(
        mut arguments: impl Iterator<Item = String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ArgumentError> {
        let mut run = Run {
            once: false,
            data_dir: None,
            host: setting(&variable, "HOST", "127.0.0.1", "an address such as 0.0.0.0")?,
            port: setting(&variable, "PORT", "8000", "a port such as 8001")?,
            origins: origins(&variable)?,
        };
        let mut healthcheck = false;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--once" => run.once = true,
                "--healthcheck" => healthcheck = true,
                "--help" | "-h" => return Ok(Self::Help),
                "--data-dir" => {
                    let dir = arguments.next().filter(|dir| !dir.is_empty());
                    let missing = || ArgumentError("--data-dir names no directory".to_owned());
                    run.data_dir = Some(dir.ok_or_else(missing)?.into());
                }
                _ => {
                    return Err(ArgumentError(format!(
                        "unknown argument `{argument}`; --help tells those there are"
                    )));
                }
            }
        }
        Ok(if healthcheck {
            Self::Healthcheck {
                host: run.host,
                port: run.port,
            }
        } else {
            Self::Run(run)
        })
    }
}

/// As browsers send them. A `*` is none of them: that would be every site there is.
fn origins(variable: impl Fn(&str) -> Option<String>) -> Result<Vec<HeaderValue>, ArgumentError> {
    let listed = variable("ALLOWED_ORIGINS").unwrap_or_default();
    let listed = listed
        .split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty());
    let origin = |origin: &str| {
        let host = origin
            .strip_prefix("https://")
            .or(origin.strip_prefix("http://"));
        let whole = host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*']));
        let value = origin.parse().ok().filter(|_| whole);
        value.ok_or_else(|| {
            ArgumentError(format!(
                "environment variable ALLOWED_ORIGINS lists `{origin}`: write origins such as http://localhost:3000"
            ))
        })
    };
    listed.map(origin).collect()
}

fn setting<T: std::str::FromStr>(
    variable: impl Fn(&str) -> Option<String>,
    name: &str,
    otherwise: &str,
    wanted: &str,
) -> Result<T, ArgumentError> {
    let value = variable(name).filter(|value| !value.is_empty());
    let value = value.as_deref().unwrap_or(otherwise);
    value.parse().map_err(|_| {
        ArgumentError(format!(
            "environment variable {name} is `{value}`: write {wanted}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::{ArgumentError, Command, HeaderValue, Run};

    fn read(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Command, ArgumentError> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Command::read(
            arguments.iter().map(|&argument| argument.to_owned()),
            variable,
        )
    }

    #[test]
    fn without_a_word_it_runs_on_port_8000_of_this_machine() {
        let usual = Run {
            once: false,
            data_dir: None,
            host: [127, 0, 0, 1].into(),
            port: 8000,
            origins: Vec::new(),
        };
        assert_eq!(read(&[], &[("PORT", "")]), Ok(Command::Run(usual)));
    }

    #[test]
    fn each_word_is_understood() {
        let everything = Run {
            once: true,
            data_dir: Some("data".into()),
            host: [0, 0, 0, 0].into(),
            port: 8001,
            origins: ["http://localhost:3000", "https://blog.example"]
                .map(HeaderValue::from_static)
                .into(),
        };
        let variables = [
            ("PORT", "8001"),
            ("HOST", "0.0.0.0"),
            (
                "ALLOWED_ORIGINS",
                "http://localhost:3000, https://blog.example,",
            ),
        ];
        assert_eq!(
            read(&["--once", "--data-dir", "data"], &variables),
            Ok(Command::Run(everything))
        );
        assert_eq!(
            read(&["--healthcheck"], &variables),
            Ok(Command::Healthcheck {
                host: [0, 0, 0, 0].into(),
                port: 8001
            })
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_the_remedy() {
        let refusal = |arguments: &[&str], variables: &[(&str, &str)]| {
            read(arguments, variables)
                .expect_err("a refusal")
                .to_string()
        };
        assert!(refusal(&["--twice"], &[]).contains("--help"));
        assert!(refusal(&["--data-dir"], &[]).contains("names no directory"));
        assert!(refusal(&[], &[("PORT", "http")]).contains("write a port such as 8001"));
        for origin in [
            "*",
            "https://*",
            "blog.example",
            "https://blog.example/",
            "http://a\0b",
        ] {
            let refusal = refusal(&[], &[("ALLOWED_ORIGINS", origin)]);
            assert!(
                refusal.contains("such as http://localhost:3000"),
                "{origin}"
            );
        }
    }
}
