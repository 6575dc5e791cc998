//! The one seam to OpenTelemetry, and to `tracing` events.
//!
//! Six things are observed: a statement, a relation load, a transaction, a session, a migration and the pool. Whoever does one of them starts an
//! observation here and finishes it with the outcome; one that is dropped unfinished was cancelled, and says so.
//! Nothing outside this room names OpenTelemetry.

// What is only ever shown to OpenTelemetry is gathered all the same when it is left out.
#![cfg_attr(not(feature = "otel"), allow(dead_code, unused_imports))]

mod cache;
mod facts;
mod listener;
mod load;
mod migration;
mod names;
mod session;
mod settings;
mod statement;
mod transaction;
mod watch;

#[cfg(feature = "otel")]
mod attributes;
#[cfg(feature = "bound-metrics")]
mod bound;
#[cfg(feature = "otel")]
mod metrics;
#[cfg(feature = "otel")]
mod pool_metrics;
#[cfg(all(feature = "otel", not(feature = "bound-metrics")))]
mod series;
#[cfg(feature = "otel")]
mod span;
#[cfg(feature = "otel")]
mod tracer;

#[cfg(feature = "bound-metrics")]
use bound as series;

#[cfg(not(feature = "otel"))]
mod off;
#[cfg(not(feature = "otel"))]
use off as metrics;
#[cfg(not(feature = "otel"))]
use off as span;
#[cfg(not(feature = "otel"))]
use off as attributes;

pub(crate) use cache::Lookup;
pub(crate) use facts::{Described, Facts, Server};
pub(crate) use load::{Load, LoadSpan, Strategy};
pub(crate) use migration::MigrationFacts;
pub(crate) use session::{SessionAct, SessionCounts, SessionEnd, SessionOpen};
pub(crate) use settings::Settings;
pub use settings::{NPlusOne, SpanNames};
pub(crate) use span::Scope;
pub(crate) use statement::{Page, StatementOutcome, StatementSpan};
pub(crate) use transaction::TransactionSpan;
pub(crate) use watch::ResultSet;

#[cfg(feature = "otel")]
pub(crate) use opentelemetry::metrics::MeterProvider;
#[cfg(feature = "otel")]
pub(crate) use opentelemetry::trace::{Tracer, TracerProvider};

use std::sync::Arc;
use std::time::Duration;

/// What one `Db` tells the world about itself.
pub(crate) struct Telemetry {
    settings: Settings,
    server: Server,
    emitter: span::Emitter,
    metrics: metrics::Metrics,
    statements: Arc<cache::StatementCache>,
    watch: watch::Watch,
}

/// What a pool can say about itself when it is asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PoolStatus {
    pub(crate) used: u64,
    pub(crate) idle: u64,
    /// So many are not closed for being idle.
    pub(crate) least: u64,
    pub(crate) max: u64,
    pub(crate) pending: u64,
}

/// How a connection was lent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loan {
    /// How long it was waited for, unless that was told when it was handed out.
    pub(crate) waited: Option<Duration>,
    pub(crate) held: Duration,
}

/// Asks the pool; `None` when it is gone.
pub(crate) type PoolProbe = Arc<dyn Fn() -> Option<PoolStatus> + Send + Sync>;

impl Telemetry {
    /// The pool's metrics are observed from here on; nobody has to call anything.
    pub(crate) fn new(settings: Settings, server: Server, pool: PoolProbe) -> Self {
        let statements = Arc::default();
        let metrics = metrics::Metrics::new(&settings, &server, pool, &statements);
        let emitter = span::Emitter::new(&settings);
        Self {
            settings,
            server,
            emitter,
            metrics,
            statements,
            watch: watch::Watch::default(),
        }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A connection was made, after this long.
    pub(crate) fn connection_created(&self, took: Duration) {
        self.metrics.connection_created(took);
    }

    /// A connection was handed out, after a wait of this long.
    pub(crate) fn connection_acquired(&self, waited: Duration) {
        self.metrics.connection_acquired(waited);
    }

    /// A connection was given back that was not lent to a single statement.
    pub(crate) fn connection_released(&self, loan: Loan) {
        self.metrics.connection_released(loan);
    }

    /// No connection became free in time.
    pub(crate) fn connection_timed_out(&self) {
        self.metrics.connection_timed_out();
    }
}
