//! The last traces of this process, kept in memory so that `/traces` works without any collector.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opentelemetry::{Context, TraceId};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};
use tokio::{sync::watch, time::timeout};

use super::trace::{Trace, is_local_root};

/// Bounds of what is kept; whatever is beyond goes, the oldest trace first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) traces: usize,
    pub(crate) spans_per_trace: usize,
    pub(crate) spans: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            traces: 200,
            spans_per_trace: 1_000,
            spans: 20_000,
        }
    }
}

#[derive(Debug)]
pub(crate) struct TraceStore {
    limits: Limits,
    kept: Mutex<Kept>,
    revision: watch::Sender<u64>,
    recording: AtomicBool,
}

#[derive(Debug, Default)]
struct Kept {
    by_id: HashMap<TraceId, Collected>,
    oldest_first: VecDeque<TraceId>,
    spans: usize,
}

#[derive(Debug, Default)]
struct Collected {
    spans: Vec<SpanData>,
    dropped: usize,
    root_ended: bool,
}

impl TraceStore {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            kept: Mutex::default(),
            revision: watch::Sender::new(0),
            recording: AtomicBool::new(false),
        })
    }

    /// The end of the pipeline that feeds the store. It is synchronous: a span is here when its `end` has returned.
    pub(crate) fn recorder(self: &Arc<Self>) -> Recorder {
        self.recording.store(true, Ordering::Relaxed);
        Recorder {
            store: Arc::clone(self),
        }
    }

    /// False when no recorder was ever asked for, because the SDK is switched off.
    pub(crate) fn is_recording(&self) -> bool {
        self.recording.load(Ordering::Relaxed)
    }

    /// Grows with every span, so that a reader can tell whether there is anything new.
    pub(crate) fn revision(&self) -> u64 {
        *self.revision.borrow()
    }

    /// The latest traces, newest first.
    pub(crate) fn recent(&self, limit: usize) -> Vec<Trace> {
        let kept = self.kept();
        kept.oldest_first
            .iter()
            .rev()
            .take(limit)
            .filter_map(|id| kept.by_id.get(id).map(|collected| collected.to_trace(*id)))
            .collect()
    }

    /// The trace, as soon as its first span in this process has ended; `None` if that takes longer than `patience`
    /// (or never comes: not sampled).
    pub(crate) async fn finished(&self, id: TraceId, patience: Duration) -> Option<Trace> {
        let mut revision = self.revision.subscribe();
        let wait = async {
            loop {
                revision.borrow_and_update();
                if let Some(trace) = self.if_finished(id) {
                    return Some(trace);
                }
                revision.changed().await.ok()?;
            }
        };
        timeout(patience, wait).await.ok().flatten()
    }

    fn if_finished(&self, id: TraceId) -> Option<Trace> {
        let kept = self.kept();
        kept.by_id
            .get(&id)
            .filter(|collected| collected.root_ended)
            .map(|collected| collected.to_trace(id))
    }

    fn record(&self, span: SpanData) {
        self.kept().add(span, self.limits);
        self.revision.send_modify(|revision| *revision += 1);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Spans are only ever appended, so what a panicking thread left behind is still good.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, span: SpanData, limits: Limits) {
        let id = span.span_context.trace_id();
        let collected = self.by_id.entry(id).or_insert_with(|| {
            self.oldest_first.push_back(id);
            Collected::default()
        });
        let is_root = is_local_root(&span);
        collected.root_ended |= is_root;
        // The root ends last and names the trace: it is kept even when the trace is full.
        if collected.spans.len() < limits.spans_per_trace || is_root {
            collected.spans.push(span);
            self.spans += 1;
        } else {
            collected.dropped += 1;
        }
        while self.oldest_first.len() > limits.traces
            || (self.spans > limits.spans && self.oldest_first.len() > 1)
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let forgotten = self
            .oldest_first
            .pop_front()
            .and_then(|id| self.by_id.remove(&id));
        self.spans -= forgotten.map_or(0, |collected| collected.spans.len());
    }
}

impl Collected {
    fn to_trace(&self, id: TraceId) -> Trace {
        Trace::new(id, &self.spans, self.dropped)
    }
}

#[derive(Debug)]
pub(crate) struct Recorder {
    store: Arc<TraceStore>,
}

