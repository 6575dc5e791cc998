//! There is one CLIENT span for each statement that goes over the wire, no more and no less.

use crate::blog::{Comment, Post, User, new_comment, new_post, new_user};
use crate::observed::{Sdk, attribute};
use crate::wire_tap::{WireTap, port_of};
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::Sampler;
use ormcore::{Config, Error, sql};

#[tokio::test]
async fn the_spans_are_the_statements_that_the_server_was_sent() {
    let database = crate::observed::database();
    let wire = WireTap::to(port_of(database.url())).await;
    let sdk = Sdk::new(Sampler::AlwaysOn);
    let db = Config::new(&wire.url(database.url()))
        .expect("a URL")
        .tracer_provider(&sdk.tracer_provider)
        .meter_provider(sdk.meter_provider.clone())
        .connect()
        .await
        .expect("a connection");
    assert!(wire.sent().is_empty(), "connecting is no statement");

    everything_once(&db).await.expect("a blog");

    let mut sent = wire.sent();
    // A COPY looks whether its columns still have the types they had: that is part of it.
    sent.retain(|text| !text.starts_with("SELECT atttypid FROM pg_catalog.pg_attribute"));
    assert!(sent.len() > 20, "the wire was listened to: {sent:#?}");
    let spans = sdk.spans();
    let statements = spans
        .iter()
        .filter(|span| span.span_kind == SpanKind::Client);
    let seen: Vec<_> = statements
        .map(|span| attribute(span, "db.query.text").expect("a text"))
        .collect();
    assert_eq!(seen, sent);
}

async fn everything_once(db: &ormcore::Db) -> Result<(), Error> {
    let ada = User::insert(new_user("Ada")).one(db).await?;
    User::insert(new_user("Bob")).execute(db).await?;
    let posts = vec![new_post(&ada, "one"), new_post(&ada, "two")];
    let posts = Post::insert_many(posts).all(db).await?;
    Comment::insert_many(vec![new_comment(&posts[0], &ada, "first")])
        .execute(db)
        .await?;

    for name in ["Cyd", "Dan"] {
        User::copy_in([new_user(name)]).execute(db).await?;
    }

    let upsert = || User::upsert(new_user("Ada")).on_conflict(User::EMAIL);
    upsert().update(User::NAME).one(db).await?;
    upsert().do_nothing().execute(db).await?;
    let many = User::upsert_many(vec![new_user("Ada")]).on_conflict(User::EMAIL);
    many.update_all().all(db).await?;
    User::update_each(User::AGE, [(ada.id, Some(36))])
        .all(db)
        .await?;

    User::find().all(db).await?;
    // The same statement again: prepared already, and sent all the same.
    User::find().all(db).await?;
    User::find().order_by(User::ID).first(db).await?;
    User::find().filter(User::NAME.eq("Ada")).one(db).await?;
    User::find().count(db).await?;
    User::find().exists(db).await?;
    User::get(ada.id).maybe(db).await?;
    assert!(User::get(99).one(db).await.is_err());

    let eager = Post::find()
        .with(Post::AUTHOR)
        .with(Post::COMMENTS.with(Comment::AUTHOR));
    eager.all(db).await?;
    Post::find().with(Post::AUTHOR.joined()).all(db).await?;
    posts[0].author.load(db).await?;
    posts[0].author.load(db).await?;
    posts[0].editor.load(db).await?;
    ada.posts.load(db).await?;

    let tx = db.begin().await?;
    User::update(ada.id).set(User::AGE, 37).one(&tx).await?;
    User::find().count(&tx).await?;
    tx.commit().await?;
    let tx = db.begin().await?;
    Post::delete()
        .filter(Post::AUTHOR_ID.eq(ada.id))
        .execute(&tx)
        .await?;
    Post::delete().key(posts[0].id).all(&tx).await?;
    tx.rollback().await?;

    sql("SELECT * FROM users WHERE id = $1")
        .bind(ada.id)
        .all::<User>(db)
        .await?;
    sql("CREATE TABLE a (b int); DROP TABLE a")
        .batch(db)
        .await?;
    // Nothing to insert: nothing is sent.
    Post::insert_many(Vec::<crate::blog::NewPost>::new())
        .execute(db)
        .await?;
    // Refused by the server, but sent.
    assert!(User::insert(new_user("Ada")).execute(db).await.is_err());
    Ok(())
}
