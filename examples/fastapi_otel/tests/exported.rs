//! One set of providers for all tests of this process: the HTTP layer takes the global ones.

use std::{
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use opentelemetry::{TraceId, global};
use opentelemetry_sdk::{
    logs::{InMemoryLogExporter, SdkLoggerProvider},
    metrics::{InMemoryMetricExporter, SdkMeterProvider},
    propagation::TraceContextPropagator,
    trace::{InMemorySpanExporter, SdkTracerProvider, SpanData},
};
use prometheus::Registry;

use crate::{
    telemetry::{Telemetry, logs},
    traces::{Limits, Trace, TraceStore},
};

pub(crate) struct Exported {
    store: Arc<TraceStore>,
    exporter: InMemorySpanExporter,
    meter: SdkMeterProvider,
    metrics: InMemoryMetricExporter,
    scraped: Registry,
    logs: InMemoryLogExporter,
    lines: Written,
}

/// No trace goes for another test's.
const EVERYTHING: Limits = Limits {
    traces: usize::MAX,
    spans_per_trace: usize::MAX,
    spans: usize::MAX,
};

/// What was exported so far; from the first call on everything is, logs down to the last word included.
pub(crate) fn exported() -> &'static Exported {
    static EXPORTED: OnceLock<Exported> = OnceLock::new();
    EXPORTED.get_or_init(|| {
        let store = TraceStore::new(EVERYTHING);
        let exporter = InMemorySpanExporter::default();
        // The store last: what it has seen the exporter has.
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .with_span_processor(store.recorder())
            .build();
        global::set_tracer_provider(provider);
        global::set_text_map_propagator(TraceContextPropagator::new());
        let metrics = InMemoryMetricExporter::default();
        let scraped = Registry::new();
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(scraped.clone())
            .build();
        let meter = SdkMeterProvider::builder()
            .with_periodic_exporter(metrics.clone())
            .with_reader(reader.expect("a reader"))
            .build();
        global::set_meter_provider(meter.clone());
        let logs = InMemoryLogExporter::default();
        let logger = SdkLoggerProvider::builder()
            .with_simple_exporter(logs.clone())
            .build();
        let lines = Written::default();
        let (everything, writer) = ("trace".parse().expect("a filter"), lines.clone());
        let subscriber = logs::subscriber(Some(&everything), true, Some(&logger), move || {
            writer.clone()
        });
        tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
        Exported {
            store,
            exporter,
            meter,
            metrics,
            scraped,
            logs,
            lines,
        }
    })
}

impl Exported {
    /// The exported spans of a trace, once its root has ended.
    pub(crate) async fn trace(&self, id: TraceId) -> Option<Trace> {
        self.store.finished(id, Duration::from_secs(5)).await?;
        Some(Trace::new(id, &self.spans(id), 0))
    }

    pub(crate) fn store(&self) -> &TraceStore {
        &self.store
    }

    /// For an application whose `/traces` and `/metrics` show all of this.
    pub(crate) fn telemetry(&self) -> Telemetry {
        let telemetry = Telemetry::uninstalled(Arc::clone(&self.store), self.scraped.clone());
        telemetry.expect("telemetry")
    }

    pub(crate) fn spans(&self, id: TraceId) -> Vec<SpanData> {
        let spans = self.exporter.get_finished_spans().expect("exported spans");
        let of_trace = |span: &SpanData| span.span_context.trace_id() == id;
        spans.into_iter().filter(of_trace).collect()
    }

    /// All signals of all tests as text: spans, metrics, log records, and the lines of the log.
    pub(crate) fn everything(&self) -> [(&'static str, String); 4] {
        self.meter.force_flush().expect("exported metrics");
        let spans = self.exporter.get_finished_spans().expect("exported spans");
        let metrics = self.metrics.get_finished_metrics();
        let metrics = metrics.expect("exported metrics");
        let logs = self.logs.get_emitted_logs().expect("exported logs");
        [
            ("spans", format!("{spans:?}")),
            ("metrics", format!("{metrics:?}")),
            ("logs", format!("{logs:?}")),
            ("lines", self.lines.text()),
        ]
    }
}

/// What was written to it, instead of to stderr.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
