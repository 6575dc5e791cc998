//! Metrics: recorded whether or not a span was sampled, with labels that never grow with the data.

use super::cache::StatementCache;
use super::names::{
    DB_CLIENT_CONNECTION_CREATE_TIME, DB_CLIENT_CONNECTION_TIMEOUTS, DB_CLIENT_CONNECTION_USE_TIME,
    DB_CLIENT_CONNECTION_WAIT_TIME, DB_CLIENT_OPERATION_DURATION, DB_CLIENT_RESPONSE_RETURNED_ROWS,
    DB_COLLECTION_NAME, DB_RESPONSE_STATUS_CODE, ERROR_TYPE, METRIC_IDENTITY_HITS,
    METRIC_IDENTITY_MISSES, METRIC_LISTENER_RECONNECTS, METRIC_N_PLUS_ONE,
    METRIC_RELATIONSHIP_LOAD, METRIC_SESSION_FLUSH, METRIC_TRANSACTION, METRIC_TRANSACTION_RETRIES,
    N_PLUS_ONE_RELATION, RELATIONSHIP_NAME, RELATIONSHIP_STRATEGY, TRANSACTION_STATUS,
};
use super::pool_metrics::PoolMetrics;
use super::series::Line;
use super::settings::Settings;
use super::tracer;
use super::{Facts, Load, Loan, PoolProbe, Server};
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider};
use opentelemetry::{KeyValue, global};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

/// Seconds, as the conventions give them for `db.client.operation.duration`.
const BUCKETS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
/// Rows, as they give them for `db.client.response.returned_rows`.
const ROW_BUCKETS: [f64; 13] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4,
];

/// The instruments of one `Db`, made anew when another meter provider takes over.
pub(super) struct Metrics {
    enabled: bool,
    /// Nothing to look for when the builder was given a provider.
    fixed: bool,
    current: RwLock<Instruments>,
    pool: PoolMetrics,
}

pub(super) struct Instruments {
    /// Kept, so that no other provider can have its address.
    pub(super) provider: Arc<dyn MeterProvider + Send + Sync>,
    pub(super) duration: Histogram<f64>,
    pub(super) returned_rows: Histogram<u64>,
    create_time: Histogram<f64>,
    wait_time: Line<f64>,
    use_time: Line<f64>,
    timeouts: Counter<u64>,
    n_plus_one: Counter<u64>,
    listener_reconnects: Counter<u64>,
    load_duration: Histogram<f64>,
    transaction_duration: Histogram<f64>,
    transaction_retries: Counter<u64>,
    flush_size: Histogram<u64>,
    identity_hits: Counter<u64>,
    identity_misses: Counter<u64>,
}

impl Metrics {
    pub(super) fn new(
        settings: &Settings,
        server: &Server,
        probe: PoolProbe,
        statements: &Arc<StatementCache>,
    ) -> Self {
        let pool = PoolMetrics::new(server, probe, statements);
        let provider: Arc<dyn MeterProvider + Send + Sync> = if settings.enabled {
            settings.providers.meter_provider()
        } else {
            Arc::new(Silent)
        };
        Self {
            enabled: settings.enabled,
            fixed: settings.providers.is_meter_given(),
            current: RwLock::new(Instruments::new(provider, &pool)),
            pool,
        }
    }

    fn instruments(&self) -> RwLockReadGuard<'_, Instruments> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the instruments of the provider in force.
    #[inline]
    fn with(&self, record: impl FnOnce(&Instruments)) {
        if !self.enabled {
            return;
        }
        let current = self.instruments();
        if self.fixed {
            return record(&current);
        }
        let provider = global::meter_provider();
        if Arc::ptr_eq(&current.provider, &provider) {
            return record(&current);
        }
        drop(current);
        self.renew(provider);
        record(&self.instruments());
    }

