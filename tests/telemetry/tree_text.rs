//! Exported spans as text: who is whose child, in the order they started, without what differs from run to run.

use crate::observed::attributes_of;
use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;
use std::fmt::Write as _;

/// What is shown, and how it is called.
const SHOWN: [(&str, &str); 20] = [
    ("db.collection.name", "collection"),
    ("db.relationship.name", "relation"),
    ("db.relationship.strategy", "strategy"),
    ("db.relationship.depth", "depth"),
    ("db.relationship.batch_count", "batch_count"),
    ("db.relationship.query_count", "query_count"),
    ("db.relationship.cache_hit", "cache_hit"),
    ("db.query.limit", "limit"),
    ("db.query.offset", "offset"),
    ("db.result.count", "count"),
    ("db.result.affected_rows", "affected_rows"),
    ("db.session.pending_count", "pending"),
    ("db.session.dirty_count", "dirty"),
    ("db.session.deleted_count", "deleted"),
    ("db.session.status", "status"),
    ("db.migration.name", "migration"),
    ("db.migration.direction", "direction"),
    ("ormcore.transaction.status", "status"),
    ("ormcore.transaction.attempts", "attempts"),
    ("error.type", "error"),
];

/// The spans, each on a line, children below their parents.
pub(crate) fn tree(spans: &[SpanData]) -> String {
    let mut text = String::from("\n");
    let known = |id: SpanId| spans.iter().any(|span| span.span_context.span_id() == id);
    for span in spans.iter().filter(|span| !known(span.parent_span_id)) {
        write_span(&mut text, span, spans, 0);
    }
    text
}

fn write_span(text: &mut String, span: &SpanData, spans: &[SpanData], depth: usize) {
    let kind = match span.span_kind {
        SpanKind::Client => "CLIENT",
        SpanKind::Internal => "INTERNAL",
        SpanKind::Server => "SERVER",
        SpanKind::Producer => "PRODUCER",
        SpanKind::Consumer => "CONSUMER",
    };
    let _ = write!(text, "{}{} [{kind}]", "  ".repeat(depth), span.name);
    let attributes = attributes_of(span);
    for (name, short) in SHOWN {
        if let Some(value) = attributes.get(name) {
            let _ = write!(text, " {short}={value}");
        }
    }
    match &span.status {
        Status::Unset => {}
        Status::Ok => text.push_str(" OK"),
        Status::Error { .. } => text.push_str(" ERROR"),
    }
    text.push('\n');
    let id = span.span_context.span_id();
    for child in spans.iter().filter(|child| child.parent_span_id == id) {
        assert_eq!(
            child.span_context.trace_id(),
            span.span_context.trace_id(),
            "a child is in its parent's trace"
        );
        write_span(text, child, spans, depth + 1);
    }
}
