//! How often connections had the statement they were asked for prepared already.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a connection found when it looked for a prepared statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The statement.
    Hit,
    /// Nothing: it was prepared, and so many others had to make room for it.
    Miss { evicted: u64 },
}

/// The counts of one `Db`, over all its connections.
#[derive(Default)]
pub(super) struct StatementCache {
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: AtomicU64,
}

impl StatementCache {
    pub(super) fn count(&self, lookup: Lookup) {
        match lookup {
            Lookup::Hit => self.hits.fetch_add(1, Ordering::Relaxed),
            Lookup::Miss { evicted } => {
                self.evictions.fetch_add(evicted, Ordering::Relaxed);
                self.misses.fetch_add(1, Ordering::Relaxed)
            }
        };
    }

    pub(super) fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    pub(super) fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    pub(super) fn evictions(&self) -> u64 {
        self.evictions.load(Ordering::Relaxed)
    }
}
