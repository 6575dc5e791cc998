//! Where spans and metrics go: the providers the builder was given, or the global ones, whenever they are set.

use opentelemetry::global::BoxedTracer;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId,
    TraceState, Tracer as _, TracerProvider,
};
use opentelemetry::{Context, InstrumentationScope, global};
use opentelemetry_semantic_conventions::SCHEMA_URL;
use std::cell::Cell;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// The providers an application gives explicitly; without them the global ones are used.
#[derive(Clone, Default)]
pub(crate) struct Providers {
    tracer: Option<Arc<BoxedTracer>>,
    meter: Option<Arc<dyn MeterProvider + Send + Sync>>,
}

impl Providers {
    pub(crate) fn set_tracer<P>(&mut self, provider: &P)
    where
        P: TracerProvider,
        P::Tracer: Send + Sync + 'static,
        <P::Tracer as opentelemetry::trace::Tracer>::Span: Send + Sync + 'static,
    {
        let tracer = provider.tracer_with_scope(scope());
        self.tracer = Some(Arc::new(BoxedTracer::new(Box::new(tracer))));
    }

    pub(crate) fn set_meter(&mut self, provider: impl MeterProvider + Send + Sync + 'static) {
        self.meter = Some(Arc::new(provider));
    }

    pub(super) fn tracer(&self) -> Tracer {
        Tracer {
            given: self.tracer.clone(),
            found: OnceLock::new(),
        }
    }

    /// The meter provider in force now.
    pub(super) fn meter_provider(&self) -> Arc<dyn MeterProvider + Send + Sync> {
        self.meter.clone().unwrap_or_else(global::meter_provider)
    }

    pub(super) fn is_meter_given(&self) -> bool {
        self.meter.is_some()
    }
}

/// The library's name and version, and the conventions its attributes follow.
fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(SCHEMA_URL)
        .build()
}

pub(super) fn meter(provider: &dyn MeterProvider) -> Meter {
    provider.meter_with_scope(scope())
}

/// Makes spans, as soon as somebody listens.
pub(super) struct Tracer {
    given: Option<Arc<BoxedTracer>>,
    found: OnceLock<BoxedTracer>,
}

/// Looking for an SDK costs as much as the rest of a span that nobody sees, so a busy thread looks once in so long: for
/// that long after it was installed statements may go unseen.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

thread_local! {
    /// Until when there is no global SDK, as far as this thread knows.
    static NONE_UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

fn is_missed(now: Instant) -> bool {
    if NONE_UNTIL.get().is_some_and(|until| now < until) {
        return true;
    }
    NONE_UNTIL.set(now.checked_add(LOOK_AGAIN));
    false
}

impl Tracer {
    /// The tracer, or nothing while no SDK is installed. One that is installed later is found within a millisecond.
    pub(super) fn get(&self, now: Instant) -> Option<&BoxedTracer> {
        if let Some(given) = &self.given {
            return Some(given);
        }
        if let Some(found) = self.found.get() {
            return Some(found);
        }
        if is_missed(now) {
            return None;
        }
        let provider = global::tracer_provider();
        // Asked again and again while there is none: our own scope is made for one that is real.
        let tracer = provider.tracer_with_scope(InstrumentationScope::default());
        is_real(&tracer).then(|| {
            self.found
                .get_or_init(|| provider.tracer_with_scope(scope()))
        })
    }
}

/// Tells an SDK from the API's stand-in without making a span that anybody could see: where telemetry is suppressed,
/// an SDK answers with an invalid span, and the stand-in repeats the parent.
fn is_real(tracer: &BoxedTracer) -> bool {
    static PROBE: OnceLock<Context> = OnceLock::new();
    let probe = PROBE.get_or_init(|| {
        let parent = SpanContext::new(
            TraceId::from(1),
            SpanId::from(1),
            TraceFlags::default(),
            true,
            TraceState::NONE,
        );
        Context::new()
            .with_remote_span_context(parent)
            .with_telemetry_suppressed()
    });
    let span = tracer.build_with_context(SpanBuilder::default(), probe);
    !span.span_context().is_valid()
}
