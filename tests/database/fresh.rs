//! A database of a test's own, and the statements that were sent to it.

use dev_postgres::TestDatabase;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use ormcore::schema::Table;
use ormcore::{Config, Db};

/// A database that is gone when it is dropped.
pub(crate) struct Fresh {
    pub db: Db,
    statements: Statements,
    pub database: TestDatabase,
}

/// An empty database with the tables of these entities: `fresh(entities![User, Post])`.
pub(crate) async fn fresh<const N: usize>(tables: [&'static Table; N]) -> Fresh {
    let database = TestDatabase::create().expect("a database");
    let fresh = Fresh::on(database).await;
    ormcore::schema::create(&fresh.db, tables)
        .await
        .expect("tables");
    fresh.statements();
    fresh
}

/// An empty database after this SQL.
pub(crate) async fn fresh_after(set_up: &'static str) -> Fresh {
    let fresh = fresh([]).await;
    ormcore::sql(set_up).batch(&fresh.db).await.expect("set-up");
    fresh.statements();
    fresh
}

impl Fresh {
    pub(crate) async fn on(database: TestDatabase) -> Self {
        let statements = Statements::new();
        let config = Config::new(database.url())
            .expect("a URL")
            .tracer_provider(&statements.provider);
        Self {
            db: config.connect().await.expect("a connection"),
            statements,
            database,
        }
    }

    /// The statements sent since this was asked last.
    pub(crate) fn statements(&self) -> Vec<String> {
        self.statements.take("db.query.text")
    }

    /// How many rows they returned, and why they failed, since this was asked last.
    pub(crate) fn outcomes(&self) -> [Vec<String>; 2] {
        let spans = self.statements.exporter.get_finished_spans();
        let kept = spans.expect("spans");
        let errors = kept.iter().flat_map(|span| &span.attributes);
        let errors = errors.filter(|pair| pair.key.as_str() == "error.type");
        let errors = errors.map(|pair| pair.value.to_string()).collect();
        [self.statements.take("db.result.count"), errors]
    }

    /// Everything that was said about them since something was asked last.
    #[allow(dead_code, reason = "the scopes look for a value in it")]
    pub(crate) fn everything(&self) -> String {
        let spans = self.statements.exporter.get_finished_spans();
        format!("{:?}", spans.expect("spans"))
    }

    /// What they were to those who asked, since this was asked last.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.statements.take("db.operation.name")
    }
}

/// What a real exporter was told about statements.
struct Statements {
    exporter: InMemorySpanExporter,
    provider: SdkTracerProvider,
}

impl Statements {
    fn new() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        Self { exporter, provider }
    }

    fn take(&self, attribute: &str) -> Vec<String> {
        let mut spans = self.exporter.get_finished_spans().expect("spans");
        self.exporter.reset();
        spans.sort_by_key(|span| span.start_time);
        spans
            .iter()
            .filter_map(|span| {
                let mut pairs = span.attributes.iter();
                let pair = pairs.find(|pair| pair.key.as_str() == attribute)?;
                Some(pair.value.to_string())
            })
            .collect()
    }
}
