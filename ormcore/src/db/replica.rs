//! A second pool, for reads that may be answered by a replica.

use super::address::Address;
use super::config::Config;
use super::pool::Db;
use crate::error::{Error, ErrorKind, Result};
use std::sync::Arc;

impl Config {
    /// Where [`Db::replica`] leads: a streaming replica of the same database, with a pool of its own that is set up like this
    /// one. Its name in metrics is the pool's with `(replica)` behind it.
    ///
    /// # Errors
    /// When the URL cannot be read.
    pub fn replica(mut self, url: &str) -> Result<Self> {
        self.replica = Some(Address::read(url)?);
        Ok(self)
    }

    /// What the replica is connected with.
    pub(super) fn take_replica(&mut self) -> Option<Self> {
        let mut address = self.replica.take()?;
        let driver = &mut address.driver;
        driver.connect_timeout(self.connect_timeout);
        if !self.pooled {
            // A standby refuses to write anyway; a primary that was taken for one is to refuse it too.
            let before = driver.get_options().unwrap_or_default();
            let options = format!("{before} -c default_transaction_read_only=on");
            driver.options(options.trim_start());
        }
        let mut replica = self.clone();
        (replica.address, replica.direct) = (address, None);
        replica.pool_name = Some(format!("{} (replica)", self.name()));
        Some(replica)
    }
}

impl Db {
    /// The same database as its replica knows it: for reads that need not be the newest. Nothing goes there unless it is asked
    /// for here.
    ///
    /// What was just committed may be missing for as long as the replica lags behind. Writing is refused with
    /// [`ErrorKind::ReadOnly`] (SQLSTATE 25006). A read that stands in the way of what the replica has to catch up with fails
    /// with [`ErrorKind::Serialization`] (40001): ask again, or ask the [`Db`] itself. Locks taken there are the replica's own.
    ///
    /// It is as cheap as a clone, and is about the same [`scope`](Self::scope).
    ///
    /// ```no_run
    /// # use ormcore::{Config, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct Order { #[orm(primary_key, generated)] id: i64 }
    /// # async fn run() -> Result<()> {
    /// let config = ormcore::Config::new("postgres://primary/shop")?;
    /// let db = config.replica("postgres://standby/shop")?.connect().await?;
    /// let orders = Order::find().count(&db.replica()?).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when [`Config::replica`] was not set.
    pub fn replica(&self) -> Result<Self> {
        let Some(replica) = self.inner.replica() else {
            let message = "there is no replica; say where it is with `Config::replica`";
            return Err(Error::new(ErrorKind::Config, message));
        };
        let mut handle = self.clone();
        handle.inner = Arc::clone(&replica.inner);
        Ok(handle)
    }
}
