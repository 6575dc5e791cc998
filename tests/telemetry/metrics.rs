//! What is measured of statements, loads, transactions and prepared statements.

use crate::blog::{Post, User, new_user};
use crate::measured::{Instrument, Measured, metric};
use crate::observed::Observed;
use crate::wire_tap::port_of;
use opentelemetry::Value;
use opentelemetry_sdk::trace::Sampler;
use ormcore::{Error, sql};
use std::collections::BTreeMap;

/// In seconds.
const CONVENTIONAL: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

fn assert_seconds(metrics: &[Measured], name: &str) {
    let metric = metric(metrics, name);
    assert_eq!(metric.instrument, Instrument::Histogram, "{name}");
    assert_eq!(metric.unit, "s", "{name}");
    for point in &metric.points {
        assert_eq!(point.bounds, CONVENTIONAL, "{name}");
        assert!(point.value >= 0.0, "{name}");
    }
}

#[tokio::test]
async fn the_duration_of_statements_is_measured_by_operation_and_collection() {
    let blog = Observed::blog().await;
    for _ in 0..3 {
        User::find().all(&blog.db).await.expect("users");
    }
    Post::find().count(&blog.db).await.expect("a count");

    let metrics = blog.metrics();
    assert_seconds(&metrics, "db.client.operation.duration");
    let duration = metric(&metrics, "db.client.operation.duration");
    let finds = duration.point("db.collection.name", "users");
    assert_eq!(finds.count, 3);
    let port = port_of(blog.database.url());
    let namespace = format!("{}|public", blog.database.name());
    let expected = [
        ("db.collection.name", Value::from("users")),
        ("db.namespace", Value::from(namespace)),
        ("db.operation.name", Value::from("find")),
        ("db.system.name", Value::from("postgresql")),
        ("server.address", Value::from("127.0.0.1")),
        ("server.port", Value::from(i64::from(port))),
    ];
    let expected: BTreeMap<_, _> = expected
        .map(|(name, value)| (name.to_owned(), value))
        .into();
    assert_eq!(finds.attributes, expected);
    assert_eq!(duration.point("db.operation.name", "count").count, 1);
}

#[tokio::test]
async fn failures_are_measured_apart() {
    let blog = Observed::blog().await;
    blog.users(["Ada"]).await;
    let again = User::insert(new_user("Ada")).execute(&blog.db).await;
    again.unwrap_err();

    let metrics = blog.metrics();
    let duration = metric(&metrics, "db.client.operation.duration");
    let failed = duration.point("error.type", "23505");
    assert_eq!(failed.count, 1);
    assert_eq!(
        failed.get("db.response.status_code").as_deref(),
        Some("23505")
    );
    let succeeded = duration
        .points
        .iter()
        .filter(|point| point.get("error.type").is_none());
    assert_eq!(succeeded.count(), 1, "that of the first insert");
    // Nothing came back, and nothing is said about it.
    let rows = metric(&metrics, "db.client.response.returned_rows");
    assert_eq!(rows.observations(), 1);
}

#[tokio::test]
async fn returned_rows_are_measured_in_the_conventions_buckets() {
    let blog = Observed::blog().await;
    blog.users(["Ada", "Bob", "Cyd"]).await;
    User::find().all(&blog.db).await.expect("users");
    User::delete()
        .all_rows()
        .execute(&blog.db)
        .await
        .expect("nobody");

    let metrics = blog.metrics();
    let rows = metric(&metrics, "db.client.response.returned_rows");
    assert_eq!(rows.instrument, Instrument::Histogram);
    assert_eq!(rows.unit, "{row}");
    let found = rows.point("db.operation.name", "find");
    assert_eq!((found.count, found.value), (1, 3.0));
    let buckets = [
        1., 2., 5., 10., 20., 50., 100., 200., 500., 1000., 2000., 5000., 10000.,
    ];
    assert_eq!(found.bounds, buckets);
    let operations: Vec<_> = rows
        .points
        .iter()
        .filter_map(|point| point.get("db.operation.name"))
        .collect();
    assert!(
        !operations.contains(&"delete".to_owned()),
        "a delete returns nothing: {operations:?}"
    );
}

