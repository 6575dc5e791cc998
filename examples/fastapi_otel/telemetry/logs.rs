//! `tracing` events as lines, for people or as JSON with the ids of the trace they belong to, and to the collector.

use std::{fmt, io::IsTerminal};

use opentelemetry::{Context, trace::TraceContextExt};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
};
use tracing_subscriber::{
    Layer, Registry,
    filter::Targets,
    fmt::{
        FmtContext, FormatEvent, FormatFields, MakeWriter,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    layer::SubscriberExt,
    registry::LookupSpan,
};

/// Libraries on the way to the collector: their events about an export would be exported, and cause the next.
const EXPORT_PATH: [&str; 8] = [
    "opentelemetry",
    "h2",
    "hyper",
    "hyper_util",
    "reqwest",
    "rustls",
    "tonic",
    "tower",
];

pub(crate) fn subscriber(
    filter: Option<&Targets>,
    json: bool,
    exported: Option<&SdkLoggerProvider>,
    writer: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync {
    let filter = filter_of(filter);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(std::io::stderr().is_terminal());
    let lines: Box<dyn Layer<Registry> + Send + Sync> = if json {
        lines.event_format(JsonLines).boxed()
    } else {
        lines.with_target(false).compact().boxed()
    };
    let to_collector = exported
        .map(|provider| OpenTelemetryTracingBridge::new(provider).with_filter(filter.clone()));
    Registry::default()
        .with(lines.with_filter(filter))
        .with(to_collector)
}

/// Info and above, less the export path (see `health.rs` for what is said about exports), then what `RUST_LOG` adds.
fn filter_of(asked: Option<&Targets>) -> Targets {
    let quiet = EXPORT_PATH.map(|target| (target, LevelFilter::OFF));
    let filter = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_targets(quiet);
    match asked {
        Some(asked) => filter
            .with_default(asked.default_level().unwrap_or(LevelFilter::INFO))
            .with_targets(asked.iter()),
        None => filter,
    }
}

/// One JSON object a line, with `trace_id` and `span_id` of the span that is current where the event happens.
struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        writeln!(writer, "{}", Value::Object(line(event, timestamp)))
    }
}

fn line(event: &Event<'_>, timestamp: String) -> Map<String, Value> {
    let metadata = event.metadata();
    let mut fields = Fields(Map::new());
    event.record(&mut fields);
    let mut line = fields.0;
    line.insert("timestamp".to_owned(), timestamp.into());
    line.insert("level".to_owned(), metadata.level().as_str().into());
    line.insert("target".to_owned(), metadata.target().into());
    let context = Context::current();
    let span = context.span().span_context().clone();
    if span.is_valid() {
        line.insert("trace_id".to_owned(), span.trace_id().to_string().into());
        line.insert("span_id".to_owned(), span.span_id().to_string().into());
    }
    line
}

struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::{
        Context,
        trace::{TraceContextExt, Tracer, TracerProvider},
    };
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use serde_json::Value;
    use tracing::Level;
    use tracing_subscriber::layer::SubscriberExt;

    use super::{JsonLines, filter_of};
    use crate::tests::Written;

    #[test]
    fn a_json_line_names_the_trace_it_belongs_to() {
        let written = Written::default();
        let writer = written.clone();
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(move || writer.clone())
            .event_format(JsonLines);
        let tracer = SdkTracerProvider::default().tracer("test");
        let context = Context::new().with_span(tracer.start("GET /posts"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let _current = context.clone().attach();
            tracing::warn!(count = 10, relation = "author", "10 lazy loads");
        });
        let line: Value = serde_json::from_str(&written.text()).expect("json");
        assert_eq!(
            line["trace_id"],
            context.span().span_context().trace_id().to_string()
        );
        assert_eq!(
            line["span_id"],
            context.span().span_context().span_id().to_string()
        );
        assert_eq!(
            (&line["level"], &line["count"]),
            (&Value::from("WARN"), &Value::from(10))
        );
        assert_eq!(
            (&line["relation"], &line["message"]),
            (&Value::from("author"), &Value::from("10 lazy loads"))
        );
    }

    fn enables(rust_log: &str, target: &str, level: Level) -> bool {
        let asked = (!rust_log.is_empty()).then(|| rust_log.parse().expect("a filter"));
        filter_of(asked.as_ref()).would_enable(target, &level)
    }

    #[test]
    fn the_way_to_the_collector_is_silent_unless_it_is_asked_for() {
        assert!(!enables("", "opentelemetry_sdk", Level::ERROR));
        assert!(!enables("debug", "hyper::proto", Level::ERROR));
        assert!(enables(
            "opentelemetry=warn",
            "opentelemetry-otlp",
            Level::WARN
        ));
    }

    #[test]
    fn the_level_is_info_unless_rust_log_says_otherwise() {
        assert!(enables("", "ormcore", Level::INFO));
        assert!(!enables("", "ormcore", Level::DEBUG));
        assert!(enables("ormcore=debug", "ormcore", Level::DEBUG));
        assert!(enables("ormcore=debug", "fastapi_otel", Level::INFO));
        assert!(enables("debug", "fastapi_otel", Level::DEBUG));
    }
}
