//! How to reach the server, and within which limits.

use super::address::Address;
use super::comment::comment;
use super::connect::Manager;
use super::keeper::Keeping;
use super::pool::Db;
use super::retry::Pauses;
use super::shared::Shared;
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::{NPlusOne, Server, Settings, SpanNames};
use deadpool::managed::{Pool, QueueMode};
use deadpool_postgres::Runtime;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Everything that can be set about a [`Db`] before it connects.
///
/// ```no_run
/// # async fn run() -> ormcore::Result<()> {
/// use std::time::Duration;
///
/// let db = ormcore::Config::new("postgres://localhost/blog")?
///     .pool_size(20)
///     .statement_timeout(Duration::from_secs(5))
///     .connect()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Config {
    pub(super) address: Address,
    pub(super) direct: Option<Address>,
    pub(super) replica: Option<Address>,
    pool_size: usize,
    min_connections: usize,
    pub(super) pool_name: Option<String>,
    pub(super) wait_timeout: Duration,
    pub(super) connect_timeout: Duration,
    pub(super) statement_timeout: Option<Duration>,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) connect_retries: u32,
    pub(super) pauses: Pauses,
    statement_cache: usize,
    multiplexed_reads: usize,
    pub(super) pooled: bool,
    pub(super) tags: BTreeMap<String, String>,
    settings: Settings,
}

impl Config {
    /// Reads a connection URL (`postgres://user:password@host:port/database?option=value`) or a `key=value` string.
    ///
    /// What the URL does not set has these defaults: keepalive probes after 30 s, every 10 s, three times; unacknowledged
    /// data for 30 s ends the connection; 10 s to connect; `application_name` is the program's name.
    ///
    /// With the feature `tls` a URL says how connections are encrypted, in the words of PostgreSQL's own clients (its
    /// documentation, "SSL Support"):
    ///
    /// | `sslmode` | |
    /// |---|---|
    /// | `disable` | not at all |
    /// | `prefer` (unless said) | if the server can; whoever it is |
    /// | `require` | or not connected; whoever it is, unless `sslrootcert` is given: then as `verify-ca` |
    /// | `verify-ca` | and the server has a certificate by an authority of `sslrootcert`, or one the system trusts |
    /// | `verify-full` | and that certificate is for the host in the URL |
    ///
    /// `sslrootcert=system` trusts the system's authorities and verifies in full. `sslcert` and `sslkey` name a certificate of one's
    /// own and its key. All three are PEM files, and read here.
    ///
    /// # Errors
    /// When the URL, or a file it names, cannot be read; when it asks for encryption and the feature `tls` is not there. The
    /// message does not repeat the URL, since it may hold a password.
    pub fn new(url: &str) -> Result<Self> {
        let address = Address::read(url)?;
        let connect_timeout = address.connect_timeout();
        Ok(Self {
            address,
            direct: None,
            replica: None,
            pool_size: 10,
            min_connections: 0,
            pool_name: None,
            wait_timeout: Duration::from_secs(30),
            connect_timeout,
            statement_timeout: Some(Duration::from_secs(60)),
            max_lifetime: None,
            idle_timeout: Some(Duration::from_secs(600)),
            connect_retries: 2,
            pauses: Pauses::new(Duration::from_millis(100), Duration::from_secs(5)),
            statement_cache: 256,
            multiplexed_reads: 0,
            pooled: false,
            tags: BTreeMap::new(),
            settings: Settings::default(),
        })
    }

    /// Where [`Db::listen`], [`Db::advisory_lock`] and [`migrate::run`](fn@crate::migrate::run) connect, when the usual URL
    /// leads to a pooler: they need sessions of their own. Behind a pooler that shares sessions a listener would hear nothing,
    /// or what others should, and a lock be somebody else's.
    ///
    /// # Errors
    /// When the URL cannot be read.
    pub fn direct_url(mut self, url: &str) -> Result<Self> {
        self.direct = Some(Address::read(url)?);
        Ok(self)
    }

