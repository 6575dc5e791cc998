//! A blog whose spans and metrics are collected, by the real SDK.

use crate::blog::{Comment, NewPost, NewUser, Post, User, new_post, new_user};
use crate::measured::Measured;
use dev_postgres::{Template, TestDatabase};
use opentelemetry::trace::{
    FutureExt as _, SpanKind, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, Value};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, Sampler, SdkTracer, SdkTracerProvider, ShouldSample, SpanData,
};
use ormcore::{Config, Db, entities};
use std::collections::BTreeMap;

static BLOG: Template = Template::new("observed_blog", |url| {
    Box::pin(async move {
        let db = Db::connect(&url).await?;
        ormcore::schema::create(&db, entities![User, Post, Comment]).await?;
        Ok(())
    })
});

/// An empty blog that nobody has connected to.
pub(crate) fn database() -> TestDatabase {
    BLOG.database().expect("a database")
}

/// How to connect to it.
pub(crate) fn config(database: &TestDatabase) -> Config {
    Config::new(database.url()).expect("a URL")
}

pub(crate) struct Observed {
    pub(crate) db: Db,
    pub(crate) database: TestDatabase,
    pub(crate) sdk: Sdk,
}

/// The SDK as an application sets it up, with exporters that keep what they are given.
pub(crate) struct Sdk {
    pub(crate) tracer_provider: SdkTracerProvider,
    pub(crate) meter_provider: SdkMeterProvider,
    spans: InMemorySpanExporter,
    metrics: InMemoryMetricExporter,
}

impl Sdk {
    pub(crate) fn new(sampler: impl ShouldSample + 'static) -> Self {
        let spans = InMemorySpanExporter::default();
        let metrics = InMemoryMetricExporter::default();
        let tracer_provider = SdkTracerProvider::builder()
            .with_simple_exporter(spans.clone())
            .with_sampler(sampler)
            .build();
        let meter_provider = SdkMeterProvider::builder()
            .with_periodic_exporter(metrics.clone())
            .build();
        Self {
            tracer_provider,
            meter_provider,
            spans,
            metrics,
        }
    }

    /// The spans that ended since the last look, in the order they started.
    pub(crate) fn spans(&self) -> Vec<SpanData> {
        let mut spans = self.spans.get_finished_spans().expect("spans");
        self.spans.reset();
        spans.sort_by_key(|span| span.start_time);
        spans
    }

    /// The metrics as they stand.
    pub(crate) fn metrics(&self) -> Vec<Measured> {
        self.metrics.reset();
        self.meter_provider.force_flush().expect("a collection");
        let exported = self.metrics.get_finished_metrics().expect("metrics");
        let scopes = exported.iter().flat_map(ResourceMetrics::scope_metrics);
        let metrics = scopes.flat_map(|scope| scope.metrics().map(Measured::new));
        metrics.collect()
    }

    /// A tracer for the caller's own spans.
    pub(crate) fn tracer(&self) -> SdkTracer {
        self.tracer_provider.tracer("application")
    }

    /// Work inside a SERVER span of the caller's.
    pub(crate) async fn request<T>(&self, name: &'static str, work: impl Future<Output = T>) -> T {
        let span = self
            .tracer()
            .span_builder(name)
            .with_kind(SpanKind::Server)
            .start(&self.tracer());
        let context = Context::current_with_span(span);
        let done = work.with_context(context.clone()).await;
        context.span().end();
        done
    }
}

impl Observed {
    pub(crate) async fn blog() -> Self {
        Self::blog_with(Sampler::AlwaysOn, |config| config).await
    }

    pub(crate) async fn blog_with(
        sampler: impl ShouldSample + 'static,
        settings: impl FnOnce(Config) -> Config,
    ) -> Self {
        let sdk = Sdk::new(sampler);
        let given = |config: Config| {
            let config = config.tracer_provider(&sdk.tracer_provider);
            settings(config.meter_provider(sdk.meter_provider.clone()))
        };
        let database = database();
        let db = given(config(&database)).connect().await;
        Self {
            db: db.expect("a connection"),
            database,
            sdk,
        }
    }

    pub(crate) fn spans(&self) -> Vec<SpanData> {
        self.sdk.spans()
    }

    pub(crate) fn metrics(&self) -> Vec<Measured> {
        self.sdk.metrics()
    }

    /// The only span that ended since the last look.
    pub(crate) fn only_span(&self) -> SpanData {
        let mut spans = self.spans();
        assert_eq!(spans.len(), 1, "one span was expected: {spans:#?}");
        spans.remove(0)
    }

    /// Users by these names; nothing is seen of how they came.
    pub(crate) async fn users<const N: usize>(&self, names: [&str; N]) -> [User; N] {
        let rows: Vec<NewUser> = names.into_iter().map(new_user).collect();
        let users = User::insert_many(rows).all(&self.db).await.expect("users");
        self.spans();
        users.try_into().expect("as many as there are names")
    }

    /// A post by each of these users; nothing is seen of how they came.
    pub(crate) async fn post_by_each(&self, authors: &[User]) -> Vec<Post> {
        let post = |author: &User| new_post(author, &format!("by {}", author.name));
        let rows: Vec<NewPost> = authors.iter().map(post).collect();
        let posts = Post::insert_many(rows).all(&self.db).await.expect("posts");
        self.spans();
        posts
    }
}

/// A span's attributes by name.
pub(crate) fn attributes_of(span: &SpanData) -> BTreeMap<String, Value> {
    let attributes = span.attributes.iter();
    let by_name: BTreeMap<_, _> = attributes
        .map(|attribute| (attribute.key.to_string(), attribute.value.clone()))
        .collect();
    assert_eq!(
        by_name.len(),
        span.attributes.len(),
        "no attribute is there twice"
    );
    by_name
}

/// A span's attribute as text; nothing when it is not there.
pub(crate) fn attribute(span: &SpanData, name: &str) -> Option<String> {
    attributes_of(span).get(name).map(ToString::to_string)
}
