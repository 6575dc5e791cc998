//! A trace as it is shown: spans in the order of a tree, with offsets instead of instants.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use opentelemetry::{
    Array, KeyValue, SpanId, TraceId, Value,
    trace::{SpanKind, Status},
};
use opentelemetry_sdk::trace::SpanData;
use serde::Serialize;
use serde_json::Value as Json;

pub(crate) type Attributes = BTreeMap<String, Json>;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Trace {
    pub(crate) trace_id: String,
    /// Name of the root span: `GET /posts`.
    pub(crate) name: String,
    /// What was asked, with the query: `GET /posts?eager=true`.
    pub(crate) request: String,
    pub(crate) started_unix_ms: u64,
    pub(crate) duration_us: u64,
    pub(crate) statements: usize,
    pub(crate) complete: bool,
    pub(crate) dropped_spans: usize,
    /// Parents before their children, siblings by start.
    pub(crate) spans: Vec<Span>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Span {
    pub(crate) span_id: String,
    pub(crate) parent_id: Option<String>,
    pub(crate) depth: usize,
    pub(crate) name: String,
    /// What tells this span from others of the same name: the statement, the relation, the request.
    pub(crate) label: String,
    pub(crate) kind: &'static str,
    pub(crate) role: Role,
    pub(crate) start_us: u64,
    pub(crate) duration_us: u64,
    pub(crate) status: &'static str,
    pub(crate) status_message: String,
    pub(crate) scope: String,
    pub(crate) attributes: Attributes,
    pub(crate) events: Vec<Event>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) offset_us: u64,
    pub(crate) attributes: Attributes,
}

/// What a span is to the reader of a waterfall; it decides the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Server,
    Statement,
    Relationship,
    Session,
    Other,
}

impl Trace {
    pub(crate) fn new(trace_id: TraceId, spans: &[SpanData], dropped_spans: usize) -> Self {
        let root = root_of(spans);
        let began = spans
            .iter()
            .map(|span| span.start_time)
            .min()
            .unwrap_or(UNIX_EPOCH);
        let ended = spans
            .iter()
            .map(|span| span.end_time)
            .max()
            .unwrap_or(began);
        let spans: Vec<Span> = in_tree_order(spans)
            .into_iter()
            .map(|(span, depth)| Span::new(span, depth, began))
            .collect();
        Self {
            trace_id: trace_id.to_string(),
            name: root.map(|span| span.name.to_string()).unwrap_or_default(),
            request: root.map(request_of).unwrap_or_default(),
            started_unix_ms: u64::try_from(since(UNIX_EPOCH, began).as_millis())
                .unwrap_or(u64::MAX),
            duration_us: root.map_or_else(
                || micros(began, ended),
                |span| micros(span.start_time, span.end_time),
            ),
            statements: spans
                .iter()
                .filter(|span| span.role == Role::Statement)
                .count(),
            complete: root.is_some_and(is_local_root),
            dropped_spans,
            spans,
        }
    }
}

impl Span {
    fn new(span: &SpanData, depth: usize, began: SystemTime) -> Self {
        let role = role_of(span);
        let (status, status_message) = match &span.status {
            Status::Unset => ("unset", String::new()),
            Status::Ok => ("ok", String::new()),
            Status::Error { description } => ("error", description.to_string()),
        };
        Self {
            span_id: span.span_context.span_id().to_string(),
            parent_id: (span.parent_span_id != SpanId::INVALID)
                .then(|| span.parent_span_id.to_string()),
            depth,
            name: span.name.to_string(),
            label: label_of(span, role),
            kind: kind_of(&span.span_kind),
            role,
            start_us: micros(began, span.start_time),
            duration_us: micros(span.start_time, span.end_time),
            status,
            status_message,
            scope: span.instrumentation_scope.name().to_owned(),
            attributes: attributes_of(&span.attributes),
            events: span
                .events
                .iter()
                .map(|event| Event::new(event, began))
                .collect(),
        }
    }
}

impl Event {
    fn new(event: &opentelemetry::trace::Event, began: SystemTime) -> Self {
        Self {
            name: event.name.to_string(),
            offset_us: micros(began, event.timestamp),
            attributes: attributes_of(&event.attributes),
        }
    }
}

