//! One connection for statements that belong together.

use super::lease::Lease;
use super::pool::Db;
use crate::error::Result;
use std::fmt;
use std::sync::OnceLock;
use std::time::Instant;

/// The first of the statements takes the connection, the others find it here. It is given back when this is dropped; with
/// a reply that was not read to its end it is brought to rest first, or closed instead.
pub struct Hold<'d> {
    db: &'d Db,
    lease: OnceLock<Lease>,
}

impl<'d> Hold<'d> {
    pub(super) fn new(db: &'d Db) -> Self {
        Self {
            db,
            lease: OnceLock::new(),
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