#[tokio::test]
async fn loads_are_measured_by_relation_and_strategy() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob"]).await;
    let posts = blog.post_by_each(&authors).await;
    for post in &posts {
        post.author.load(&blog.db).await.expect("an author");
    }
    Post::find()
        .with(Post::AUTHOR)
        .all(&blog.db)
        .await
        .expect("posts");

    let metrics = blog.metrics();
    assert_seconds(&metrics, "ormcore.relationship.load.duration");
    let loads = metric(&metrics, "ormcore.relationship.load.duration");
    assert_eq!(loads.point("db.relationship.strategy", "lazy").count, 2);
    let eager = loads.point("db.relationship.strategy", "selectinload");
    assert_eq!(eager.count, 1);
    assert_eq!(eager.get("db.relationship.name").as_deref(), Some("author"));
    assert_eq!(eager.attributes.len(), 2);
}

#[tokio::test]
async fn transactions_are_measured_by_how_they_ended() {
    let blog = Observed::blog().await;
    for _ in 0..2 {
        blog.db
            .begin()
            .await
            .expect("a transaction")
            .commit()
            .await
            .expect("a commit");
    }
    drop(blog.db.begin().await.expect("a transaction"));
    let tx = blog.db.begin().await.expect("a transaction");
    sql("SELECT 1 / 0").execute(&tx).await.unwrap_err();
    tx.commit().await.unwrap_err();

    let metrics = blog.metrics();
    assert_seconds(&metrics, "ormcore.transaction.duration");
    let transactions = metric(&metrics, "ormcore.transaction.duration");
    for (status, count) in [("committed", 2), ("rolled_back", 1), ("failed", 1)] {
        let point = transactions.point("ormcore.transaction.status", status);
        assert_eq!(point.count, count, "{status}");
        assert_eq!(point.attributes.len(), 1);
    }
}

#[tokio::test]
async fn prepared_statements_are_counted_as_found_made_and_given_up() {
    let tiny = |config: ormcore::Config| config.pool_size(1).statement_cache(1);
    let blog = Observed::blog_with(Sampler::AlwaysOn, tiny).await;
    User::find().count(&blog.db).await.expect("a count");
    User::find().count(&blog.db).await.expect("a count");
    Post::find().count(&blog.db).await.expect("a count");

    let metrics = blog.metrics();
    for (name, value) in [("hits", 1.0), ("misses", 2.0), ("evictions", 1.0)] {
        let counter = metric(&metrics, &format!("ormcore.statement_cache.{name}"));
        assert_eq!(counter.instrument, Instrument::Counter, "{name}");
        assert_eq!(counter.unit, "{statement}", "{name}");
        assert_eq!(counter.only().value, value, "{name}");
    }
}

#[tokio::test]
async fn no_label_grows_with_the_data() {
    let blog = Observed::blog().await;
    let series = || {
        blog.metrics()
            .iter()
            .map(|metric| metric.points.len())
            .sum::<usize>()
    };
    work_for(&blog, 0).await.expect("a blog");
    let after_one = series();
    for number in 1..40 {
        work_for(&blog, number).await.expect("a blog");
    }
    assert!(after_one > 15, "there is something to count: {after_one}");
    assert_eq!(series(), after_one);
}

/// The same work for another user every time.
async fn work_for(blog: &Observed, number: i64) -> Result<(), Error> {
    let db = &blog.db;
    let name = format!("user {number}");
    let user = User::insert(new_user(&name)).one(db).await?;
    let again = User::insert(new_user(&name)).one(db).await;
    again.expect_err("the name is taken");
    assert!(User::get(-number).one(db).await.is_err());
    Post::insert(crate::blog::new_post(&user, &name))
        .execute(db)
        .await?;
    Post::find()
        .filter(Post::TITLE.eq(name.as_str()))
        .with(Post::AUTHOR)
        .all(db)
        .await?;
    user.posts.load(db).await?;
    let tx = db.begin().await?;
    User::update(user.id).set(User::NAME, name).one(&tx).await?;
    tx.commit().await
}

#[tokio::test]
async fn metrics_describe_themselves() {
    let blog = Observed::blog().await;
    work_for(&blog, 0).await.expect("a blog");
    for metric in blog.metrics() {
        assert!(
            metric.description.ends_with('.'),
            "{}: {:?}",
            metric.name,
            metric.description
        );
    }
}
