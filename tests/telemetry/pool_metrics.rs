//! What is measured of a pool: by itself, from the moment there is one.

use crate::blog::User;
use crate::measured::{Instrument, metric};
use crate::observed::{self, Observed, Sdk, attribute};
use crate::wire_tap::port_of;
use opentelemetry_sdk::trace::Sampler;
use ormcore::Config;
use std::time::Duration;

const NAME: &str = "db.client.connection.pool.name";
const STATE: &str = "db.client.connection.state";

#[tokio::test]
async fn a_pool_is_seen_before_anybody_used_it() {
    let blog = Observed::blog_with(Sampler::AlwaysOn, |config| config.pool_size(7)).await;
    let metrics = blog.metrics();
    for (name, unit, value) in [
        ("db.client.connection.max", "{connection}", 7.0),
        ("db.client.connection.idle.max", "{connection}", 7.0),
        ("db.client.connection.idle.min", "{connection}", 0.0),
        ("db.client.connection.pending_requests", "{request}", 0.0),
    ] {
        let metric = metric(&metrics, name);
        // The conventions' instrument; a conformance checker takes no gauge for it.
        assert_eq!(metric.instrument, Instrument::UpDownCounter, "{name}");
        assert_eq!(metric.unit, unit, "{name}");
        assert_eq!(metric.only().value, value, "{name}");
        assert_eq!(metric.only().attributes.len(), 1, "{name}");
    }
    let created = metric(&metrics, "db.client.connection.create_time");
    assert_eq!(created.observations(), 1, "the connection that was tried");
}

#[tokio::test]
async fn its_name_is_where_it_leads_unless_it_is_given_one() {
    let blog = Observed::blog().await;
    let metrics = blog.metrics();
    let port = port_of(blog.database.url());
    let expected = format!("127.0.0.1:{port}/{}", blog.database.name());
    let max = metric(&metrics, "db.client.connection.max");
    assert_eq!(max.only().get(NAME), Some(expected));

    let blog = Observed::blog_with(Sampler::AlwaysOn, |config| config.pool_name("reports")).await;
    let metrics = blog.metrics();
    let max = metric(&metrics, "db.client.connection.max");
    assert_eq!(max.only().get(NAME).as_deref(), Some("reports"));
}

#[tokio::test]
async fn connections_are_counted_as_idle_or_used() {
    let blog = Observed::blog().await;
    let count = |state: &str| {
        let metrics = blog.metrics();
        let count = metric(&metrics, "db.client.connection.count");
        assert_eq!(count.instrument, Instrument::UpDownCounter);
        assert_eq!(count.unit, "{connection}");
        count.point(STATE, state).value
    };
    assert_eq!((count("idle"), count("used")), (1.0, 0.0));
    let one = blog.db.begin().await.expect("a transaction");
    let two = blog.db.begin().await.expect("a transaction");
    assert_eq!((count("idle"), count("used")), (0.0, 2.0));
    one.rollback().await.expect("a rollback");
    assert_eq!((count("idle"), count("used")), (1.0, 1.0));
    two.rollback().await.expect("a rollback");
    assert_eq!((count("idle"), count("used")), (2.0, 0.0));
}

#[tokio::test]
async fn those_who_wait_are_counted_and_so_are_those_who_waited_in_vain() {
    let small = |config: Config| config.pool_size(1).wait_timeout(Duration::from_millis(200));
    let blog = Observed::blog_with(Sampler::AlwaysOn, small).await;
    let tx = blog.db.begin().await.expect("the only connection");
    let db = blog.db.clone();
    let waiting = tokio::spawn(async move { User::find().count(&db).await });
    let pending = || {
        let metrics = blog.metrics();
        metric(&metrics, "db.client.connection.pending_requests")
            .only()
            .value
    };
    while pending() < 1.0 {
        assert!(!waiting.is_finished(), "it waits at some time");
        tokio::task::yield_now().await;
    }
    waiting.await.expect("the task").unwrap_err();
    assert_eq!(pending(), 0.0);

    let metrics = blog.metrics();
    let timeouts = metric(&metrics, "db.client.connection.timeouts");
    assert_eq!(timeouts.instrument, Instrument::Counter);
    assert_eq!(timeouts.unit, "{timeout}");
    assert_eq!(timeouts.only().value, 1.0);
    tx.rollback().await.expect("a rollback");
}

#[tokio::test]
async fn making_getting_and_holding_connections_is_timed() {
    let blog = Observed::blog().await;
    for _ in 0..3 {
        User::find().count(&blog.db).await.expect("a count");
    }
    let metrics = blog.metrics();
    // One more than the statements: the connection that was tried when the pool was made.
    for (name, count) in [("create_time", 1), ("wait_time", 4), ("use_time", 4)] {
        let metric = metric(&metrics, &format!("db.client.connection.{name}"));
        assert_eq!(metric.instrument, Instrument::Histogram, "{name}");
        assert_eq!(metric.unit, "s", "{name}");
        assert_eq!(metric.only().count, count, "{name}");
        assert!(metric.only().get(NAME).is_some(), "{name}");
    }
}

