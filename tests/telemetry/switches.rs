//! What can be switched off, and on, by the builder and by the environment.

use crate::alone::alone;
use crate::blog::{User, new_user};
use crate::observed::{Observed, attribute};
use opentelemetry_sdk::trace::Sampler;

/// Some of everything that is observed.
async fn work(blog: &Observed) {
    let tx = blog.db.begin().await.expect("a transaction");
    User::insert(new_user("Ada"))
        .one(&tx)
        .await
        .expect("a user");
    User::find()
        .with(User::POSTS)
        .all(&tx)
        .await
        .expect("users");
    tx.commit().await.expect("a commit");
}

async fn assert_silent(blog: &Observed) {
    work(blog).await;
    assert!(blog.spans().is_empty());
    assert!(blog.metrics().is_empty());
}

#[tokio::test]
async fn the_builder_can_switch_telemetry_off() {
    let blog = Observed::blog_with(Sampler::AlwaysOn, |config| config.telemetry(false)).await;
    assert_silent(&blog).await;
}

#[test]
fn the_environment_can_switch_telemetry_off() {
    let name = "switches::the_environment_can_switch_telemetry_off";
    let environments: [&[(&str, &str)]; 6] = [
        &[("ORMCORE_TRACING_ENABLED", "false")],
        &[("ORMCORE_TRACING_ENABLED", "0")],
        &[("ORMCORE_TRACING_ENABLED", "no")],
        &[("ORMCORE_TRACING_ENABLED", "FALSE")],
        &[("DATA_BRIDGE_TRACING_ENABLED", "false")],
        &[("DATA_BRIDGE_TRACING_ENABLED", "0")],
    ];
    alone(name, &environments, async || {
        assert_silent(&Observed::blog().await).await;
    });
}

#[test]
fn any_other_word_leaves_telemetry_on_and_our_own_variable_goes_first() {
    let name = "switches::any_other_word_leaves_telemetry_on_and_our_own_variable_goes_first";
    let variables = [
        ("ORMCORE_TRACING_ENABLED", "true"),
        ("DATA_BRIDGE_TRACING_ENABLED", "false"),
    ];
    alone(name, &[&variables], async || {
        let blog = Observed::blog().await;
        work(&blog).await;
        assert_eq!(blog.spans().len(), 5);
        assert!(!blog.metrics().is_empty());
    });
}

#[tokio::test]
async fn the_retired_names_are_not_there_by_default() {
    let blog = Observed::blog().await;
    User::find().count(&blog.db).await.expect("a count");
    let span = blog.only_span();
    assert_eq!(attribute(&span, "db.system"), None);
    assert_eq!(attribute(&span, "db.statement"), None);
}

#[test]
fn the_environment_can_ask_for_the_retired_names_too() {
    let name = "switches::the_environment_can_ask_for_the_retired_names_too";
    alone(name, &[&[("ORMCORE_SEMCONV", "dup")]], async || {
        let blog = Observed::blog().await;
        User::find().count(&blog.db).await.expect("a count");
        let span = blog.only_span();
        assert_eq!(attribute(&span, "db.system").as_deref(), Some("postgresql"));
        assert_eq!(
            attribute(&span, "db.system.name").as_deref(),
            Some("postgresql")
        );
        let text = attribute(&span, "db.query.text");
        assert!(text.is_some());
        assert_eq!(attribute(&span, "db.statement"), text);

        let hidden =
            Observed::blog_with(Sampler::AlwaysOn, |config| config.query_text(false)).await;
        User::find().count(&hidden.db).await.expect("a count");
        assert_eq!(attribute(&hidden.only_span(), "db.statement"), None);
    });
}
