//! Where telemetry goes: to the global providers, whenever they are set, or to those the builder is given.

use crate::alone::{UNCHANGED, alone};
use crate::blog::{User, new_user};
use crate::measured::metric;
use crate::observed::{Observed, Sdk, config, database};
use crate::tree_text::tree;
use opentelemetry::global;
use opentelemetry_sdk::trace::Sampler;
use std::time::Duration;
use tracing::Instrument as _;
use tracing_subscriber::layer::SubscriberExt as _;

#[test]
fn everything_works_without_an_sdk() {
    alone(
        "providers::everything_works_without_an_sdk",
        UNCHANGED,
        async || {
            let database = database();
            let db = config(&database).connect().await.expect("a connection");
            User::insert(new_user("Ada"))
                .one(&db)
                .await
                .expect("a user");
            let users = User::find().with(User::POSTS).all(&db).await;
            assert_eq!(users.expect("users").len(), 1);
            let tx = db.begin().await.expect("a transaction");
            tx.commit().await.expect("a commit");
        },
    );
}

#[test]
fn an_sdk_that_is_installed_after_the_pool_is_found_within_a_millisecond() {
    let name = "providers::an_sdk_that_is_installed_after_the_pool_is_found_within_a_millisecond";
    alone(name, UNCHANGED, async || {
        let database = database();
        let db = config(&database).connect().await.expect("a connection");
        User::insert(new_user("Ada"))
            .one(&db)
            .await
            .expect("a user");

        let sdk = Sdk::new(Sampler::AlwaysOn);
        global::set_tracer_provider(sdk.tracer_provider.clone());
        global::set_meter_provider(sdk.meter_provider.clone());
        tokio::time::sleep(Duration::from_millis(2)).await;
        User::find()
            .with(User::POSTS)
            .all(&db)
            .await
            .expect("users");

        assert_eq!(tree(&sdk.spans()), "
db.query.find [CLIENT] collection=users count=1
db.relationship.load [INTERNAL] relation=posts strategy=selectinload depth=1 batch_count=1 query_count=1 cache_hit=false count=0
  db.query.find [CLIENT] collection=posts count=0
");
        let metrics = sdk.metrics();
        let duration = metric(&metrics, "db.client.operation.duration");
        assert_eq!(duration.observations(), 2, "those since it was installed");
        let max = metric(&metrics, "db.client.connection.max");
        assert_eq!(max.only().value, 10.0, "the pool, though it is older");
        // The pool's own observers are found as well, not only those of statements.
        assert_eq!(
            metric(&metrics, "db.client.connection.count").points.len(),
            2
        );
        assert_eq!(
            metric(&metrics, "ormcore.statement_cache.misses")
                .only()
                .value,
            3.0
        );
    });
}

#[test]
fn another_sdk_takes_over_the_metrics() {
    alone(
        "providers::another_sdk_takes_over_the_metrics",
        UNCHANGED,
        async || {
            let first = Sdk::new(Sampler::AlwaysOn);
            global::set_meter_provider(first.meter_provider.clone());
            let database = database();
            let db = config(&database).connect().await.expect("a connection");
            let second = Sdk::new(Sampler::AlwaysOn);
            global::set_meter_provider(second.meter_provider.clone());
            User::find().count(&db).await.expect("a count");
            let metrics = second.metrics();
            assert_eq!(
                metric(&metrics, "db.client.operation.duration").observations(),
                1
            );
            assert_eq!(
                metric(&metrics, "db.client.connection.max").only().value,
                10.0
            );
        },
    );
}

#[test]
fn what_the_builder_is_given_goes_before_what_is_global() {
    let name = "providers::what_the_builder_is_given_goes_before_what_is_global";
    alone(name, UNCHANGED, async || {
        let everybodys = Sdk::new(Sampler::AlwaysOn);
        global::set_tracer_provider(everybodys.tracer_provider.clone());
        global::set_meter_provider(everybodys.meter_provider.clone());
        let blog = Observed::blog().await;
        User::find().count(&blog.db).await.expect("a count");
        assert_eq!(blog.spans().len(), 1);
        assert!(!blog.metrics().is_empty());
        assert!(everybodys.spans().is_empty());
        let metrics = everybodys.metrics();
        // The template was made by a `Db` of its own, which was given nothing.
        assert!(
            metrics
                .iter()
                .all(|metric| metric.name != "db.client.connection.max")
        );
    });
}

#[tokio::test]
async fn a_span_of_the_tracing_crate_is_the_parent_of_ours() {
    let blog = Observed::blog().await;
    let bridge = tracing_opentelemetry::layer().with_tracer(blog.sdk.tracer());
    let subscriber = tracing_subscriber::registry().with(bridge);
    let _guard = tracing::subscriber::set_default(subscriber);

    let work = async {
        let tx = blog.db.begin().await?;
        User::insert(new_user("Ada")).execute(&tx).await?;
        let inner = User::find().count(&tx);
        inner.instrument(tracing::info_span!("checking")).await?;
        tx.commit().await
    };
    work.instrument(tracing::info_span!("handler"))
        .await
        .expect("a commit");

    assert_eq!(
        tree(&blog.spans()),
        "
handler [INTERNAL]
  db.transaction [INTERNAL] status=committed
    db.query.insert [CLIENT] collection=users affected_rows=1
  checking [INTERNAL]
    db.query.count [CLIENT] collection=users count=1
"
    );
}