/// The first span of this process in the trace: its parent is nowhere, or in the process that called us.
pub(crate) fn is_local_root(span: &SpanData) -> bool {
    span.parent_span_id == SpanId::INVALID || span.parent_span_is_remote
}

fn root_of(spans: &[SpanData]) -> Option<&SpanData> {
    let earliest = |a: &&SpanData, b: &&SpanData| a.start_time.cmp(&b.start_time);
    spans
        .iter()
        .filter(|span| is_local_root(span))
        .min_by(earliest)
        .or_else(|| spans.iter().min_by(earliest))
}

fn in_tree_order(spans: &[SpanData]) -> Vec<(&SpanData, usize)> {
    let known: HashSet<SpanId> = spans
        .iter()
        .map(|span| span.span_context.span_id())
        .collect();
    let mut children: HashMap<SpanId, Vec<&SpanData>> = HashMap::new();
    for span in spans {
        // A span whose parent has not ended yet, or was dropped, still has to be seen: it goes to the top.
        let parent = if known.contains(&span.parent_span_id) {
            span.parent_span_id
        } else {
            SpanId::INVALID
        };
        children.entry(parent).or_default().push(span);
    }
    // Taken from a stack, so the latest goes in first.
    for siblings in children.values_mut() {
        siblings.sort_by_key(|span| std::cmp::Reverse(span.start_time));
    }
    let push = |stack: &mut Vec<_>, of: SpanId, depth: usize| {
        stack.extend(
            children
                .get(&of)
                .into_iter()
                .flatten()
                .map(|span| (*span, depth)),
        );
    };
    let mut stack = Vec::new();
    let mut ordered = Vec::with_capacity(spans.len());
    push(&mut stack, SpanId::INVALID, 0);
    while let Some((span, depth)) = stack.pop() {
        ordered.push((span, depth));
        push(&mut stack, span.span_context.span_id(), depth + 1);
    }
    ordered
}

fn role_of(span: &SpanData) -> Role {
    match (&span.span_kind, span.name.as_ref()) {
        (SpanKind::Client, _) if text(span, "db.system.name").is_some() => Role::Statement,
        (SpanKind::Server, _) => Role::Server,
        (_, name) if name.starts_with("db.relationship.") => Role::Relationship,
        (_, name) if name.starts_with("db.session.") || name == "db.transaction" => Role::Session,
        _ => Role::Other,
    }
}

fn kind_of(kind: &SpanKind) -> &'static str {
    match kind {
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
        SpanKind::Internal => "internal",
    }
}

fn label_of(span: &SpanData, role: Role) -> String {
    let label = match role {
        Role::Statement => ["db.query.summary", "db.query.text", "db.collection.name"]
            .iter()
            .find_map(|key| text(span, key)),
        Role::Relationship => text(span, "db.relationship.name"),
        Role::Server => return request_of(span),
        Role::Session | Role::Other => None,
    };
    label.unwrap_or_default()
}

fn request_of(span: &SpanData) -> String {
    let (Some(method), Some(path)) = (text(span, "http.request.method"), text(span, "url.path"))
    else {
        return span.name.to_string();
    };
    let query = text(span, "url.query")
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    format!("{method} {path}{query}")
}

fn text(span: &SpanData, key: &str) -> Option<String> {
    span.attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == key)
        .map(|attribute| attribute.value.to_string())
}

fn attributes_of(attributes: &[KeyValue]) -> Attributes {
    attributes
        .iter()
        .map(|attribute| (attribute.key.to_string(), json_of(&attribute.value)))
        .collect()
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::I64(value) => (*value).into(),
        Value::F64(value) => (*value).into(),
        Value::Array(Array::Bool(values)) => values.clone().into(),
        Value::Array(Array::I64(values)) => values.clone().into(),
        Value::Array(Array::F64(values)) => values.clone().into(),
        Value::Array(Array::String(values)) => values
            .iter()
            .map(opentelemetry::StringValue::as_str)
            .collect(),
        other => other.to_string().into(),
    }
}

fn since(earlier: SystemTime, later: SystemTime) -> Duration {
    // The wall clock may have been set back in between.
    later.duration_since(earlier).unwrap_or_default()
}

fn micros(earlier: SystemTime, later: SystemTime) -> u64 {
    u64::try_from(since(earlier, later).as_micros()).unwrap_or(u64::MAX)
}
