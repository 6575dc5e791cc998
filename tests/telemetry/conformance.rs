//! Everything that is exported is held against OpenTelemetry's conventions for databases, and against our registry.

use crate::blog::{Post, User, new_post, new_user};
use crate::conventions;
use crate::measured::{Instrument, Measured, Point};
use crate::observed::{Observed, attributes_of};
use crate::registry::{self, Described};
use opentelemetry::Value;
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::trace::{Sampler, SpanData};
use ormcore::{Error, SpanNames, count, sql};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Every attribute that may be emitted.
fn known() -> BTreeMap<String, Described> {
    let mut known = registry::attributes();
    for (name, kind) in conventions::ATTRIBUTES {
        let kind = kind.to_owned();
        let own = known.insert(name.to_owned(), Described { kind, values: None });
        assert!(
            own.is_none(),
            "{name} is a name of the conventions, not ours"
        );
    }
    known
}

fn check_attributes<'a>(
    of: &str,
    attributes: impl IntoIterator<Item = (&'a String, &'a Value)>,
    known: &BTreeMap<String, Described>,
    used: &mut BTreeSet<String>,
) {
    for (name, value) in attributes {
        let described = known
            .get(name)
            .unwrap_or_else(|| panic!("{of} has the unknown attribute {name}"));
        let kind = match value {
            Value::String(_) => "string",
            Value::I64(_) => "int",
            Value::F64(_) => "double",
            Value::Bool(_) => "boolean",
            other => panic!("{of}: {name} is {other:?}"),
        };
        assert_eq!(kind, described.kind, "{of}: the type of {name}");
        if let Some(values) = &described.values {
            assert!(
                values.contains(&value.to_string()),
                "{of}: {name} may not be {value}"
            );
        }
        used.insert(name.clone());
    }
}

/// The rules for client spans of databases in general, and of PostgreSQL.
fn check_client_span(span: &SpanData, names: SpanNames) {
    let attributes = attributes_of(span);
    let text = |name: &str| attributes.get(name).map(ToString::to_string);
    let of = &span.name;
    assert_eq!(
        text("db.system.name").as_deref(),
        Some("postgresql"),
        "{of}"
    );
    for required in [
        "db.namespace",
        "db.operation.name",
        "db.query.summary",
        "db.query.text",
        "server.address",
    ] {
        assert!(
            text(required).is_some_and(|value| !value.is_empty()),
            "{of}: {required}"
        );
    }
    let namespace = text("db.namespace").unwrap_or_default();
    assert!(
        namespace.ends_with("|public"),
        "{of}: database and schema: {namespace}"
    );
    assert!(
        text("server.port").is_some_and(|port| port != "5432"),
        "{of}: only if it is not the default"
    );

    let failed = matches!(span.status, Status::Error { .. });
    assert_eq!(
        text("error.type").is_some(),
        failed,
        "{of}: if and only if it failed"
    );
    if let Some(code) = text("db.response.status_code") {
        assert_eq!(
            text("error.type"),
            Some(code.clone()),
            "{of}: they should match"
        );
        assert_eq!(code.len(), 5, "{of}: a SQLSTATE");
        assert!(failed, "{of}");
    }
    assert_ne!(
        span.status,
        Status::Ok,
        "{of}: that is for the application to say"
    );

    let operation = text("db.operation.name").unwrap_or_default();
    match names {
        SpanNames::Orm => assert_eq!(*of, format!("db.query.{operation}")),
        SpanNames::Semconv => assert_eq!(Some(of.to_string()), text("db.query.summary")),
    }
    assert!(
        !of.contains(|part: char| part.is_ascii_digit()),
        "{of}: no data in names"
    );
}

fn check_internal_span(span: &SpanData) {
    let spans = registry::spans();
    let (required, allowed) = spans
        .get(&*span.name)
        .unwrap_or_else(|| panic!("{} is unknown", span.name));
    let attributes = attributes_of(span);
    for name in required {
        assert!(
            attributes.contains_key(name),
            "{} must have {name}",
            span.name
        );
    }
    for name in attributes.keys() {
        // Whoever is around an N+1 problem is told so.
        assert!(
            allowed.contains(name) || name.starts_with("ormcore.n_plus_one."),
            "{} has {name}",
            span.name
        );
    }
    let failed = matches!(span.status, Status::Error { .. });
    assert_eq!(
        attributes.contains_key("error.type"),
        failed,
        "{}",
        span.name
    );
}

