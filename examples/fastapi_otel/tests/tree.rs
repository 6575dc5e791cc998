//! A span tree as text: names, kinds and what tells one from another; nothing that differs from run to run.

use serde_json::Value;

use crate::traces::{Span, Trace};

const SHOWN: [&str; 20] = [
    "http.response.status_code",
    "auth.success",
    "db.query.summary",
    "db.query.limit",
    "db.query.offset",
    "db.relationship.name",
    "db.relationship.strategy",
    "db.relationship.batch_count",
    "db.relationship.query_count",
    "db.relationship.cache_hit",
    "db.session.pending_count",
    "db.session.dirty_count",
    "db.session.deleted_count",
    "db.session.status",
    "db.result.count",
    "db.result.affected_rows",
    "db.response.status_code",
    "error.type",
    "ormcore.n_plus_one.relation",
    "ormcore.n_plus_one.count",
];

pub(super) fn text(trace: &Trace) -> String {
    trace.spans.iter().map(line).collect()
}

fn line(span: &Span) -> String {
    let indent = "  ".repeat(span.depth);
    let attributes: String = SHOWN
        .iter()
        .filter_map(|key| span.attributes.get_key_value(*key))
        .filter(|(key, value)| !is_usual(key, value))
        .map(|(key, value)| format!(" {}={value}", short(key)))
        .collect();
    let failed = if span.status == "error" { " ERROR" } else { "" };
    format!("{indent}{} {}{attributes}{failed}\n", span.name, span.kind)
}

/// Said only where it is not so.
fn is_usual(key: &str, value: &Value) -> bool {
    match key {
        "db.relationship.cache_hit" => value == &Value::Bool(false),
        "db.session.pending_count" | "db.session.dirty_count" | "db.session.deleted_count" => {
            value == &Value::from(0)
        }
        _ => false,
    }
}

/// Without what is clear from the span's name.
fn short(key: &str) -> &str {
    let known = [
        "db.relationship.",
        "db.query.",
        "db.result.",
        "db.session.",
        "http.response.",
    ];
    known
        .iter()
        .find_map(|prefix| key.strip_prefix(prefix))
        .unwrap_or(key)
}
