//! Connections beside the pool, for work that has the database to itself: migrations.

use super::keeper::Keeping;
use super::pool::Db;
use crate::error::{Error, ErrorKind, Result};
use deadpool::managed::Pool;
use deadpool_postgres::Runtime;
use std::sync::Arc;

impl Db {
    /// A handle with a connection of its own, to [`Config::direct_url`](crate::Config::direct_url) if there is one. Its
    /// statements may take as long as the server lets them.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) async fn dedicated(&self) -> Result<Self> {
        if self.pool().is_closed() {
            return Err(Error::usage("the Db was closed"));
        }
        let mut manager = self.pool().manager().unshared()?;
        let mut server = self.telemetry().server().clone();
        let (address, port) = manager.address.place();
        (server.address, server.port) = (address.into(), port);
        if let Some(database) = manager.address.driver.get_dbname() {
            server.database = database.into();
        }
        server.schema = Arc::default();
        server.pool = format!("{} (migrations)", server.pool).into();
        manager.statement_timeout = None;
        manager.max_lifetime = None;
        let connect_timeout = manager.connect_timeout;
        let pool = Pool::builder(manager)
            .max_size(1)
            // Who gave it back may still be bringing it to rest.
            .wait_timeout(Some(connect_timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| {
                let message = format!("the pool cannot be built: {error}");
                Error::new(ErrorKind::Config, message)
            })?;
        let settings = self.telemetry().settings().clone();
        Self::open(pool, None, settings, server, Keeping::NOTHING).await
    }
}
