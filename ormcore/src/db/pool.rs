//! The handle to a database: a pool, cheap to clone.

use super::at_hand::AtHand;
use super::config::Config;
use super::connect::Manager;
use super::holders::Holders;
use super::keeper::{Keeper, Keeping};
use super::kept::Kept;
use super::lease::Lease;
use super::plan::Plans;
use super::shared::Shared;
use crate::error::Result;
use crate::sql::Said;
use crate::telemetry::{PoolProbe, PoolStatus, Server, SessionOpen, Settings, Telemetry};
use deadpool::managed::{Object, Pool};
use std::fmt;
use std::sync::{Arc, OnceLock};
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
pub struct Db {
    pub(super) inner: Arc<Inner>,
    /// What statements that say nothing themselves are about.
    pub(super) said: Option<Arc<Said>>,
    pub(super) kept: Kept,
    /// The span that everything belongs to, of a session that has one.
    pub(super) open: Option<Arc<SessionOpen>>,
}

pub(super) struct Inner {
    pub(super) at_hand: Arc<AtHand<Object<Manager>>>,
    pub(super) pool: Pool<Manager>,
    pub(super) telemetry: Telemetry,
    plans: Plans,
    holders: Arc<Holders>,
    /// Where reads go first, if it was asked for.
    shared: Option<Arc<Shared>>,
    /// How long the server lets a statement of a new session run, in milliseconds.
    statement_timeout: OnceLock<i32>,
    keeper: OnceLock<Keeper>,
    replica: OnceLock<Db>,
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
        shared: Option<Shared>,
        settings: Settings,
        server: Server,
        keeping: Keeping,
    ) -> Result<Self> {
        let schema = Arc::clone(&server.schema);
        let at_hand = Arc::new(AtHand::new());
        let telemetry = Telemetry::new(settings, server, probe(&pool, &at_hand, keeping.least));
        let inner = Arc::new(Inner {
            at_hand,
            pool,
            telemetry,
            plans: Plans::default(),
            holders: Arc::default(),
            shared: shared.map(Arc::new),
            statement_timeout: OnceLock::new(),
            keeper: OnceLock::new(),
            replica: OnceLock::new(),
        });
        let db = Self {
            inner,
            said: None,
            kept: Kept::default(),
            open: None,
        };
        let (lease, _) = Lease::take(&db, Instant::now()).await?;
        let manager = db.pool().manager();
        if manager.pooled {
            lease
                .connection()?
                .keeps_names_apart(&manager.address.name())
                .await?;
        }
        let (name, limit) = lease.connection()?.defaults().await?;
        if let Some(name) = name {
            schema.get_or_init(|| name);
        }
        if let Some(limit) = limit {
            db.inner.statement_timeout.get_or_init(|| limit);
        }
        drop(lease);
        if let Some(keeper) = Keeper::start(&db.inner, keeping) {
            db.inner.keeper.get_or_init(|| keeper);
        }
        Ok(db)
    }

    /// Closes idle connections, and those in use as soon as they are given back. Nobody gets a new one.
    pub fn close(&self) {
        if let Some(keeper) = self.inner.keeper.get() {
            keeper.stop();
        }
        if let Some(replica) = self.inner.replica.get() {
            replica.close();
        }
        let kept = self.inner.at_hand.close();
        self.inner.pool.close();
        if let Some(shared) = &self.inner.shared {
            shared.close();
        }
        // It goes to the pool, which takes none any more.
        drop(kept);
    }

    /// In front of the pool.
    pub(super) fn at_hand(&self) -> &AtHand<Object<Manager>> {
        self.inner.at_hand()
    }

    pub(super) fn pool(&self) -> &Pool<Manager> {
        self.inner.pool()
    }

    pub(super) fn shared(&self) -> Option<&Arc<Shared>> {
        self.inner.shared.as_ref()
    }

    pub(crate) fn telemetry(&self) -> &Telemetry {
        self.inner.telemetry()
    }

    pub(super) fn default_limit(&self) -> Option<i32> {
        self.inner.statement_timeout.get().copied()
    }

    pub(super) fn plans(&self) -> &Plans {
        &self.inner.plans
    }
}

impl Inner {
    pub(super) fn at_hand(&self) -> &AtHand<Object<Manager>> {
        &self.at_hand
    }

    pub(super) fn pool(&self) -> &Pool<Manager> {
        &self.pool
    }

    pub(super) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    pub(super) fn holders(&self) -> &Arc<Holders> {
        &self.holders
    }

    pub(super) fn replica(&self) -> Option<&Db> {
        self.replica.get()
    }

    pub(super) fn set_replica(&self, replica: Db) {
        self.replica.get_or_init(|| replica);
    }
}

/// Lets metrics ask the pool without keeping it alive.
fn probe(pool: &Pool<Manager>, at_hand: &Arc<AtHand<Object<Manager>>>, least: usize) -> PoolProbe {
    let (pool, at_hand) = (pool.weak(), Arc::downgrade(at_hand));
    Arc::new(move || {
        let (pool, at_hand) = (pool.upgrade()?, at_hand.upgrade()?);
        let (status, kept) = at_hand.hold(|kept| (pool.status(), usize::from(kept.is_some())));
        // The pool takes the one at hand for one in use.
        let users = (status.size + status.waiting).saturating_sub(status.available + kept);
        let used = users.min(status.size);
        Some(PoolStatus {
            used: used as u64,
            idle: (status.size - used) as u64,
            least: least as u64,
            max: status.max_size as u64,
            pending: (users - used) as u64,
        })
    })
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("pool", &self.inner.telemetry.server().pool)
            .finish_non_exhaustive()
    }
}