/// Every event of a span has what the registry says it has.
fn check_events(span: &SpanData, used: &mut BTreeSet<String>) {
    for event in span.events.iter() {
        let expected = registry::events().remove(&*event.name);
        let expected = expected.unwrap_or_else(|| panic!("the event {} is unknown", event.name));
        let attributes: BTreeMap<_, _> = event
            .attributes
            .iter()
            .map(|attribute| (attribute.key.to_string(), attribute.value.clone()))
            .collect();
        let names: BTreeSet<_> = attributes.keys().cloned().collect();
        assert_eq!(names, expected.into_iter().collect(), "{}", event.name);
        check_attributes(&event.name, &attributes, &known(), used);
        used.insert(event.name.to_string());
    }
}

fn check_metric(metric: &Measured, used: &mut BTreeSet<String>) {
    let name = &metric.name;
    let instrument = match metric.instrument {
        Instrument::Counter => "counter",
        Instrument::UpDownCounter => "updowncounter",
        Instrument::Gauge => "gauge",
        Instrument::Histogram => "histogram",
    };
    let ours = registry::metrics();
    let conventional = conventions::METRICS
        .iter()
        .find(|(known, ..)| known == name);
    let (expected, unit, required) = match (conventional, ours.get(name)) {
        (Some((_, instrument, unit, required)), None) => (
            *instrument,
            *unit,
            required.iter().map(ToString::to_string).collect(),
        ),
        (None, Some(own)) => {
            assert_eq!(metric.description, own.brief, "{name}");
            for name in metric
                .points
                .iter()
                .flat_map(|point| point.attributes.keys())
            {
                assert!(own.allowed.contains(name), "{} has {name}", metric.name);
            }
            (
                own.instrument.as_str(),
                own.unit.as_str(),
                own.required.clone(),
            )
        }
        _ => panic!("{name} is in the conventions or in the registry, and not in both"),
    };
    assert_eq!(instrument, expected, "{name}");
    assert_eq!(metric.unit, unit, "{name}");
    for Point { attributes, .. } in &metric.points {
        for required in &required {
            assert!(
                attributes.contains_key(required),
                "{name} must have {required}"
            );
        }
        check_attributes(name, attributes, &known(), used);
    }
    used.insert(name.clone());
}

