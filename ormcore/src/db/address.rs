//! What a connection URL says, and what holds where it says nothing.

use super::encryption::{Encryption, unreadable};
use super::refusal::connect_error;
use super::tls::{Connector, Stream, another, connector};
use crate::error::{Error, Result};
use std::time::Duration;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Connection, Socket};

/// Where a server is, and how it is spoken to.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) driver: tokio_postgres::Config,
    pub(super) tls: Connector,
}

impl Address {
    /// Reads a URL.
    pub(super) fn read(url: &str) -> Result<Self> {
        let (url, said) = Encryption::split(url)?;
        let mut driver = driver(&url)?;
        if let Some(said) = &said {
            driver.ssl_mode(said.mode.to_driver());
        }
        // What only the driver has read counts too.
        let said = said.unwrap_or_else(|| Encryption::of(&driver));
        Ok(Self {
            tls: connector(&said)?,
            driver,
        })
    }

    /// How long connecting may take.
    pub(super) fn connect_timeout(&self) -> Duration {
        let set = self.driver.get_connect_timeout().copied();
        set.unwrap_or(CONNECT_TIMEOUT)
    }

    /// The first host, and its port.
    pub(super) fn place(&self) -> (String, u16) {
        place(&self.driver)
    }

    /// The same for people.
    pub(super) fn name(&self) -> String {
        let (host, port) = self.place();
        format!("{host}:{port}")
    }

    /// Connects.
    pub(super) async fn connect(&self) -> Result<(Client, Connection<Socket, Stream>)> {
        let connected = self.try_connect().await;
        connected.map_err(|error| connect_error(&error, &self.name()))
    }

    /// The same for those who look at what the driver says.
    pub(super) async fn try_connect(
        &self,
    ) -> Result<(Client, Connection<Socket, Stream>), tokio_postgres::Error> {
        self.driver.connect(another(&self.tls)).await
    }
}

/// Unless the URL says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How the driver is to connect.
fn driver(url: &str) -> Result<tokio_postgres::Config> {
    let mut driver: tokio_postgres::Config = url.parse().map_err(|error| refused(&error))?;
    // A certificate is for a host: one that is given by its address alone is called so.
    if driver.get_hosts().is_empty() {
        for address in driver.get_hostaddrs().to_vec() {
            driver.host(address.to_string());
        }
    }
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
    if driver.get_connect_timeout().is_none() {
        driver.connect_timeout(CONNECT_TIMEOUT);
    }
    Ok(driver)
}

fn place(driver: &tokio_postgres::Config) -> (String, u16) {
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
fn refused(error: &tokio_postgres::Error) -> Error {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let cause = cause.filter(|cause| cause.starts_with("invalid value for option"));
    let cause = cause.as_deref().unwrap_or(
        "it looks like postgres://user:password@host:port/database, with %xx for special characters in the password",
    );
    unreadable(cause)
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