#[tokio::test]
async fn connections_that_nobody_asked_for_are_seen_too() {
    let kept = |config: Config| config.pool_size(5).min_connections(3);
    let blog = Observed::blog_with(Sampler::AlwaysOn, kept).await;
    let idle = || {
        let metrics = blog.metrics();
        metric(&metrics, "db.client.connection.count")
            .point(STATE, "idle")
            .value
    };
    while idle() < 3.0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let metrics = blog.metrics();
    let least = metric(&metrics, "db.client.connection.idle.min");
    assert_eq!(least.only().value, 3.0);
    let used = metric(&metrics, "db.client.connection.count")
        .point(STATE, "used")
        .value;
    assert_eq!(used, 0.0);
    // They were made, and taken by nobody but the one that was tried.
    for (name, count) in [("create_time", 3), ("wait_time", 1), ("use_time", 1)] {
        let metric = metric(&metrics, &format!("db.client.connection.{name}"));
        assert_eq!(metric.only().count, count, "{name}");
    }
    // Those who come find them.
    let begin = || blog.db.begin();
    let (a, b, c) = tokio::join!(begin(), begin(), begin());
    let three = [a, b, c].map(|tx| tx.expect("a transaction"));
    let metrics = blog.metrics();
    let created = metric(&metrics, "db.client.connection.create_time");
    assert_eq!(created.only().count, 3);
    drop(three);
}

#[tokio::test]
async fn a_replica_is_another_pool() {
    let database = observed::database();
    let sdk = Sdk::new(Sampler::AlwaysOn);
    let config = observed::config(&database).pool_name("shop").pool_size(4);
    let config = config.meter_provider(sdk.meter_provider.clone());
    let config = config.tracer_provider(&sdk.tracer_provider);
    let config = config.replica(database.url()).expect("a URL");
    let db = config.connect().await.expect("two pools");
    let replica = db.replica().expect("a replica");
    let one = replica.begin().await.expect("a transaction");
    let metrics = sdk.metrics();
    let count = |pool: &str| {
        let count = metric(&metrics, "db.client.connection.max");
        count.point(NAME, pool).value
    };
    assert_eq!((count("shop"), count("shop (replica)")), (4.0, 4.0));
    one.rollback().await.expect("a rollback");
    sdk.spans();
    User::find().count(&replica).await.expect("a count");
    assert_eq!(sdk.spans().len(), 1, "one a statement");
}

#[tokio::test]
async fn two_pools_of_one_provider_are_told_apart_and_forgotten_one_by_one() {
    let blog = Observed::blog_with(Sampler::AlwaysOn, |config| config.pool_name("one")).await;
    let sdk: &Sdk = &blog.sdk;
    let two = Config::new(blog.database.url())
        .expect("a URL")
        .pool_name("two")
        .pool_size(3)
        .meter_provider(sdk.meter_provider.clone())
        .connect()
        .await
        .expect("a connection");
    let metrics = blog.metrics();
    let max = metric(&metrics, "db.client.connection.max");
    assert_eq!(max.point(NAME, "one").value, 10.0);
    assert_eq!(max.point(NAME, "two").value, 3.0);

    drop(two);
    let metrics = blog.metrics();
    let max = metric(&metrics, "db.client.connection.max");
    assert_eq!(max.only().get(NAME).as_deref(), Some("one"));
}

#[tokio::test]
async fn connections_that_reads_share_are_not_the_pools() {
    let shares = |config: Config| {
        let config = config.pool_size(1).multiplexed_reads(1);
        config.wait_timeout(Duration::from_millis(20))
    };
    let blog = Observed::blog_with(Sampler::AlwaysOn, shares).await;
    let tx = blog.db.begin().await.expect("the only connection");
    while User::find().count(&blog.db).await.is_err() {}
    let sum = |name: &str| {
        let metrics = blog.metrics();
        metric(&metrics, &format!("db.client.connection.{name}")).observations()
    };
    let before = (sum("create_time"), sum("wait_time"), sum("use_time"));
    blog.sdk.spans();
    for _ in 0..3 {
        User::find().count(&blog.db).await.expect("a count");
    }
    let spans = blog.spans();
    assert_eq!(spans.len(), 3, "one a statement");
    for span in spans {
        assert_eq!(attribute(&span, "ormcore.pool.wait_duration"), None);
        let cached = attribute(&span, "ormcore.statement.cached");
        assert_eq!(cached.as_deref(), Some("true"));
    }
    let after = (sum("create_time"), sum("wait_time"), sum("use_time"));
    assert_eq!(before, after);
    let metrics = blog.metrics();
    let count = metric(&metrics, "db.client.connection.count");
    assert_eq!(count.point(STATE, "idle").value, 0.0);
    assert_eq!(count.point(STATE, "used").value, 1.0);
    tx.rollback().await.expect("a rollback");
}
