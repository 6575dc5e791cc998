//! What is read from a pool and its connections whenever somebody collects.

use super::attributes::integer;
use super::cache::StatementCache;
use super::names::{
    DB_CLIENT_CONNECTION_COUNT, DB_CLIENT_CONNECTION_IDLE_MAX, DB_CLIENT_CONNECTION_IDLE_MIN,
    DB_CLIENT_CONNECTION_MAX, DB_CLIENT_CONNECTION_PENDING_REQUESTS,
    DB_CLIENT_CONNECTION_POOL_NAME, DB_CLIENT_CONNECTION_STATE, METRIC_STATEMENT_CACHE_EVICTIONS,
    METRIC_STATEMENT_CACHE_HITS, METRIC_STATEMENT_CACHE_MISSES,
};
use super::{PoolProbe, PoolStatus, Server};
use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;
use std::sync::{Arc, Weak};

/// A pool, for those who observe it. It is not kept alive by them, and nothing of it is told when it is gone.
pub(super) struct PoolMetrics {
    probe: PoolProbe,
    statements: Weak<StatementCache>,
    attributes: [KeyValue; 1],
}

impl PoolMetrics {
    pub(super) fn new(server: &Server, probe: PoolProbe, statements: &Arc<StatementCache>) -> Self {
        let name = server.pool.to_string();
        Self {
            probe,
            statements: Arc::downgrade(statements),
            attributes: [KeyValue::new(DB_CLIENT_CONNECTION_POOL_NAME, name)],
        }
    }

    pub(super) fn attributes(&self) -> &[KeyValue] {
        &self.attributes
    }

    pub(super) fn observe(&self, meter: &Meter) {
        self.connections(meter);
        self.number(
            meter,
            DB_CLIENT_CONNECTION_MAX,
            "{connection}",
            "The maximum number of open connections allowed.",
            |pool| pool.max,
        );
        self.number(
            meter,
            DB_CLIENT_CONNECTION_IDLE_MAX,
            "{connection}",
            "The maximum number of idle open connections allowed.",
            |pool| pool.max,
        );
        self.number(
            meter,
            DB_CLIENT_CONNECTION_IDLE_MIN,
            "{connection}",
            "The minimum number of idle open connections allowed.",
            |pool| pool.least,
        );
        self.number(
            meter,
            DB_CLIENT_CONNECTION_PENDING_REQUESTS,
            "{request}",
            "The number of current pending requests for an open connection.",
            |pool| pool.pending,
        );
        self.statements(
            meter,
            METRIC_STATEMENT_CACHE_HITS,
            "Statements that the connection had prepared already.",
            StatementCache::hits,
        );
        self.statements(
            meter,
            METRIC_STATEMENT_CACHE_MISSES,
            "Statements that had to be prepared.",
            StatementCache::misses,
        );
        self.statements(
            meter,
            METRIC_STATEMENT_CACHE_EVICTIONS,
            "Prepared statements that were given up to make room.",
            StatementCache::evictions,
        );
    }

    fn connections(&self, meter: &Meter) {
        let probe = Arc::clone(&self.probe);
        let in_state = |state: &'static str| {
            let [name] = self.attributes.clone();
            [name, KeyValue::new(DB_CLIENT_CONNECTION_STATE, state)]
        };
        let (idle, used) = (in_state("idle"), in_state("used"));
        meter
            .i64_observable_up_down_counter(DB_CLIENT_CONNECTION_COUNT)
            .with_unit("{connection}")
            .with_description("The number of connections that are currently in state described by the `state` attribute.")
            .with_callback(move |observer| {
                if let Some(status) = probe() {
                    observer.observe(integer(status.idle), &idle);
                    observer.observe(integer(status.used), &used);
                }
            })
            .build();
    }

    /// An up-down counter, as the conventions ask: a conformance checker takes no gauge for it.
    fn number(
        &self,
        meter: &Meter,
        name: &'static str,
        unit: &'static str,
        description: &'static str,
        number: fn(&PoolStatus) -> u64,
    ) {
        let (probe, attributes) = (Arc::clone(&self.probe), self.attributes.clone());
        meter
            .i64_observable_up_down_counter(name)
            .with_unit(unit)
            .with_description(description)
            .with_callback(move |observer| {
                if let Some(status) = probe() {
                    observer.observe(integer(number(&status)), &attributes);
                }
            })
            .build();
    }

    /// Prepared statements of all connections.
    fn statements(
        &self,
        meter: &Meter,
        name: &'static str,
        description: &'static str,
        number: fn(&StatementCache) -> u64,
    ) {
        let (statements, attributes) = (Weak::clone(&self.statements), self.attributes.clone());
        meter
            .u64_observable_counter(name)
            .with_unit("{statement}")
            .with_description(description)
            .with_callback(move |observer| {
                if let Some(statements) = statements.upgrade() {
                    observer.observe(number(&statements), &attributes);
                }
            })
            .build();
    }
}