/// Everything that can be observed, well and badly ended.
async fn everything(blog: &Observed) -> Result<(), Error> {
    let db = &blog.db;
    let names = ["Ada", "Bob", "Cyd", "Dan", "Eve", "Fay"];
    let users = User::insert_many(names.map(new_user).into())
        .all(db)
        .await?;
    let posts = users.iter().map(|user| new_post(user, "news")).collect();
    let posts = Post::insert_many(posts).all(db).await?;
    User::copy_in([new_user("Gus")]).execute(db).await?;
    User::copy_in([new_user("Gus")])
        .execute(db)
        .await
        .expect_err("a refusal");
    User::find().copy_out(db).next_chunk(100).await?;
    User::insert(new_user("Ada"))
        .execute(db)
        .await
        .expect_err("a refusal");
    assert!(User::get(0).one(db).await.is_err());
    let mut session = db.session().traced();
    let gus = session.add(new_user("Gustav"));
    session.flush().await?;
    session[gus].age = Some(3);
    session.commit().await?;
    session.get::<User>(users[0].id).await?;
    session.get::<User>(users[0].id).await?;
    session.add(new_user("Ada"));
    session.commit().await.expect_err("a refusal");
    session.rollback().await?;
    let page = User::find()
        .filter(User::AGE.is_null())
        .order_by(User::ID)
        .limit(2)
        .offset(1);
    page.all(db).await?;
    User::find().count(db).await?;
    User::find().exists(db).await?;
    let groups = Post::find().select((Post::AUTHOR_ID, count()));
    groups.group_by(Post::AUTHOR_ID).all(db).await?;
    Post::find()
        .with(Post::AUTHOR)
        .with(Post::EDITOR.joined())
        .all(db)
        .await?;
    User::delete().key(0).execute(db).await?;
    User::delete().key(0).all(db).await?;
    let upsert = User::upsert(new_user("Ada")).on_conflict(User::EMAIL);
    upsert.do_nothing().maybe(db).await?;
    User::update_each(User::AGE, [(0, None)])
        .execute(db)
        .await?;
    sql("SELECT nonsense")
        .execute(db)
        .await
        .expect_err("a refusal");
    sql("CREATE TABLE a (b int)").batch(db).await?;

    let (good, bad) = ("-- UP\n", "-- UP\nSELECT nonsense;\n");
    let files = [
        ("20260101_090000_good.sql", good),
        ("20260102_090000_bad.sql", bad),
    ];
    let migrations = ormcore::migrate::Migrations::new(files)?;
    let refused = ormcore::migrate::run(db, migrations).await;
    refused.expect_err("a refusal");

    let tx = db.begin().await?;
    for post in &posts {
        post.author.load(&tx).await?;
    }
    posts[0].author.load(&tx).await?;
    User::update(users[0].id).set(User::AGE, 1).one(&tx).await?;
    tx.commit().await?;
    let tx = db.begin().await?;
    sql("SELECT 1 / 0")
        .execute(&tx)
        .await
        .expect_err("a refusal");
    tx.commit().await.expect_err("a refusal");
    drop(db.begin().await?);

    let runs = std::cell::Cell::new(0);
    let short = Duration::from_millis(1);
    let retried = db.begin().retry(1).back_off(short, short);
    let retried = retried.run(async |tx| {
        runs.set(runs.get() + 1);
        let refusal = "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$";
        if runs.get() == 1 {
            sql(refusal).execute(tx).await
        } else {
            Ok(0)
        }
    });
    retried.await?;
    let mut events = db.listen(["news"]).await?;
    crate::listeners::reconnect(blog, &mut events).await;
    db.notify("news", "").await?;
    drop(events);

    let lock = db.begin().await?;
    sql("LOCK TABLE posts").execute(&lock).await?;
    let load = users[0].posts.load(db);
    tokio::time::timeout(Duration::from_millis(30), load)
        .await
        .map(|_| ())
        .expect_err("a refusal");
    // All connections are taken: somebody waits in vain.
    let other = db.begin().await?;
    User::find().count(db).await.expect_err("a refusal");
    other.rollback().await?;
    lock.rollback().await
}

#[tokio::test]
async fn what_is_exported_is_in_the_conventions_or_in_the_registry() {
    let mut used = BTreeSet::new();
    for names in [SpanNames::Orm, SpanNames::Semconv] {
        let small = |config: ormcore::Config| {
            let config = config.pool_size(2).statement_cache(2).span_names(names);
            config.wait_timeout(Duration::from_millis(100))
        };
        let blog = Observed::blog_with(Sampler::AlwaysOn, small).await;
        everything(&blog).await.expect("everything");
        for span in blog.spans() {
            check_attributes(&span.name, &attributes_of(&span), &known(), &mut used);
            check_events(&span, &mut used);
            match span.span_kind {
                SpanKind::Client => check_client_span(&span, names),
                SpanKind::Internal => check_internal_span(&span),
                other => panic!("{} is {other:?}", span.name),
            }
        }
        for metric in blog.metrics() {
            check_metric(&metric, &mut used);
        }
    }

    // And the other way round: nothing is registered that nobody emits.
    for name in registry::attributes()
        .keys()
        .chain(registry::metrics().keys())
        .chain(registry::events().keys())
    {
        assert!(
            used.contains(name),
            "{name} is in the registry, and was not exported"
        );
    }
    let metrics = conventions::METRICS.map(|(name, ..)| name);
    let attributes = conventions::ATTRIBUTES.map(|(name, _)| name);
    for name in metrics.into_iter().chain(attributes) {
        assert!(used.contains(name), "{name} was not exported");
    }
}
