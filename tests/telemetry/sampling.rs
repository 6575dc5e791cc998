//! What samplers are shown, and what follows from their decision.

use crate::blog::{Post, User};
use crate::measured::metric;
use crate::observed::Observed;
use opentelemetry::trace::FutureExt as _;
use opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};
use std::sync::{Arc, Mutex};

/// Takes everything, and keeps what it was shown.
#[derive(Clone, Debug, Default)]
struct Curious(Arc<Mutex<Vec<Shown>>>);

/// A span's name and its attributes.
type Shown = (String, Vec<KeyValue>);

impl ShouldSample for Curious {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        name: &str,
        _: &SpanKind,
        attributes: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let shown = (name.to_owned(), attributes.to_vec());
        self.0.lock().expect("what was shown").push(shown);
        SamplingResult {
            decision: SamplingDecision::RecordAndSample,
            attributes: Vec::new(),
            trace_state: TraceState::NONE,
        }
    }
}

/// Takes everything but loads, whatever their parents are.
#[derive(Clone, Debug)]
struct NoLoads;

impl ShouldSample for NoLoads {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        name: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        SamplingResult {
            decision: match name {
                "db.relationship.load" => SamplingDecision::Drop,
                _ => SamplingDecision::RecordAndSample,
            },
            attributes: Vec::new(),
            trace_state: TraceState::NONE,
        }
    }
}

/// Inside a trace that somebody decided not to record.
fn unsampled() -> Context {
    let parent = SpanContext::new(
        TraceId::from(7),
        SpanId::from(7),
        TraceFlags::NOT_SAMPLED,
        true,
        TraceState::NONE,
    );
    Context::new().with_remote_span_context(parent)
}

#[tokio::test]
async fn a_sampler_is_shown_what_the_conventions_want_it_to_see() {
    let sampler = Curious::default();
    let blog = Observed::blog_with(sampler.clone(), |config| config).await;
    User::find().all(&blog.db).await.expect("users");

    let shown = sampler.0.lock().expect("what was shown");
    let [(name, attributes)] = shown.as_slice() else {
        panic!("one span: {shown:?}");
    };
    assert_eq!(name, "db.query.find");
    for wanted in [
        "db.system.name",
        "db.namespace",
        "db.collection.name",
        "db.operation.name",
        "db.query.summary",
        "db.query.text",
        "server.address",
        "server.port",
    ] {
        let is_there = |attribute: &KeyValue| attribute.key.as_str() == wanted;
        assert!(attributes.iter().any(is_there), "{wanted}: {attributes:?}");
    }
}

#[tokio::test]
async fn a_load_can_be_sampled_by_its_relation() {
    let sampler = Curious::default();
    let blog = Observed::blog_with(sampler.clone(), |config| config).await;
    let authors = blog.users(["Ada"]).await;
    let posts = blog.post_by_each(&authors).await;
    posts[0].author.load(&blog.db).await.expect("an author");
    let shown = sampler.0.lock().expect("what was shown");
    let load = shown
        .iter()
        .find(|(name, _)| name == "db.relationship.load");
    let (_, attributes) = load.expect("a load");
    assert!(attributes.contains(&KeyValue::new("db.relationship.name", "author")));
    assert!(attributes.contains(&KeyValue::new("db.relationship.strategy", "lazy")));
}

#[tokio::test]
async fn below_an_unsampled_parent_there_are_no_spans_but_there_are_metrics() {
    // Not even for a sampler that would take everything.
    let blog = Observed::blog_with(Sampler::AlwaysOn, |config| config).await;
    let work = async {
        let tx = blog.db.begin().await?;
        User::find().with(User::POSTS).all(&tx).await?;
        tx.commit().await?;
        Post::find().count(&blog.db).await
    };
    work.with_context(unsampled()).await.expect("a count");

    assert!(blog.spans().is_empty());
    let metrics = blog.metrics();
    assert_eq!(
        metric(&metrics, "db.client.operation.duration").observations(),
        2
    );
    assert_eq!(
        metric(&metrics, "ormcore.transaction.duration").observations(),
        1
    );
}

#[tokio::test]
async fn what_an_unsampled_span_of_ours_contains_is_not_sampled_on_its_own() {
    let blog = Observed::blog_with(NoLoads, |config| config).await;
    let authors = blog.users(["Ada"]).await;
    let posts = blog.post_by_each(&authors).await;
    posts[0].author.load(&blog.db).await.expect("an author");
    assert!(
        blog.spans().is_empty(),
        "the load's find is left out with it"
    );
    User::find().count(&blog.db).await.expect("a count");
    assert_eq!(blog.spans().len(), 1, "others are taken");
    let metrics = blog.metrics();
    assert_eq!(
        metric(&metrics, "ormcore.relationship.load.duration").observations(),
        1
    );
}