impl SpanProcessor for Recorder {
    fn on_start(&self, _span: &mut Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.store.record(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::{Limits, TraceStore};
    use crate::traces::{
        fixture::{Posts, get_posts},
        trace::Role,
    };

    fn recorded(limits: Limits) -> (std::sync::Arc<TraceStore>, SdkTracerProvider) {
        let store = TraceStore::new(limits);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(store.recorder())
            .build();
        (store, provider)
    }

    #[test]
    fn lazy_posts_are_eleven_statements_and_eager_posts_are_two() {
        let (store, provider) = recorded(Limits::default());
        for posts in [Posts::Lazy, Posts::Eager, Posts::Joined] {
            get_posts(&provider.tracer("fixture"), posts);
        }
        let [joined, eager, lazy] = &store.recent(10)[..] else {
            panic!("three traces expected")
        };
        assert_eq!(
            (lazy.request.as_str(), lazy.statements, lazy.spans.len()),
            ("GET /posts", 11, 22)
        );
        assert_eq!(
            (eager.request.as_str(), eager.statements, eager.spans.len()),
            ("GET /posts?eager=true", 2, 4)
        );
        assert_eq!(
            (joined.request.as_str(), joined.statements),
            ("GET /posts?eager=joined", 1)
        );
        assert!(lazy.complete && lazy.name == "GET /posts");
    }

    #[test]
    fn spans_are_in_tree_order_although_children_end_before_their_parents() {
        let (store, provider) = recorded(Limits::default());
        get_posts(&provider.tracer("fixture"), Posts::Eager);
        let trace = &store.recent(1)[0];
        let seen: Vec<_> = trace
            .spans
            .iter()
            .map(|span| (span.depth, span.role, span.label.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (0, Role::Server, "GET /posts?eager=true"),
                (1, Role::Statement, "SELECT posts"),
                (1, Role::Relationship, "author"),
                (2, Role::Statement, "SELECT users"),
            ]
        );
        let (load, query) = (&trace.spans[2], &trace.spans[3]);
        assert_eq!(query.parent_id.as_ref(), Some(&load.span_id));
        assert!(load.start_us <= query.start_us);
    }

    #[test]
    fn the_oldest_traces_go_when_there_are_too_many() {
        let (store, provider) = recorded(Limits {
            traces: 2,
            ..Limits::default()
        });
        for posts in [Posts::Lazy, Posts::Eager, Posts::Joined] {
            get_posts(&provider.tracer("fixture"), posts);
        }
        let kept: Vec<_> = store
            .recent(10)
            .into_iter()
            .map(|trace| trace.statements)
            .collect();
        assert_eq!(kept, [1, 2]);
    }

    #[test]
    fn a_trace_too_long_is_cut_but_keeps_its_root() {
        let (store, provider) = recorded(Limits {
            spans_per_trace: 5,
            ..Limits::default()
        });
        get_posts(&provider.tracer("fixture"), Posts::Lazy);
        let trace = &store.recent(1)[0];
        assert_eq!((trace.spans.len(), trace.dropped_spans), (6, 16));
        assert_eq!(trace.name, "GET /posts");
    }

    #[test]
    fn the_number_of_spans_in_all_traces_is_bounded() {
        let (store, provider) = recorded(Limits {
            spans: 30,
            ..Limits::default()
        });
        for _ in 0..5 {
            get_posts(&provider.tracer("fixture"), Posts::Lazy);
        }
        assert_eq!(store.recent(10).len(), 1);
    }

    #[tokio::test]
    async fn a_finished_trace_can_be_awaited() {
        let (store, provider) = recorded(Limits::default());
        let (trace_id, root) = crate::traces::fixture::open_request(&provider.tracer("fixture"));
        assert!(
            store
                .finished(trace_id, Duration::from_millis(10))
                .await
                .is_none()
        );
        let waiting = tokio::spawn({
            let store = std::sync::Arc::clone(&store);
            async move { store.finished(trace_id, Duration::from_secs(5)).await }
        });
        tokio::task::yield_now().await;
        drop(root);
        let trace = waiting
            .await
            .expect("the waiting task lives")
            .expect("the trace ends");
        assert!(trace.complete);
    }

    #[test]
    fn a_store_without_a_recorder_says_that_it_is_not_recording() {
        assert!(!TraceStore::new(Limits::default()).is_recording());
        assert!(recorded(Limits::default()).0.is_recording());
    }
}