    /// At most this many connections; 10 unless set. The one used last is used next, so the others may rest.
    #[must_use]
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.pool_size = connections.max(1);
        self
    }

    /// At least this many connections are kept open, in use or at rest, as far as [`pool_size`](Self::pool_size) allows; none
    /// unless set. Those that are missing, after the start or because they ended, are opened in the background.
    #[must_use]
    pub fn min_connections(mut self, connections: usize) -> Self {
        self.min_connections = connections;
        self
    }

    /// The pool's name in metrics; `host:port/database` unless set.
    #[must_use]
    pub fn pool_name(mut self, name: impl Into<String>) -> Self {
        self.pool_name = Some(name.into());
        self
    }

    /// At most this many prepared statements per connection; 256 unless set. The one unused for longest makes room.
    #[must_use]
    pub fn statement_cache(mut self, statements: usize) -> Self {
        self.statement_cache = statements;
        self
    }

    /// How many connections, besides those of the pool, reads share by pipelining; none unless set.
    ///
    /// Reads outside of a transaction (`get`, `find`, `count`, `exists`, relations) then go out at once, one behind the
    /// other on the same few connections, instead of each waiting for a connection of its own. That is worth most with
    /// many tasks, or with a server that is far away. Writes, transactions, SQL and functions of your own, locks, `stream` and
    /// `for_each` have connections of the pool as ever, and so has a read whenever no shared connection can take it at once.
    ///
    /// The price: replies come in the order of the questions. Behind a slow statement, or a reply its reader takes slowly,
    /// others wait who came up to a tenth of a second after it; later ones go to the pool. A read that is dropped is not
    /// cancelled at the server. Poll what you have begun: a large reply that is left lying blocks those behind it until
    /// [`statement_timeout`](Self::statement_timeout).
    ///
    /// A read whose connection ends goes to the pool once more, unless a row of its reply was taken already: then it fails with
    /// [`ErrorKind::ConnectionLost`](crate::ErrorKind::ConnectionLost).
    ///
    /// These connections are opened when they are first needed. The pool's metrics do not count them.
    #[must_use]
    pub fn multiplexed_reads(mut self, connections: usize) -> Self {
        self.multiplexed_reads = connections;
        self
    }

    /// Whether spans and metrics are emitted; yes, unless `ORMCORE_TRACING_ENABLED` is `false`, `0`, `no` or `off`.
    #[must_use]
    pub fn telemetry(mut self, enabled: bool) -> Self {
        self.settings.enabled = enabled;
        self
    }

    /// How statement spans are named.
    #[must_use]
    pub fn span_names(mut self, names: SpanNames) -> Self {
        self.settings.span_names = names;
        self
    }

    /// Whether spans carry the statement's text, which holds placeholders and no values; yes, unless set.
    #[must_use]
    pub fn query_text(mut self, shown: bool) -> Self {
        self.settings.query_text = shown;
        self
    }

    /// From which duration on a statement is logged as slow; 1 s unless set.
    #[must_use]
    pub fn slow_statement(mut self, threshold: impl Into<Option<Duration>>) -> Self {
        self.settings.slow_statement = threshold.into();
        self
    }

    /// What happens when rows of one result load a relation one by one; a warning, unless set here or by
    /// `ORMCORE_N_PLUS_ONE` (`off`, `warn`, `error`).
    #[must_use]
    pub fn n_plus_one(mut self, reaction: NPlusOne) -> Self {
        self.settings.n_plus_one = reaction;
        self
    }

    /// At which load out of one result that happens; the fifth, unless set.
    #[must_use]
    pub fn n_plus_one_threshold(mut self, loads: u32) -> Self {
        self.settings.n_plus_one_threshold = loads.max(2);
        self
    }

    /// An attribute for every span this `Db` emits, such as `tenant.id`.
    #[must_use]
    pub fn attribute(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.settings.attributes.push((key.into(), value.into()));
        self
    }

    /// Sends spans to this provider instead of the global one.
    #[cfg(feature = "otel")]
    #[must_use]
    pub fn tracer_provider<P>(mut self, provider: &P) -> Self
    where
        P: crate::telemetry::TracerProvider,
        P::Tracer: Send + Sync + 'static,
        <P::Tracer as crate::telemetry::Tracer>::Span: Send + Sync + 'static,
    {
        self.settings.providers.set_tracer(provider);
        self
    }

    /// Sends metrics to this provider instead of the global one.
    #[cfg(feature = "otel")]
    #[must_use]
    pub fn meter_provider(
        mut self,
        provider: impl crate::telemetry::MeterProvider + Send + Sync + 'static,
    ) -> Self {
        self.settings.providers.set_meter(provider);
        self
    }

    /// Connects: one connection is made at once, so that a mistake shows here.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn connect(mut self) -> Result<Db> {
        let replica = self.take_replica();
        let db = self.open(false).await?;
        if let Some(replica) = replica {
            db.inner.set_replica(replica.open(true).await?);
        }
        Ok(db)
    }

    async fn open(self, is_replica: bool) -> Result<Db> {
        self.survives_pooler()?;
        let server = self.server();
        let direct = self.direct.map(|mut direct| {
            direct.driver.connect_timeout(self.connect_timeout);
            direct
        });
        let manager = Manager {
            direct: direct.map(Arc::new),
            connect_timeout: self.connect_timeout,
            connect_retries: self.connect_retries,
            pauses: self.pauses,
            wait_timeout: self.wait_timeout,
            ended: Arc::default(),
            address: self.address,
            statement_timeout: self.statement_timeout,
            max_lifetime: self.max_lifetime,
            statement_cache: self.statement_cache,
            is_replica,
            pooled: self.pooled,
            comment: comment(&self.tags).into(),
        };
        let keeping = Keeping {
            least: self.min_connections.min(self.pool_size),
            idle: self.idle_timeout,
            lifetime: self.max_lifetime,
        };
        // Only statements that stay prepared can share a connection.
        let shares = self.multiplexed_reads > 0 && self.statement_cache > 0;
        let shared = shares.then(|| Shared::new(self.multiplexed_reads, manager.clone()));
        let pool = Pool::builder(manager)
            .max_size(self.pool_size)
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(self.wait_timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| {
                Error::new(
                    ErrorKind::Config,
                    format!("the pool cannot be built: {error}"),
                )
            })?;
        Db::open(pool, shared, self.settings, server, keeping).await
    }

    fn server(&self) -> Server {
        let (address, port) = self.address.place();
        Server {
            address: address.into(),
            port,
            database: self.database().into(),
            schema: Arc::new(OnceLock::new()),
            pool: self.name().into(),
        }
    }

    /// The pool's, in metrics.
    pub(super) fn name(&self) -> String {
        let (address, port) = self.address.place();
        let database = self.database();
        let name = || format!("{address}:{port}/{database}");
        self.pool_name.clone().unwrap_or_else(name)
    }

    fn database(&self) -> &str {
        let driver = &self.address.driver;
        let named = driver.get_dbname().or(driver.get_user());
        named.unwrap_or("postgres")
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pool_size,
            wait_timeout,
            connect_timeout,
            statement_timeout,
            ..
        } = self;
        f.debug_struct("Config")
            .field("pool_size", pool_size)
            .field("wait_timeout", wait_timeout)
            .field("connect_timeout", connect_timeout)
            .field("statement_timeout", statement_timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Duration};

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn a_dead_link_is_found_by_default() {
        let driver = Config::new("postgres://host/db").unwrap().address.driver;
        assert!(driver.get_keepalives());
        assert_eq!(driver.get_keepalives_idle(), seconds(30));
        assert_eq!(driver.get_keepalives_interval(), Some(seconds(10)));
        assert_eq!(driver.get_keepalives_retries(), Some(3));
        assert_eq!(driver.get_tcp_user_timeout(), Some(&seconds(30)));
        assert_eq!(driver.get_connect_timeout(), Some(&seconds(10)));
    }

    #[test]
    fn what_the_url_says_counts() {
        let url = "postgres://host/db?keepalives_idle=60&keepalives_interval=7&keepalives_retries=5\
                   &tcp_user_timeout=9&connect_timeout=4&application_name=blog";
        let config = Config::new(url).unwrap();
        let driver = &config.address.driver;
        assert_eq!(driver.get_keepalives_idle(), seconds(60));
        assert_eq!(driver.get_keepalives_interval(), Some(seconds(7)));
        assert_eq!(driver.get_keepalives_retries(), Some(5));
        assert_eq!(driver.get_tcp_user_timeout(), Some(&seconds(9)));
        assert_eq!(driver.get_connect_timeout(), Some(&seconds(4)));
        assert_eq!(config.connect_timeout, seconds(4));
        assert_eq!(driver.get_application_name(), Some("blog"));
        let without = Config::new("postgres://host/db?keepalives=0").unwrap();
        assert!(!without.address.driver.get_keepalives());
    }

    #[test]
    fn a_time_limit_given_later_counts_for_the_whole_of_connecting() {
        let config = Config::new("postgres://host/db").unwrap();
        let config = config.connect_timeout(seconds(2));
        assert_eq!(
            config.address.driver.get_connect_timeout(),
            Some(&seconds(2))
        );
    }
}
