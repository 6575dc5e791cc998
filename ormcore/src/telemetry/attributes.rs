//! The names of attributes and metrics: the place to follow when the conventions move.

use super::facts::{Described, Server};
use super::settings::Settings;
use opentelemetry::{KeyValue, StringValue, Value};
use std::sync::Arc;

pub(super) use opentelemetry_semantic_conventions::attribute::{
    CODE_FILE_PATH, CODE_LINE_NUMBER, DB_CLIENT_CONNECTION_POOL_NAME, DB_CLIENT_CONNECTION_STATE,
    DB_RESPONSE_RETURNED_ROWS, DB_RESPONSE_STATUS_CODE, ERROR_TYPE,
};
pub(super) use opentelemetry_semantic_conventions::metric::{
    DB_CLIENT_CONNECTION_COUNT, DB_CLIENT_CONNECTION_CREATE_TIME, DB_CLIENT_CONNECTION_IDLE_MAX,
    DB_CLIENT_CONNECTION_IDLE_MIN, DB_CLIENT_CONNECTION_MAX, DB_CLIENT_CONNECTION_PENDING_REQUESTS,
    DB_CLIENT_CONNECTION_TIMEOUTS, DB_CLIENT_CONNECTION_USE_TIME, DB_CLIENT_CONNECTION_WAIT_TIME,
    DB_CLIENT_OPERATION_DURATION, DB_CLIENT_RESPONSE_RETURNED_ROWS,
};
use opentelemetry_semantic_conventions::attribute::{
    DB_COLLECTION_NAME, DB_NAMESPACE, DB_OPERATION_NAME, DB_QUERY_SUMMARY, DB_QUERY_TEXT, DB_SYSTEM_NAME,
    SERVER_ADDRESS, SERVER_PORT,
};

// Our own, where the conventions have no name.
pub(super) const QUERY_FILTERS_COUNT: &str = "db.query.filters_count";
pub(super) const QUERY_LIMIT: &str = "db.query.limit";
pub(super) const QUERY_OFFSET: &str = "db.query.offset";
pub(super) const QUERY_ORDER_BY: &str = "db.query.order_by";
pub(super) const RESULT_COUNT: &str = "db.result.count";
pub(super) const RESULT_AFFECTED_ROWS: &str = "db.result.affected_rows";
pub(super) const RELATIONSHIP_NAME: &str = "db.relationship.name";
pub(super) const RELATIONSHIP_TARGET_MODEL: &str = "db.relationship.target_model";
pub(super) const RELATIONSHIP_STRATEGY: &str = "db.relationship.strategy";
pub(super) const RELATIONSHIP_FK_COLUMN: &str = "db.relationship.fk_column";
pub(super) const RELATIONSHIP_CACHE_HIT: &str = "db.relationship.cache_hit";
pub(super) const RELATIONSHIP_BATCH_COUNT: &str = "db.relationship.batch_count";
pub(super) const RELATIONSHIP_QUERY_COUNT: &str = "db.relationship.query_count";
pub(super) const RELATIONSHIP_DEPTH: &str = "db.relationship.depth";
pub(super) const TRANSACTION_STATUS: &str = "ormcore.transaction.status";
pub(super) const POOL_WAIT_DURATION: &str = "ormcore.pool.wait_duration";
pub(super) const DECODE_DURATION: &str = "ormcore.decode_duration";
pub(super) const STATEMENT_CACHED: &str = "ormcore.statement.cached";
pub(super) const N_PLUS_ONE_RELATION: &str = "ormcore.n_plus_one.relation";
pub(super) const N_PLUS_ONE_COUNT: &str = "ormcore.n_plus_one.count";

pub(super) const SPAN_RELATIONSHIP_LOAD: &str = "db.relationship.load";
pub(super) const SPAN_TRANSACTION: &str = "db.transaction";

pub(super) const METRIC_N_PLUS_ONE: &str = "ormcore.n_plus_one.detected";
pub(super) const METRIC_RELATIONSHIP_LOAD: &str = "ormcore.relationship.load.duration";
pub(super) const METRIC_TRANSACTION: &str = "ormcore.transaction.duration";

/// `error.type` of an observation that was dropped before it had an outcome.
pub(super) const CANCELLED: &str = "cancelled";

/// The retired names, for dashboards that have not moved.
const RETIRED_DB_SYSTEM: &str = "db.system";
const RETIRED_DB_STATEMENT: &str = "db.statement";

const POSTGRESQL: &str = "postgresql";
const DEFAULT_PORT: u16 = 5432;
/// In characters; the SDK for Rust has no limit on the length of a value.
const TEXT_LIMIT: usize = 4096;

/// The attributes of a statement: those its span has from its start, and those its metrics have.
pub(crate) struct Attributes {
    pub(super) span: Vec<KeyValue>,
    pub(super) metric: Vec<KeyValue>,
}

impl Attributes {
    pub(super) fn of_statement(described: &Described<'_>, settings: &Settings, server: &Server) -> Self {
        let mut metric = of_server(server);
        metric.push(KeyValue::new(DB_NAMESPACE, server.namespace(described.schema)));
        metric.push(KeyValue::new(DB_OPERATION_NAME, described.operation));
        if let Some(collection) = described.collection {
            metric.push(KeyValue::new(DB_COLLECTION_NAME, collection));
        }

        let mut span = metric.clone();
        span.push(KeyValue::new(DB_QUERY_SUMMARY, text(described.summary.as_str())));
        if settings.query_text {
            span.push(KeyValue::new(DB_QUERY_TEXT, text(described.text)));
        }
        if settings.retired_names {
            span.push(KeyValue::new(RETIRED_DB_SYSTEM, POSTGRESQL));
            if settings.query_text {
                span.push(KeyValue::new(RETIRED_DB_STATEMENT, text(described.text)));
            }
        }
        if described.filters > 0 {
            span.push(KeyValue::new(QUERY_FILTERS_COUNT, integer(described.filters as u64)));
        }
        if let Some(order_by) = &described.order_by {
            span.push(KeyValue::new(QUERY_ORDER_BY, text(order_by)));
        }
        span.extend(own(settings));
        Self { span, metric }
    }
}

/// The attributes that say who was asked.
pub(super) fn of_server(server: &Server) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new(DB_SYSTEM_NAME, POSTGRESQL),
        KeyValue::new(SERVER_ADDRESS, text(&server.address)),
    ];
    if server.port != DEFAULT_PORT {
        attributes.push(KeyValue::new(SERVER_PORT, i64::from(server.port)));
    }
    attributes
}

/// The attributes the builder was given for everything beneath it.
pub(super) fn own(settings: &Settings) -> impl Iterator<Item = KeyValue> + '_ {
    settings.attributes.iter().map(|(key, value)| KeyValue::new(key.to_string(), value.to_string()))
}

/// Shared text, so that a span only counts a reference; cut at the limit, between characters.
fn text(text: &str) -> Value {
    let cut = text.char_indices().nth(TEXT_LIMIT).map_or(text.len(), |(at, _)| at);
    Value::String(StringValue::from(Arc::<str>::from(&text[..cut])))
}

/// A count as OpenTelemetry takes it.
pub(super) fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The attributes of a load, if anybody will see them.
pub(super) fn load_attributes(on: bool, settings: &Settings, attributes: &[(&'static str, Value)]) -> Vec<KeyValue> {
    if !on {
        return Vec::new();
    }
    let attributes = attributes.iter().map(|(key, value)| KeyValue::new(*key, value.clone()));
    attributes.chain(own(settings)).collect()
}
