//! The handle to a database: a pool, cheap to clone.

use super::config::Config;
use super::connect::Manager;
use super::lease::Lease;
use super::plan::Plans;
use crate::error::Result;
use crate::telemetry::{PoolProbe, PoolStatus, Server, Settings, Telemetry};
use deadpool::managed::Pool;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// A database: a pool of connections that tells OpenTelemetry what it does.
///
/// Clones are handles to the same pool. Spans and pool metrics are emitted from the start; with no SDK installed they go
/// nowhere and cost next to nothing.
///
/// ```no_run
/// # async fn run() -> ormcore::Result<()> {
/// let db = ormcore::Db::connect("postgres://localhost/blog").await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    pool: Pool<Manager>,
    telemetry: Telemetry,
    plans: Plans,
}

impl Db {
    /// Connects with the defaults of [`Config`].
    ///
    /// # Errors
    /// When the URL cannot be read, or the server cannot be reached or refuses.
    pub async fn connect(url: &str) -> Result<Self> {
        Config::new(url)?.connect().await
    }

    pub(super) async fn open(
        pool: Pool<Manager>,
        settings: Settings,
        server: Server,
    ) -> Result<Self> {
        let schema = Arc::clone(&server.schema);
        let telemetry = Telemetry::new(settings, server, probe(&pool));
        let db = Self(Arc::new(Inner {
            pool,
            telemetry,
            plans: Plans::default(),
        }));
        let (lease, _) = Lease::take(&db, Instant::now()).await?;
        if let Some(name) = lease.connection()?.current_schema().await? {
            schema.get_or_init(|| name);
        }
        Ok(db)
    }

    /// Closes idle connections, and those in use as soon as they are given back. Nobody gets a new one.
    pub fn close(&self) {
        self.0.pool.close();
    }

    pub(super) fn pool(&self) -> &Pool<Manager> {
        &self.0.pool
    }

    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.0.telemetry
    }

    pub(super) fn plans(&self) -> &Plans {
        &self.0.plans
    }
}

/// Lets metrics ask the pool without keeping it alive.
fn probe(pool: &Pool<Manager>) -> PoolProbe {
    let pool = pool.weak();
    Arc::new(move || {
        let status = pool.upgrade()?.status();
        Some(PoolStatus {
            used: status.size.saturating_sub(status.available) as u64,
            idle: status.available as u64,
            max: status.max_size as u64,
            pending: status.waiting as u64,
        })
    })
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("pool", &self.0.telemetry.server().pool)
            .finish_non_exhaustive()
    }
}
