//! One connection for statements that belong together.

use super::connection::Connection;
use super::effect::Effect;
use super::lease::Lease;
use super::pool::Db;
use super::pooler::shared_session;
use crate::error::{Error, Result};
use std::fmt;
use std::panic::Location;
use std::sync::OnceLock;
use std::time::Instant;

/// The first of the statements takes the connection, the others find it here. It is given back when this is dropped; with
/// a reply that was not read to its end it is brought to rest first, or closed instead.
pub struct Hold<'d> {
    db: &'d Db,
    lease: OnceLock<Lease>,
    /// Whether no other connection will do.
    pinned: bool,
}

impl<'d> Hold<'d> {
    pub(super) fn new(db: &'d Db) -> Self {
        Self {
            db,
            lease: OnceLock::new(),
            pinned: false,
        }
    }

    /// One that has its connection from the beginning, and never another.
    pub(super) async fn pinned(db: &'d Db, caller: &'static Location<'static>) -> Result<Self> {
        if db.pool().manager().pooled {
            return Err(shared_session());
        }
        let (mut lease, _) = Lease::take(db, Instant::now()).await?;
        lease.is_held_at(caller);
        Ok(Self {
            db,
            lease: lease.into(),
            pinned: true,
        })
    }

    /// The connection, where it has to be this one.
    pub(super) fn only(&self) -> Option<&Connection> {
        let lease = self.lease.get().filter(|_| self.pinned)?;
        lease.connection().ok()
    }

    /// Whether the session may have time limits of its own.
    pub(super) fn sets_limits(&self) -> bool {
        self.only().is_some_and(Connection::is_retired)
    }

    /// Something is about to be sent that may have this effect.
    ///
    /// # Errors
    /// Where a transaction would begin or end behind the back of what is pinned.
    pub(super) fn allows(&self, effect: Effect) -> Result<()> {
        match effect {
            Effect::Transaction if self.pinned => Err(Error::usage(
                "transactions are not controlled by SQL on a connection that is pinned; use `db.begin()`, which has a \
                 connection of its own too",
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn db(&self) -> &'d Db {
        self.db
    }

    pub(super) fn lease(&self) -> Option<&Lease> {
        self.lease.get()
    }

    /// What was taken, or else is now.
    pub(super) async fn taken(&self, since: Instant) -> Result<&Lease> {
        if let Some(lease) = self.lease.get() {
            return Ok(lease);
        }
        let (lease, _) = Lease::take(self.db, since).await?;
        Ok(self.lease.get_or_init(|| lease))
    }

    /// Keeps what the first statement took. Of two that took one at the same time, the other goes back.
    pub(super) fn keep(&self, lease: Lease) {
        let _ = self.lease.set(lease);
    }
}

impl fmt::Debug for Hold<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold")
            .field("db", &self.db)
            .field("taken", &self.lease.get().is_some())
            .finish()
    }
}
