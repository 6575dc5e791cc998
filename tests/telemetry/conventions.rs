//! What OpenTelemetry's conventions say of the names we use. The names are checked by the compiler, the rest is as in 1.42.

use opentelemetry_semantic_conventions::{attribute, metric};

/// The attributes of the conventions that we use, and their types there.
pub(crate) const ATTRIBUTES: [(&str, &str); 15] = [
    (attribute::CODE_FILE_PATH, "string"),
    (attribute::CODE_LINE_NUMBER, "int"),
    (attribute::DB_CLIENT_CONNECTION_POOL_NAME, "string"),
    (attribute::DB_CLIENT_CONNECTION_STATE, "string"),
    (attribute::DB_COLLECTION_NAME, "string"),
    (attribute::DB_NAMESPACE, "string"),
    (attribute::DB_OPERATION_NAME, "string"),
    (attribute::DB_QUERY_SUMMARY, "string"),
    (attribute::DB_QUERY_TEXT, "string"),
    (attribute::DB_RESPONSE_RETURNED_ROWS, "int"),
    (attribute::DB_RESPONSE_STATUS_CODE, "string"),
    (attribute::DB_SYSTEM_NAME, "string"),
    (attribute::ERROR_TYPE, "string"),
    (attribute::SERVER_ADDRESS, "string"),
    (attribute::SERVER_PORT, "int"),
];

const POOL: &[&str] = &[attribute::DB_CLIENT_CONNECTION_POOL_NAME];
const POOL_AND_STATE: &[&str] = &[
    attribute::DB_CLIENT_CONNECTION_POOL_NAME,
    attribute::DB_CLIENT_CONNECTION_STATE,
];
const SYSTEM: &[&str] = &[attribute::DB_SYSTEM_NAME];

/// The metrics of the conventions that we use: instrument, unit and required attributes there.
pub(crate) const METRICS: [(&str, &str, &str, &[&str]); 11] = [
    (
        metric::DB_CLIENT_OPERATION_DURATION,
        "histogram",
        "s",
        SYSTEM,
    ),
    (
        metric::DB_CLIENT_RESPONSE_RETURNED_ROWS,
        "histogram",
        "{row}",
        SYSTEM,
    ),
    (
        metric::DB_CLIENT_CONNECTION_COUNT,
        "updowncounter",
        "{connection}",
        POOL_AND_STATE,
    ),
    (
        metric::DB_CLIENT_CONNECTION_MAX,
        "updowncounter",
        "{connection}",
        POOL,
    ),
    (
        metric::DB_CLIENT_CONNECTION_IDLE_MAX,
        "updowncounter",
        "{connection}",
        POOL,
    ),
    (
        metric::DB_CLIENT_CONNECTION_IDLE_MIN,
        "updowncounter",
        "{connection}",
        POOL,
    ),
    (
        metric::DB_CLIENT_CONNECTION_PENDING_REQUESTS,
        "updowncounter",
        "{request}",
        POOL,
    ),
    (
        metric::DB_CLIENT_CONNECTION_TIMEOUTS,
        "counter",
        "{timeout}",
        POOL,
    ),
    (
        metric::DB_CLIENT_CONNECTION_CREATE_TIME,
        "histogram",
        "s",
        POOL,
    ),
    (
        metric::DB_CLIENT_CONNECTION_WAIT_TIME,
        "histogram",
        "s",
        POOL,
    ),
    (
        metric::DB_CLIENT_CONNECTION_USE_TIME,
        "histogram",
        "s",
        POOL,
    ),
];
