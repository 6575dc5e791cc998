//! Poolers between here and the server, whose clients share sessions transaction by transaction.

use super::config::Config;
use super::connect::Manager;
use super::connection::Connection;
use super::exchange::Exchange;
use super::retry::some_of;
use crate::error::{Error, ErrorKind, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::SimpleQueryMessage;

impl Config {
    /// Says that the URL leads to a pooler whose clients share the server's sessions transaction by transaction, such as
    /// PgBouncer with `pool_mode = transaction`. Without being told nobody can know, and what one program does to a session
    /// would come to another: also its prepared statements, silently, under a pooler that knows nothing of them.
    ///
    /// Needed is one that keeps prepared statements apart, which [`connect`](Self::connect) looks at: PgBouncer from version
    /// 1.22.1 on with `max_prepared_statements` (200 unless set, from 1.24 on). What then works as ever: all statements, with
    /// types of your own too, transactions, savepoints, COPY, streams, sessions, locks of a transaction, cancelling.
    ///
    /// What needs a session of its own connects to [`direct_url`](Self::direct_url), or is an error of
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) without it: [`Db::listen`](crate::Db::listen),
    /// [`Db::advisory_lock`](crate::Db::advisory_lock) and migrations. So are, always and before they are sent,
    /// [`Db::pin`](crate::Db::pin) and SQL of your own that changes the session: `SET` without `LOCAL`, `LISTEN`, temporary tables
    /// without `ON COMMIT DROP`, locks of a session. [`lock_timeout`](Self::lock_timeout),
    /// [`idle_in_transaction_timeout`](Self::idle_in_transaction_timeout) and `options` in the URL would be lost, and are refused by
    /// `connect`: set them for the role (`ALTER ROLE … SET`) or for a transaction ([`Begin`](crate::Begin)). A
    /// [`replica`](Self::replica) behind a pooler refuses to write only if its server does.
    ///
    /// A pooler whose clients keep their sessions (`pool_mode = session`) is like none.
    #[must_use]
    pub fn transaction_pooler(mut self) -> Self {
        self.pooled = true;
        self
    }

    /// # Errors
    /// When something is set that a pooler would lose.
    pub(super) fn survives_pooler(&self) -> Result<()> {
        if !self.pooled || self.address.driver.get_options().is_none() {
            return Ok(());
        }
        let message = "a pooler whose clients share sessions takes no `options`, which `Config::lock_timeout` and \
                       `Config::idle_in_transaction_timeout` are too; set them for the role (`ALTER ROLE … SET`), or in `db.begin()`";
        Err(Error::new(ErrorKind::Config, message))
    }
}

impl Manager {
    /// The same for connections whose sessions are their own.
    ///
    /// # Errors
    /// When they would be shared.
    pub(super) fn unshared(&self) -> Result<Self> {
        let mut manager = self.clone();
        match manager.direct.take() {
            Some(direct) => manager.address = Arc::unwrap_or_clone(direct),
            None if self.pooled => {
                let message = "this needs a session of its own, which a pooler does not give; say with `Config::direct_url` \
                               where the server itself is";
                return Err(Error::usage(message));
            }
            None => {}
        }
        manager.pooled = false;
        Ok(manager)
    }
}

/// What outlasts a transaction.
pub(super) fn shared_session() -> Error {
    Error::usage(
        "behind a pooler this would change a session that others have next; use what ends with a transaction (`SET LOCAL`, \
         `ON COMMIT DROP`, `tx.advisory_lock`), or a `Db` that leads to the server itself",
    )
}

impl Connection {
    /// Looks at the name a prepared statement has at the server. The driver numbers its own; where they have these names,
    /// those of other programs have them too.
    ///
    /// # Errors
    /// When they are not kept apart.
    pub(super) async fn keeps_names_apart(&self, place: &str) -> Result<()> {
        let mark = some_of(Duration::MAX).as_secs();
        self.set_in_transaction(true);
        self.batch("BEGIN").await?;
        let exchange = Exchange::begin(self);
        let statement = exchange.end(self.client.prepare(&format!("SELECT {mark}")).await)?;
        let ask = format!(
            "SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT {mark}%'"
        );
        let exchange = Exchange::begin(self);
        let names = exchange.end(self.client.simple_query(&ask).await)?;
        drop(statement);
        self.batch("ROLLBACK").await?;
        self.set_in_transaction(false);
        let name = names.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        match name.is_some_and(is_the_drivers) {
            false => Ok(()),
            true => Err(Error::new(
                ErrorKind::Config,
                format!(
                    "`Config::transaction_pooler` is set, but at {place} prepared statements of several programs have the same \
                     names: PgBouncer keeps them apart from version 1.22.1 on, with `max_prepared_statements`"
                ),
            )),
        }
    }
}

fn is_the_drivers(name: &str) -> bool {
    let number = name.strip_prefix('s');
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}
