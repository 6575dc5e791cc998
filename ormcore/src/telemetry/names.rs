//! The names of spans, attributes and metrics: the place to follow when the conventions move.

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
// Our own, where the conventions have no name.
pub(super) const QUERY_AGGREGATES: &str = "db.query.aggregates";
pub(super) const QUERY_FILTERS_COUNT: &str = "db.query.filters_count";
pub(super) const QUERY_GROUP_BY_COUNT: &str = "db.query.group_by_count";
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
pub(super) const TRANSACTION_ATTEMPTS: &str = "ormcore.transaction.attempts";
pub(super) const SESSION_OPERATION: &str = "db.session.operation";
pub(super) const SESSION_PENDING_COUNT: &str = "db.session.pending_count";
pub(super) const SESSION_DIRTY_COUNT: &str = "db.session.dirty_count";
pub(super) const SESSION_DELETED_COUNT: &str = "db.session.deleted_count";
pub(super) const SESSION_LINK_COUNT: &str = "db.session.link_count";
pub(super) const SESSION_STATUS: &str = "db.session.status";
pub(super) const SESSION_AUTOFLUSH: &str = "db.session.autoflush";
pub(super) const SESSION_EXPIRE_ON_COMMIT: &str = "db.session.expire_on_commit";
pub(super) const MIGRATION_VERSION: &str = "db.migration.version";
pub(super) const MIGRATION_NAME: &str = "db.migration.name";
pub(super) const MIGRATION_DIRECTION: &str = "db.migration.direction";
pub(super) const MIGRATION_TRANSACTIONAL: &str = "db.migration.transactional";
pub(super) const RETRY_ATTEMPT: &str = "ormcore.retry.attempt";
pub(super) const RETRY_DELAY: &str = "ormcore.retry.delay";
pub(super) const POOL_WAIT_DURATION: &str = "ormcore.pool.wait_duration";
pub(super) const DECODE_DURATION: &str = "ormcore.decode_duration";
pub(super) const STATEMENT_CACHED: &str = "ormcore.statement.cached";
pub(super) const N_PLUS_ONE_RELATION: &str = "ormcore.n_plus_one.relation";
pub(super) const N_PLUS_ONE_COUNT: &str = "ormcore.n_plus_one.count";

pub(super) const SPAN_RELATIONSHIP_LOAD: &str = "db.relationship.load";
pub(super) const SPAN_TRANSACTION: &str = "db.transaction";
pub(super) const SPAN_SESSION_OPEN: &str = "db.session.open";
pub(super) const SPAN_SESSION_FLUSH: &str = "db.session.flush";
pub(super) const SPAN_SESSION_COMMIT: &str = "db.session.commit";
pub(super) const SPAN_SESSION_ROLLBACK: &str = "db.session.rollback";

pub(super) const SPAN_MIGRATION: &str = "db.migration";

pub(super) const EVENT_RETRY: &str = "db.retry";

pub(super) const METRIC_N_PLUS_ONE: &str = "ormcore.n_plus_one.detected";
pub(super) const METRIC_RELATIONSHIP_LOAD: &str = "ormcore.relationship.load.duration";
pub(super) const METRIC_STATEMENT_CACHE_HITS: &str = "ormcore.statement_cache.hits";
pub(super) const METRIC_STATEMENT_CACHE_MISSES: &str = "ormcore.statement_cache.misses";
pub(super) const METRIC_STATEMENT_CACHE_EVICTIONS: &str = "ormcore.statement_cache.evictions";
pub(super) const METRIC_LISTENER_RECONNECTS: &str = "ormcore.listener.reconnects";
pub(super) const METRIC_TRANSACTION: &str = "ormcore.transaction.duration";
pub(super) const METRIC_TRANSACTION_RETRIES: &str = "ormcore.transaction.retries";
pub(super) const METRIC_SESSION_FLUSH: &str = "ormcore.session.flush.size";
pub(super) const METRIC_IDENTITY_HITS: &str = "ormcore.identity_map.hits";
pub(super) const METRIC_IDENTITY_MISSES: &str = "ormcore.identity_map.misses";

/// `error.type` of an observation that was dropped before it had an outcome.
pub(super) const CANCELLED: &str = "cancelled";

#[cfg(feature = "otel")]
pub(super) use opentelemetry_semantic_conventions::attribute::{
    DB_COLLECTION_NAME, DB_NAMESPACE, DB_OPERATION_NAME, DB_QUERY_SUMMARY, DB_QUERY_TEXT,
    DB_SYSTEM_NAME, SERVER_ADDRESS, SERVER_PORT,
};
