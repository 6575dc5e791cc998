//! Spans: started where the work starts, ended at the latest when they are dropped.

use super::attributes::of_call;
use super::facts::Facts;
use super::names::{CANCELLED, ERROR_TYPE};
use super::settings::Settings;
use super::statement::Page;
use super::tracer::Tracer;
use opentelemetry::global::{BoxedSpan, BoxedTracer};
use opentelemetry::trace::{
    FutureExt as _, Span as _, SpanBuilder, SpanKind, Status, TraceContextExt as _, Tracer as _,
};
use opentelemetry::{Context, KeyValue, Value};
use std::borrow::Cow;
use std::panic::Location;
use std::time::Instant;

/// Room for the attributes that a statement's span is given besides those of its facts, so that it never grows.
const LATER: usize = 10;

/// Starts spans for one `Db`.
pub(super) struct Emitter {
    tracer: Option<Tracer>,
}

impl Emitter {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            tracer: settings.enabled.then(|| settings.providers.tracer()),
        }
    }

    /// The tracer, unless nobody listens: then nothing more is paid.
    fn tracer(&self, now: Instant) -> Option<&BoxedTracer> {
        self.tracer.as_ref()?.get(now)
    }

    /// A CLIENT span for a statement that begins now. `scope` is the transaction it runs in, if any.
    pub(super) fn statement(
        &self,
        facts: &Facts,
        page: Page,
        caller: &'static Location<'static>,
        scope: Option<&Scope>,
        now: Instant,
    ) -> ClientSpan {
        let Some(tracer) = self.tracer(now) else {
            return ClientSpan(None);
        };
        let start = |parent: &Context| {
            if is_unsampled(parent) {
                return None;
            }
            let known = &facts.attributes.span;
            let mut attributes = Vec::with_capacity(known.len() + LATER);
            attributes.extend_from_slice(known);
            attributes.extend(of_call(page, caller));
            let mut builder =
                SpanBuilder::from_name(facts.span_name.clone()).with_kind(SpanKind::Client);
            builder.attributes = Some(attributes);
            let span = tracer.build_with_context(builder, parent);
            span.is_recording().then_some(span)
        };
        ClientSpan(match scope {
            Some(scope) => start(&scope.parent()),
            None => Context::map_current(start),
        })
    }

    /// An INTERNAL span that other spans go into. Its attributes are only made when somebody listens.
    pub(super) fn scope(
        &self,
        name: &'static str,
        attributes: impl FnOnce() -> Vec<KeyValue>,
        outer: Option<&Scope>,
    ) -> Scope {
        let parent = outer.map_or_else(Context::current, Scope::parent);
        let tracer = self
            .tracer(Instant::now())
            .filter(|_| !is_unsampled(&parent));
        let inner = tracer.map(|tracer| {
            let builder = SpanBuilder::from_name(name)
                .with_kind(SpanKind::Internal)
                .with_attributes(attributes());
            // Kept even when it is not recorded, so that what it contains is not sampled on its own.
            parent.with_span(tracer.build_with_context(builder, &parent))
        });
        Scope {
            parent,
            inner,
            ended: false,
        }
    }
}

/// Whether the caller's trace is not sampled: then neither is what we do in it.
fn is_unsampled(parent: &Context) -> bool {
    let span = parent.span();
    span.span_context().is_valid() && !span.span_context().is_sampled() && !span.is_recording()
}

/// The span of a statement; nothing, when nobody listens.
pub(super) struct ClientSpan(Option<BoxedSpan>);

impl ClientSpan {
    pub(super) fn is_recording(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn set(&mut self, key: &'static str, value: impl Into<Value>) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new(key, value));
        }
    }

    pub(super) fn fail(&mut self, error_type: String, message: Cow<'static, str>) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new(ERROR_TYPE, error_type));
            span.set_status(Status::Error {
                description: message,
            });
        }
    }
}

/// A span that is current while the work in it runs.
pub(crate) struct Scope {
    parent: Context,
    inner: Option<Context>,
    ended: bool,
}

impl Scope {
    /// Runs work with this span as the current one.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        match &self.inner {
            Some(inner) => work.with_context(inner.clone()).await,
            None => work.await,
        }
    }

    /// Whose child something is that happens now: this span's, unless the caller has opened another since.
    fn parent(&self) -> Context {
        let current = Context::current();
        let is_within = current.span().span_context() == self.parent.span().span_context();
        // A task of its own may have left the caller's span behind.
        if is_within || !current.has_active_span() {
            self.inner.as_ref().unwrap_or(&self.parent).clone()
        } else {
            current
        }
    }

    pub(super) fn set(&self, key: &'static str, value: impl Into<Value>) {
        if let Some(inner) = &self.inner {
            inner.span().set_attribute(KeyValue::new(key, value));
        }
    }

    pub(super) fn event(
        &self,
        name: &'static str,
        attributes: impl IntoIterator<Item = (&'static str, Value)>,
    ) {
        if let Some(inner) = &self.inner {
            let attributes = attributes
                .into_iter()
                .map(|(key, value)| KeyValue::new(key, value));
            inner.span().add_event(name, attributes.collect());
        }
    }

    pub(super) fn fail(&self, error_type: String, message: Cow<'static, str>) {
        if let Some(inner) = &self.inner {
            inner
                .span()
                .set_attribute(KeyValue::new(ERROR_TYPE, error_type));
            inner.span().set_status(Status::Error {
                description: message,
            });
        }
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
        self.close();
    }

    /// Ends the span where others may still have it; a second end is none.
    pub(super) fn close(&self) {
        if let Some(inner) = &self.inner {
            inner.span().end();
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if !self.ended {
            self.fail(
                CANCELLED.to_owned(),
                Cow::Borrowed("dropped before it was done"),
            );
            self.end();
        }
    }
}

/// Puts attributes on the span the caller is in: their own, or that of the transaction.
pub(super) fn annotate_enclosing(
    scope: Option<&Scope>,
    attributes: impl IntoIterator<Item = (&'static str, Value)>,
) {
    let context = scope.map_or_else(Context::current, Scope::parent);
    let span = context.span();
    if span.is_recording() {
        for (key, value) in attributes {
            span.set_attribute(KeyValue::new(key, value));
        }
    }
}