    #[cold]
    fn renew(&self, provider: Arc<dyn MeterProvider + Send + Sync>) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&current.provider, &provider) {
            *current = Instruments::new(provider, &self.pool);
        }
    }

    /// All that is measured of a statement, and of the connection that was lent to it alone, in one look at the provider.
    pub(super) fn statement(
        &self,
        facts: &Facts,
        took: Duration,
        returned: Option<u64>,
        loan: Option<Loan>,
    ) {
        self.with(|instruments| {
            if let Some(loan) = loan {
                instruments.lent(loan);
            }
            let series = &facts.attributes.series;
            series.record(instruments, took.as_secs_f64(), returned);
        });
    }

    pub(super) fn statement_failed(
        &self,
        facts: &Facts,
        took: Duration,
        error_type: &str,
        code: Option<&str>,
    ) {
        self.with(|instruments| {
            let mut attributes = facts.attributes.series.attributes().to_vec();
            attributes.push(KeyValue::new(ERROR_TYPE, error_type.to_owned()));
            if let Some(code) = code {
                attributes.push(KeyValue::new(DB_RESPONSE_STATUS_CODE, code.to_owned()));
            }
            instruments.duration.record(took.as_secs_f64(), &attributes);
        });
    }

    pub(super) fn connection_created(&self, took: Duration) {
        self.with(|instruments| {
            instruments
                .create_time
                .record(took.as_secs_f64(), self.pool.attributes());
        });
    }

    pub(super) fn connection_acquired(&self, waited: Duration) {
        self.with(|instruments| {
            instruments.wait_time.record(waited.as_secs_f64());
        });
    }

    pub(super) fn connection_released(&self, loan: Loan) {
        self.with(|instruments| instruments.lent(loan));
    }

    pub(super) fn connection_timed_out(&self) {
        self.with(|instruments| {
            instruments.timeouts.add(1, self.pool.attributes());
        });
    }

    pub(super) fn listener_reconnected(&self) {
        self.with(|instruments| {
            let counter = &instruments.listener_reconnects;
            counter.add(1, self.pool.attributes());
        });
    }

    pub(super) fn n_plus_one(&self, relation: &'static str) {
        self.with(|instruments| {
            instruments
                .n_plus_one
                .add(1, &[KeyValue::new(N_PLUS_ONE_RELATION, relation)]);
        });
    }

    /// `error_type` is why the load came to nothing, if it did.
    pub(super) fn relation_loaded(&self, load: &Load, took: Duration, error_type: Option<String>) {
        self.with(|instruments| {
            let mut attributes = vec![
                KeyValue::new(RELATIONSHIP_NAME, load.relation),
                KeyValue::new(RELATIONSHIP_STRATEGY, load.strategy.name()),
            ];
            attributes.extend(error_type.map(|error| KeyValue::new(ERROR_TYPE, error)));
            instruments
                .load_duration
                .record(took.as_secs_f64(), &attributes);
        });
    }

    pub(super) fn transaction_ended(&self, status: &'static str, took: Duration) {
        self.with(|instruments| {
            let attributes = [KeyValue::new(TRANSACTION_STATUS, status)];
            instruments
                .transaction_duration
                .record(took.as_secs_f64(), &attributes);
        });
    }

    pub(super) fn transaction_retried(&self, reason: &'static str) {
        self.with(|instruments| {
            instruments
                .transaction_retries
                .add(1, &[KeyValue::new(ERROR_TYPE, reason)]);
        });
    }

    pub(super) fn session_flushed(&self, rows: u64) {
        self.with(|instruments| instruments.flush_size.record(rows, &[]));
    }

    pub(super) fn identity_map(&self, table: &'static str, hits: u64, misses: u64) {
        self.with(|instruments| {
            let attributes = [KeyValue::new(DB_COLLECTION_NAME, table)];
            if hits > 0 {
                instruments.identity_hits.add(hits, &attributes);
            }
            if misses > 0 {
                instruments.identity_misses.add(misses, &attributes);
            }
        });
    }
}

impl Instruments {
    fn lent(&self, loan: Loan) {
        if let Some(waited) = loan.waited {
            self.wait_time.record(waited.as_secs_f64());
        }
        self.use_time.record(loan.held.as_secs_f64());
    }

    fn new(provider: Arc<dyn MeterProvider + Send + Sync>, pool: &PoolMetrics) -> Self {
        let meter = tracer::meter(&*provider);
        pool.observe(&meter);
        let seconds = |name: &'static str, description: &'static str| {
            let histogram = meter
                .f64_histogram(name)
                .with_unit("s")
                .with_description(description);
            histogram.with_boundaries(BUCKETS.to_vec()).build()
        };
        Self {
            duration: seconds(DB_CLIENT_OPERATION_DURATION, "Duration of database client operations."),
            returned_rows: meter
                .u64_histogram(DB_CLIENT_RESPONSE_RETURNED_ROWS)
                .with_unit("{row}")
                .with_boundaries(ROW_BUCKETS.to_vec())
                .with_description("The actual number of records returned by the database operation.")
                .build(),
            create_time: seconds(DB_CLIENT_CONNECTION_CREATE_TIME, "The time it took to create a new connection."),
            wait_time: Line::new(
                seconds(DB_CLIENT_CONNECTION_WAIT_TIME, "The time it took to obtain an open connection from the pool."),
                pool.attributes(),
            ),
            use_time: Line::new(
                seconds(DB_CLIENT_CONNECTION_USE_TIME, "The time between borrowing a connection and returning it to the pool."),
                pool.attributes(),
            ),
            timeouts: meter
                .u64_counter(DB_CLIENT_CONNECTION_TIMEOUTS)
                .with_unit("{timeout}")
                .with_description("The number of connection timeouts that have occurred trying to obtain a connection from the pool.")
                .build(),
            n_plus_one: meter
                .u64_counter(METRIC_N_PLUS_ONE)
                .with_unit("{pattern}")
                .with_description("Results whose rows loaded a relation one by one.")
                .build(),
            listener_reconnects: meter
                .u64_counter(METRIC_LISTENER_RECONNECTS)
                .with_unit("{connection}")
                .with_description("Connections of listeners that took the place of one that had ended.")
                .build(),
            load_duration: seconds(METRIC_RELATIONSHIP_LOAD, "Duration of relation loads."),
            transaction_duration: seconds(METRIC_TRANSACTION, "Duration of transactions, from BEGIN to their end."),
            transaction_retries: meter
                .u64_counter(METRIC_TRANSACTION_RETRIES)
                .with_unit("{retry}")
                .with_description("Times a transaction was run again.")
                .build(),
            flush_size: meter
                .u64_histogram(METRIC_SESSION_FLUSH)
                .with_unit("{row}")
                .with_boundaries(ROW_BUCKETS.to_vec())
                .with_description("Rows that one flush of a session wrote.")
                .build(),
            identity_hits: meter
                .u64_counter(METRIC_IDENTITY_HITS)
                .with_unit("{row}")
                .with_description("Rows that a session asked for and knew already.")
                .build(),
            identity_misses: meter
                .u64_counter(METRIC_IDENTITY_MISSES)
                .with_unit("{row}")
                .with_description("Rows that a session asked for and did not know yet.")
                .build(),
            provider,
        }
    }
}

/// Where metrics go when they are switched off.
struct Silent;

impl MeterProvider for Silent {
    fn meter_with_scope(&self, _: opentelemetry::InstrumentationScope) -> Meter {
        opentelemetry::metrics::noop::NoopMeterProvider::new().meter("")
    }
}
