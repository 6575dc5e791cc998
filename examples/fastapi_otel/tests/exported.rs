//! One tracer provider for all tests of this process: the HTTP layer takes the global one.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use opentelemetry::{TraceId, global};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{InMemorySpanExporter, SdkTracerProvider, SpanData},
};

use crate::traces::{Limits, Trace, TraceStore};

pub(crate) struct Exported {
    store: Arc<TraceStore>,
    exporter: InMemorySpanExporter,
}

/// What was exported so far; from the first call on everything is.
pub(crate) fn exported() -> &'static Exported {
    static EXPORTED: OnceLock<Exported> = OnceLock::new();
    EXPORTED.get_or_init(|| {
        let store = TraceStore::new(Limits::default());
        let exporter = InMemorySpanExporter::default();
        // The store last: what it has seen the exporter has.
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .with_span_processor(store.recorder())
            .build();
        global::set_tracer_provider(provider);
        global::set_text_map_propagator(TraceContextPropagator::new());
        Exported { store, exporter }
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

    pub(crate) fn spans(&self, id: TraceId) -> Vec<SpanData> {
        let spans = self.exporter.get_finished_spans().expect("exported spans");
        let of_trace = |span: &SpanData| span.span_context.trace_id() == id;
        spans.into_iter().filter(of_trace).collect()
    }
}
