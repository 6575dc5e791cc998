//! The trees that the ORM is expected to produce, made by hand through the real SDK.

use std::time::{Duration, SystemTime};

use opentelemetry::{
    Context, KeyValue, TraceId,
    trace::{SpanBuilder, SpanKind, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Posts {
    Lazy,
    Eager,
    Joined,
}

const ALL_POSTS: &str = "SELECT p.id, p.author_id, p.title, p.published FROM posts AS p WHERE p.published = $1 ORDER BY p.id ASC LIMIT $2";
const POSTS_WITH_AUTHORS: &str = "SELECT p.id, p.title, u.id, u.name FROM posts AS p \
    LEFT JOIN users AS u ON u.id = p.author_id WHERE p.published = $1 ORDER BY p.id ASC LIMIT $2";
const ONE_AUTHOR: &str = "SELECT id, name, email, age, created_at FROM users WHERE id = $1";
const THEIR_AUTHORS: &str = "SELECT id, name, email, age, created_at FROM users WHERE id = ANY($1)";

/// One `GET /posts` over ten posts by ten authors. Durations are given, not slept.
pub(crate) fn get_posts(tracer: &SdkTracer, posts: Posts) -> TraceId {
    let mut clock = Clock {
        tracer,
        now: SystemTime::now(),
    };
    let query = match posts {
        Posts::Lazy => None,
        Posts::Eager => Some("eager=true"),
        Posts::Joined => Some("eager=joined"),
    };
    let root = clock.open(
        &Context::new(),
        "GET /posts",
        SpanKind::Server,
        request(query),
    );
    clock.pass(180);
    match posts {
        Posts::Lazy => {
            clock.statement(&root, "SELECT posts", ALL_POSTS, 640, 10);
            for post in 0..10 {
                clock.pass(25);
                clock.load(&root, "lazy", ONE_AUTHOR, 1, 330 + post * 13 % 60);
            }
        }
        Posts::Eager => {
            clock.statement(&root, "SELECT posts", ALL_POSTS, 650, 10);
            clock.pass(30);
            clock.load(&root, "selectinload", THEIR_AUTHORS, 10, 420);
        }
        Posts::Joined => clock.statement(&root, "SELECT posts", POSTS_WITH_AUTHORS, 810, 10),
    }
    clock.pass(90);
    let id = root.span().span_context().trace_id();
    root.span()
        .set_attribute(KeyValue::new("http.response.status_code", 200));
    root.span().end_with_timestamp(clock.now);
    id
}

/// A request that has begun; it ends when the context is dropped.
pub(crate) fn open_request(tracer: &SdkTracer) -> (TraceId, Context) {
    let root = Clock {
        tracer,
        now: SystemTime::now(),
    }
    .open(
        &Context::new(),
        "GET /posts",
        SpanKind::Server,
        request(None),
    );
    (root.span().span_context().trace_id(), root)
}

struct Clock<'a> {
    tracer: &'a SdkTracer,
    now: SystemTime,
}

impl Clock<'_> {
    fn pass(&mut self, micros: u64) {
        self.now += Duration::from_micros(micros);
    }

    fn open(
        &self,
        parent: &Context,
        name: &'static str,
        kind: SpanKind,
        attributes: Vec<KeyValue>,
    ) -> Context {
        let span = SpanBuilder::from_name(name)
            .with_kind(kind)
            .with_start_time(self.now)
            .with_attributes(attributes);
        parent.with_span(self.tracer.build_with_context(span, parent))
    }

    fn load(
        &mut self,
        parent: &Context,
        strategy: &'static str,
        text: &'static str,
        owners: i64,
        micros: u64,
    ) {
        let attributes = vec![
            KeyValue::new("db.relationship.name", "author"),
            KeyValue::new("db.relationship.target_model", "User"),
            KeyValue::new("db.relationship.strategy", strategy),
            KeyValue::new("db.relationship.fk_column", "author_id"),
            KeyValue::new("db.relationship.cache_hit", false),
            KeyValue::new("db.relationship.batch_count", owners),
            KeyValue::new("db.relationship.query_count", 1),
            KeyValue::new("db.result.count", owners),
        ];
        let load = self.open(
            parent,
            "db.relationship.load",
            SpanKind::Internal,
            attributes,
        );
        self.pass(12);
        self.statement(&load, "SELECT users", text, micros, owners);
        self.pass(8);
        load.span().end_with_timestamp(self.now);
    }

    fn statement(
        &mut self,
        parent: &Context,
        summary: &'static str,
        text: &'static str,
        micros: u64,
        rows: i64,
    ) {
        let attributes = vec![
            KeyValue::new("db.system.name", "postgresql"),
            KeyValue::new("db.namespace", "blog|public"),
            KeyValue::new("db.collection.name", summary.trim_start_matches("SELECT ")),
            KeyValue::new("db.operation.name", "find"),
            KeyValue::new("db.query.summary", summary),
            KeyValue::new("db.query.text", text),
            KeyValue::new("server.address", "localhost"),
            KeyValue::new("db.result.count", rows),
            KeyValue::new("db.response.returned_rows", rows),
            KeyValue::new("ormcore.statement.cached", true),
            KeyValue::new("ormcore.pool.wait_duration", 0.000_011),
            KeyValue::new("code.file.path", "examples/fastapi_otel/routes.rs"),
            KeyValue::new("code.line.number", 71),
        ];
        let statement = self.open(parent, "db.query.find", SpanKind::Client, attributes);
        self.pass(micros);
        statement.span().end_with_timestamp(self.now);
    }
}

fn request(query: Option<&'static str>) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("http.request.method", "GET"),
        KeyValue::new("http.route", "/posts"),
        KeyValue::new("url.path", "/posts"),
        KeyValue::new("url.scheme", "http"),
    ];
    attributes.extend(query.map(|query| KeyValue::new("url.query", query)));
    attributes
}
