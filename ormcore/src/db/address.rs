//! What a connection URL says, and what holds where it says nothing.

use crate::error::{Error, ErrorKind, Result};
use std::time::Duration;
use tokio_postgres::config::Host;

/// Reads a URL: how to connect, and how long that may take.
pub(super) fn read(url: &str) -> Result<(tokio_postgres::Config, Duration)> {
    let mut driver: tokio_postgres::Config = url.parse().map_err(|error| unreadable(&error))?;
    if driver.get_hosts().is_empty() && driver.get_hostaddrs().is_empty() {
        driver.host("localhost");
    }
    if driver.get_user().is_none() {
        driver.user(std::env::var("USER").unwrap_or_else(|_| "postgres".to_owned()));
    }
    if driver.get_application_name().is_none() {
        driver.application_name(program_name());
    }
    // Each of the two alone leaves a half-open link unseen: keepalives one that is sending, the other an idle one.
    if driver.get_keepalives_idle() == DRIVERS_KEEPALIVES_IDLE {
        driver.keepalives_idle(Duration::from_secs(30));
    }
    if driver.get_keepalives_interval().is_none() {
        driver.keepalives_interval(Duration::from_secs(10));
    }
    if driver.get_keepalives_retries().is_none() {
        driver.keepalives_retries(3);
    }
    if driver.get_tcp_user_timeout().is_none() {
        driver.tcp_user_timeout(Duration::from_secs(30));
    }
    let connect_timeout = driver
        .get_connect_timeout()
        .copied()
        .unwrap_or(Duration::from_secs(10));
    driver.connect_timeout(connect_timeout);
    Ok((driver, connect_timeout))
}

/// The first host, and its port.
pub(super) fn place(driver: &tokio_postgres::Config) -> (String, u16) {
    let address = match driver.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        _ => driver
            .get_hostaddrs()
            .first()
            .map_or_else(|| "localhost".to_owned(), ToString::to_string),
    };
    let port = driver.get_ports().first().copied().unwrap_or(5432);
    (address, port)
}

/// What the driver has when the URL says nothing, and what nobody would ask for.
const DRIVERS_KEEPALIVES_IDLE: Duration = Duration::from_secs(2 * 60 * 60);

/// The driver may quote what it stumbled over: a part of the password, when that holds a character with a meaning.
fn unreadable(error: &tokio_postgres::Error) -> Error {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let cause = cause.filter(|cause| cause.starts_with("invalid value for option"));
    let cause = cause.as_deref().unwrap_or(
        "it looks like postgres://user:password@host:port/database, with %xx for special characters in the password",
    );
    Error::new(
        ErrorKind::Config,
        format!("the connection URL cannot be read: {cause}"),
    )
}

/// What `pg_stat_activity` shows.
fn program_name() -> String {
    let program = std::env::args_os().next().unwrap_or_default();
    let name = std::path::Path::new(&program)
        .file_name()
        .unwrap_or_default();
    match name.to_string_lossy() {
        name if name.is_empty() => "ormcore".to_owned(),
        name => name.into_owned(),
    }
}
