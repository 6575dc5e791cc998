//! Attributes as OpenTelemetry takes them.

use super::facts::{Described, Server};
use super::names::{
    CODE_FILE_PATH, CODE_LINE_NUMBER, DB_COLLECTION_NAME, DB_NAMESPACE, DB_OPERATION_NAME,
    DB_QUERY_SUMMARY, DB_QUERY_TEXT, DB_SYSTEM_NAME, QUERY_AGGREGATES, QUERY_FILTERS_COUNT,
    QUERY_GROUP_BY_COUNT, QUERY_LIMIT, QUERY_OFFSET, QUERY_ORDER_BY, SERVER_ADDRESS, SERVER_PORT,
};
use super::series::Series;
use super::settings::Settings;
use super::statement::Page;
use opentelemetry::{Key, KeyValue, StringValue, Value};
use std::panic::Location;
use std::sync::Arc;

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
    pub(super) series: Series,
}

impl Attributes {
    pub(super) fn of_statement(
        described: &Described<'_>,
        settings: &Settings,
        server: &Server,
    ) -> Self {
        let mut metric = of_server(server);
        metric.push(KeyValue::new(
            DB_NAMESPACE,
            text(&server.namespace(described.schema)),
        ));
        metric.push(KeyValue::new(DB_OPERATION_NAME, described.operation));
        if let Some(collection) = described.collection {
            metric.push(KeyValue::new(DB_COLLECTION_NAME, collection));
        }

        let mut span = metric.clone();
        span.push(KeyValue::new(
            DB_QUERY_SUMMARY,
            text(described.summary.as_str()),
        ));
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
            span.push(KeyValue::new(
                QUERY_FILTERS_COUNT,
                integer(described.filters as u64),
            ));
        }
        if let Some(order_by) = &described.order_by {
            span.push(KeyValue::new(QUERY_ORDER_BY, text(order_by)));
        }
        if let Some(aggregates) = &described.aggregates {
            span.push(KeyValue::new(QUERY_AGGREGATES, text(aggregates)));
        }
        if described.groups > 0 {
            let groups = integer(described.groups as u64);
            span.push(KeyValue::new(QUERY_GROUP_BY_COUNT, groups));
        }
        span.extend(own(settings));
        let series = Series::new(metric);
        Self { span, series }
    }
}

/// The attributes of one call of a statement that are known when it starts.
pub(super) fn of_call(
    page: Page,
    caller: &'static Location<'static>,
) -> impl Iterator<Item = KeyValue> {
    let page = [(QUERY_LIMIT, page.limit), (QUERY_OFFSET, page.offset)];
    let code = [
        KeyValue::new(CODE_FILE_PATH, caller.file()),
        KeyValue::new(CODE_LINE_NUMBER, i64::from(caller.line())),
    ];
    page.into_iter()
        .filter_map(|(key, number)| Some(KeyValue::new(key, number?)))
        .chain(code)
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
    settings
        .attributes
        .iter()
        .map(|(key, value)| KeyValue::new(Key::from(shared(key)), StringValue::from(shared(value))))
}

/// What is cloned for each span is shared.
fn shared(text: &str) -> Arc<str> {
    text.into()
}

/// Shared text, so that a span only counts a reference; cut at the limit, between characters.
fn text(text: &str) -> Value {
    let cut = text
        .char_indices()
        .nth(TEXT_LIMIT)
        .map_or(text.len(), |(at, _)| at);
    Value::String(StringValue::from(shared(&text[..cut])))
}

/// A count as OpenTelemetry takes it.
pub(super) fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The attributes of a load.
pub(super) fn load_attributes(
    settings: &Settings,
    attributes: &[(&'static str, Value)],
) -> Vec<KeyValue> {
    let attributes = attributes
        .iter()
        .map(|(key, value)| KeyValue::new(*key, value.clone()));
    attributes.chain(own(settings)).collect()
}
