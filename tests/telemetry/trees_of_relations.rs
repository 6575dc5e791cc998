//! Which spans there are when relations are limited, go through a table between, or are loaded for peers.

use crate::blog::{Post, User};
use crate::observed::{Observed, attribute};
use crate::tree_text::tree;
use ormcore::{Entity, Error, ErrorKind, Lazy, Many};

/// A post as it is labelled.
#[derive(Entity, Debug)]
#[orm(table = "posts")]
struct Labelled {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(many_to_many(Label, through = "post_labels", here = post_id))]
    labels: Many<Label>,
}

#[derive(Entity, Debug)]
#[orm(table = "labels", insert(NewLabel))]
struct Label {
    #[orm(primary_key)]
    id: i64,
}

async fn blog_of_three() -> Observed {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob", "Cyd"]).await;
    blog.post_by_each(&authors).await;
    blog
}

#[tokio::test]
async fn a_limit_for_each_owner_is_still_one_find() {
    let blog = blog_of_three().await;
    let newest = || User::POSTS.order_by(Post::ID.desc()).limit(1);
    for posts in [newest(), newest().joined(), newest().lateral()] {
        let work = User::find().with(posts).all(&blog.db);
        blog.sdk.request("GET /users", work).await.expect("users");
    }
    let spans = blog.spans();
    assert_eq!(
        tree(&spans),
        "
GET /users [SERVER]
  db.query.find [CLIENT] collection=users count=3
  db.relationship.load [INTERNAL] relation=posts strategy=selectinload depth=1 batch_count=3 query_count=1 cache_hit=false count=3
    db.query.find [CLIENT] collection=posts count=3
GET /users [SERVER]
  db.query.find [CLIENT] count=3
  db.relationship.load [INTERNAL] relation=posts strategy=joined depth=1 batch_count=3 query_count=0 cache_hit=false count=3
GET /users [SERVER]
  db.query.find [CLIENT] count=3
  db.relationship.load [INTERNAL] relation=posts strategy=lateral depth=1 batch_count=3 query_count=0 cache_hit=false count=3
"
    );
    let orders: Vec<_> = spans
        .iter()
        .filter_map(|span| attribute(span, "db.query.order_by"))
        .collect();
    assert_eq!(orders, ["id DESC"]);
}

#[tokio::test]
async fn a_relation_through_a_table_is_one_find_and_a_link_one_statement() {
    let blog = blog_of_three().await;
    let tables = ormcore::entities![Labelled, Label];
    ormcore::schema::create(&blog.db, tables)
        .await
        .expect("tables");
    let label = Label::insert(NewLabel { id: 7 });
    label.execute(&blog.db).await.expect("a label");
    blog.spans();
    let work = async {
        Labelled::LABELS.of_key(&1).set(&blog.db, [7]).await?;
        Labelled::find()
            .with(Labelled::LABELS)
            .all(&blog.db)
            .await?;
        let is_linked = Labelled::LABELS.of_key(&1).has(&blog.db, 7).await?;
        let linked = Labelled::LABELS.of_key(&1).keys(&blog.db).await?;
        let count = Labelled::LABELS.of_key(&1).count(&blog.db).await?;
        assert_eq!((is_linked, linked, count), (true, vec![7], 1));
        Labelled::LABELS.of_key(&1).remove(&blog.db, [7]).await
    };
    assert_eq!(
        blog.sdk.request("PUT /posts/1", work).await.expect("links"),
        1
    );
    let spans = blog.spans();
    assert_eq!(
        tree(&spans),
        "
PUT /posts/1 [SERVER]
  db.query.insert [CLIENT] collection=post_labels affected_rows=1
  db.query.find [CLIENT] collection=posts count=3
  db.relationship.load [INTERNAL] relation=labels strategy=selectinload depth=1 batch_count=3 query_count=1 cache_hit=false count=1
    db.query.find [CLIENT] count=1
  db.query.exists [CLIENT] collection=labels count=1
  db.query.find [CLIENT] collection=labels count=1
  db.query.count [CLIENT] collection=labels count=1
  db.query.delete [CLIENT] collection=post_labels affected_rows=1
"
    );
    let summaries: Vec<_> = spans
        .iter()
        .filter_map(|span| attribute(span, "db.query.summary"))
        .collect();
    assert_eq!(
        summaries,
        [
            "DELETE INSERT post_labels",
            "SELECT posts",
            "SELECT labels post_labels",
            "SELECT labels",
            "SELECT labels",
            "SELECT labels",
            "DELETE post_labels"
        ]
    );
    let loads = spans
        .iter()
        .find(|span| span.name == "db.relationship.load");
    let column = attribute(loads.expect("a load"), "db.relationship.fk_column");
    assert_eq!(column.as_deref(), Some("post_id"));
}

#[tokio::test]
async fn a_flush_says_how_many_links_it_writes() {
    let blog = blog_of_three().await;
    let tables = ormcore::entities![Labelled, Label];
    ormcore::schema::create(&blog.db, tables)
        .await
        .expect("tables");
    let work = async {
        let mut s = blog.db.session();
        let labels = s.add_all([7, 8].map(|id| NewLabel { id }));
        let post = s.get::<Labelled>(1).await?;
        for label in labels {
            s.connect(post, Labelled::LABELS, label)?;
        }
        s.commit().await?;
        s.rollback().await
    };
    blog.spans();
    blog.sdk.request("PUT /posts/1", work).await.expect("links");
    let spans = blog.spans();
    let links = |name: &str| {
        let span = spans.iter().rfind(|span| span.name == name);
        attribute(span.expect("a span"), "db.session.link_count")
    };
    assert_eq!(links("db.session.flush").as_deref(), Some("2"));
    assert_eq!(links("db.session.commit").as_deref(), Some("2"));
    assert_eq!(links("db.session.rollback").as_deref(), Some("0"));
}

#[tokio::test]
async fn peers_are_one_load_with_a_find_and_then_loads_without() {
    let blog = blog_of_three().await;
    let work = async {
        let posts = Post::find().order_by(Post::ID).lazy(Lazy::Peers);
        for post in posts.all(&blog.db).await? {
            post.author.load(&blog.db).await?;
        }
        Ok::<_, Error>(())
    };
    blog.sdk.request("GET /posts", work).await.expect("posts");
    assert_eq!(
        tree(&blog.spans()),
        "
GET /posts [SERVER]
  db.query.find [CLIENT] collection=posts count=3
  db.relationship.load [INTERNAL] relation=author strategy=peers depth=1 batch_count=3 query_count=1 cache_hit=false count=3
    db.query.find [CLIENT] collection=users count=3
  db.relationship.load [INTERNAL] relation=author strategy=peers depth=1 batch_count=1 query_count=0 cache_hit=true count=1
  db.relationship.load [INTERNAL] relation=author strategy=peers depth=1 batch_count=1 query_count=0 cache_hit=true count=1
"
    );
}

#[tokio::test]
async fn a_load_that_is_refused_is_a_failed_load_without_a_find() {
    let blog = blog_of_three().await;
    let work = async {
        let posts = Post::find().lazy(Lazy::Raise).all(&blog.db).await?;
        posts[0].author.load(&blog.db).await.map(|_| ())
    };
    let refused = blog.sdk.request("GET /posts", work).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotLoaded);
    assert_eq!(
        tree(&blog.spans()),
        "
GET /posts [SERVER]
  db.query.find [CLIENT] collection=posts count=3
  db.relationship.load [INTERNAL] relation=author strategy=raise depth=1 batch_count=1 error=not_loaded ERROR
"
    );
}
