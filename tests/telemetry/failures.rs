//! How spans end when something went wrong, and when nothing did.

use crate::blog::{Post, User, new_user};
use crate::measured::metric;
use crate::observed::{Observed, attribute};
use crate::tree_text::tree;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::{Sampler, SpanData};
use ormcore::{ErrorKind, sql};
use std::time::Duration;

fn assert_failed(span: &SpanData, error_type: &str, code: Option<&str>) {
    assert!(matches!(span.status, Status::Error { .. }), "{span:#?}");
    assert_eq!(attribute(span, "error.type").as_deref(), Some(error_type));
    assert_eq!(attribute(span, "db.response.status_code").as_deref(), code);
}

#[tokio::test]
async fn what_went_well_has_no_status() {
    let blog = Observed::blog().await;
    User::insert(new_user("Ada"))
        .one(&blog.db)
        .await
        .expect("a user");
    let span = blog.only_span();
    assert_eq!(span.status, Status::Unset);
    assert_eq!(attribute(&span, "error.type"), None);
    assert_eq!(attribute(&span, "db.response.status_code"), None);
}

#[tokio::test]
async fn to_find_nothing_is_no_error() {
    let blog = Observed::blog().await;
    assert!(
        User::get(99)
            .one(&blog.db)
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert_eq!(blog.only_span().status, Status::Unset);
    let nobody = User::find().filter(User::NAME.eq("nobody"));
    assert!(nobody.one(&blog.db).await.unwrap_err().is_not_found());
    assert_eq!(blog.only_span().status, Status::Unset);
    let changed = User::update(99).set(User::AGE, 1).one(&blog.db).await;
    assert!(changed.unwrap_err().is_not_found());
    assert_eq!(blog.only_span().status, Status::Unset);
}

#[tokio::test]
async fn what_the_server_refuses_is_an_error_with_its_sqlstate() {
    let blog = Observed::blog().await;
    blog.users(["Ada"]).await;
    let again = User::insert(new_user("Ada")).execute(&blog.db).await;
    assert!(again.unwrap_err().is_unique_violation());
    let span = blog.only_span();
    assert_failed(&span, "23505", Some("23505"));
    assert_eq!(span.status, Status::error("unique_violation"));

    sql("SELECT nonsense").execute(&blog.db).await.unwrap_err();
    assert_failed(&blog.only_span(), "42703", Some("42703"));
}

#[tokio::test]
async fn what_does_not_get_to_the_server_is_an_error_by_its_kind() {
    let blog = Observed::blog().await;
    let refused = User::find()
        .filter(User::NAME.eq("a\0b"))
        .all(&blog.db)
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Encode);
    assert_failed(&blog.only_span(), "encode", None);
}

#[tokio::test]
async fn a_pool_without_a_free_connection_is_an_error_of_the_statement() {
    let small =
        |config: ormcore::Config| config.pool_size(1).wait_timeout(Duration::from_millis(20));
    let blog = Observed::blog_with(Sampler::AlwaysOn, small).await;
    let tx = blog.db.begin().await.expect("the only connection");
    let refused = User::find().count(&blog.db).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::PoolTimeout);
    assert_failed(&blog.only_span(), "pool_timeout", None);
    tx.rollback().await.expect("a rollback");
}

#[tokio::test]
async fn a_future_that_is_dropped_ends_its_span_as_cancelled() {
    let blog = Observed::blog().await;
    let sleep = sql("SELECT pg_sleep(60)").execute(&blog.db);
    // Long enough to be on its way; how long does not matter.
    tokio::time::timeout(Duration::from_millis(30), sleep)
        .await
        .unwrap_err();
    let span = blog.only_span();
    assert_failed(&span, "cancelled", None);
    let metrics = blog.metrics();
    let duration = metric(&metrics, "db.client.operation.duration");
    assert_eq!(duration.point("error.type", "cancelled").count, 1);
}

#[tokio::test]
async fn a_load_that_is_dropped_ends_all_its_spans_as_cancelled() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada"]).await;
    let posts = blog.post_by_each(&authors).await;
    let lock = blog.db.begin().await.expect("a transaction");
    sql("LOCK TABLE users")
        .execute(&lock)
        .await
        .expect("a lock");
    blog.spans();
    let load = posts[0].author.load(&blog.db);
    tokio::time::timeout(Duration::from_millis(30), load)
        .await
        .map(|_| ())
        .unwrap_err();
    assert_eq!(tree(&blog.spans()), "
db.relationship.load [INTERNAL] relation=author strategy=lazy depth=1 batch_count=1 error=cancelled ERROR
  db.query.find [CLIENT] collection=users error=cancelled ERROR
");
    lock.rollback().await.expect("a rollback");
}

#[tokio::test]
async fn a_load_fails_with_its_statement() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada"]).await;
    blog.post_by_each(&authors).await;
    sql("ALTER TABLE users DROP COLUMN age")
        .batch(&blog.db)
        .await
        .expect("a change");
    blog.spans();
    let refused = Post::find().with(Post::AUTHOR).all(&blog.db).await;
    assert_eq!(refused.unwrap_err().code(), Some("42703"));
    assert_eq!(tree(&blog.spans()), "
db.query.find [CLIENT] collection=posts count=1
db.relationship.load [INTERNAL] relation=author strategy=selectinload depth=1 batch_count=1 error=42703 ERROR
  db.query.find [CLIENT] collection=users error=42703 ERROR
");
    let metrics = blog.metrics();
    let loads = metric(&metrics, "ormcore.relationship.load.duration");
    assert_eq!(loads.point("error.type", "42703").count, 1);
}
