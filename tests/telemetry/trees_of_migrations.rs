//! Which spans migrations have: one each, with their statements in it.

use crate::observed::{Observed, attribute};
use crate::tree_text::tree;
use opentelemetry_sdk::trace::Sampler;
use ormcore::SpanNames;
use ormcore::migrate::{self, Migrations};

async fn blog() -> Observed {
    let named = |config: ormcore::Config| config.span_names(SpanNames::Semconv);
    Observed::blog_with(Sampler::AlwaysOn, named).await
}

fn migrations() -> Migrations {
    let one = "-- UP\nCREATE TABLE a (secret text);\nINSERT INTO a VALUES (md5('a'));\n";
    let two = "-- NO TRANSACTION\n-- UP\nCREATE INDEX CONCURRENTLY a_b ON a (b);\n";
    let files = [
        ("20260101_090000_one.sql", one),
        ("20260102_090000_two.sql", two),
    ];
    Migrations::new(files).expect("migrations")
}

#[tokio::test]
async fn each_migration_is_a_span_around_its_statements() {
    let blog = blog().await;
    let run = migrate::run(&blog.db, migrations());
    let refused = blog.sdk.request("deploy", run).await.unwrap_err();
    let spans = blog.spans();
    assert_eq!(
        tree(&spans),
        "
deploy [SERVER]
  SELECT pg_class [CLIENT] count=0
  SELECT pg_try_advisory_lock [CLIENT] count=1
  SELECT pg_class [CLIENT] count=0
  CREATE TABLE ormcore_migrations [CLIENT]
  SELECT pg_class [CLIENT] count=1
  SELECT ormcore_migrations [CLIENT] count=0
  db.migration [INTERNAL] migration=one direction=up
    CREATE [CLIENT]
    INSERT [CLIENT]
    INSERT ormcore_migrations [CLIENT] affected_rows=1
  db.migration [INTERNAL] migration=two direction=up error=42703 ERROR
    CREATE [CLIENT] error=42703 ERROR
"
    );
    let here = spans.iter();
    let here: Vec<String> = here
        .filter_map(|span| attribute(span, "code.file.path"))
        .collect();
    assert!(here.len() > 8, "{here:?}");
    let is_here = |path: &String| path.ends_with("telemetry/trees_of_migrations.rs");
    assert!(here.iter().all(is_here), "{here:?}");
    assert_eq!(refused.code(), Some("42703"));
}

#[tokio::test]
async fn where_nothing_is_to_be_run_two_statements_say_so() {
    let blog = blog().await;
    let empty: [(&str, &str); 0] = [];
    migrate::run(&blog.db, Migrations::new(empty).unwrap())
        .await
        .unwrap();
    let names: Vec<_> = blog
        .spans()
        .iter()
        .map(|span| span.name.to_string())
        .collect();
    assert_eq!(names, ["SELECT pg_class"]);
    let migrations = Migrations::new([("20260101_090000_one.sql", "-- UP\n")]).unwrap();
    migrate::run(&blog.db, &migrations).await.unwrap();
    blog.spans();
    migrate::run(&blog.db, &migrations).await.unwrap();
    let names: Vec<_> = blog
        .spans()
        .iter()
        .map(|span| span.name.to_string())
        .collect();
    assert_eq!(names, ["SELECT pg_class", "SELECT ormcore_migrations"]);
}
