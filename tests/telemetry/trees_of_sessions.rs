//! Which spans a session has: around its flushes, commits and rollbacks, and none of its own transaction.

use crate::blog::{NewPost, Post, User, new_user};
use crate::measured::metric;
use crate::observed::Observed;
use crate::tree_text::tree;
use ormcore::Error;

pub(crate) fn by(author_id: i64) -> NewPost {
    NewPost {
        author_id,
        editor_id: None,
        title: "news".into(),
        published: None,
    }
}

/// `POST /users`, as the seed shows it.
#[tokio::test]
async fn creating_a_user_is_a_commit_around_a_flush_around_an_insert() {
    let blog = Observed::blog().await;
    let work = async {
        let mut s = blog.db.session();
        s.add(new_user("Ada"));
        s.commit().await
    };
    blog.sdk.request("POST /users", work).await.expect("a user");
    assert_eq!(
        tree(&blog.spans()),
        "
POST /users [SERVER]
  db.session.commit [INTERNAL] pending=1 dirty=0 deleted=0 status=committed
    db.session.flush [INTERNAL] pending=1 dirty=0 deleted=0 status=flushed
      db.query.insert [CLIENT] collection=users count=1 affected_rows=1
"
    );
}

/// `POST /posts`, as the seed shows it.
#[tokio::test]
async fn creating_a_post_looks_its_author_up_first() {
    let blog = Observed::blog().await;
    let [ada] = blog.users(["Ada"]).await;
    let work = async {
        let mut s = blog.db.session();
        let author = s.get::<User>(ada.id).await?;
        // It is known, and nothing is asked.
        let again = s.get::<User>(ada.id).await?;
        assert_eq!(author, again);
        let key = s.key(author);
        let post = s.add(by(key));
        s.flush().await?;
        s.commit().await?;
        // For the answer, which names the author: known as well.
        s.load(post, Post::AUTHOR).await?;
        s.related(post, Post::AUTHOR)
    };
    let author = blog.sdk.request("POST /posts", work).await;
    assert!(author.expect("a post").is_some());
    assert_eq!(
        tree(&blog.spans()),
        "
POST /posts [SERVER]
  db.query.find_one [CLIENT] collection=users count=1
  db.session.flush [INTERNAL] pending=1 dirty=0 deleted=0 status=flushed
    db.query.insert [CLIENT] collection=posts count=1 affected_rows=1
  db.session.commit [INTERNAL] pending=0 dirty=0 deleted=0 status=committed
  db.relationship.load [INTERNAL] relation=author strategy=peers depth=1 batch_count=0 query_count=0 cache_hit=true count=1
"
    );
    let metrics = blog.metrics();
    let value = |name| metric(&metrics, name).only().value;
    assert_eq!(value("ormcore.identity_map.hits"), 1.0);
    assert_eq!(value("ormcore.identity_map.misses"), 1.0);
    assert_eq!(value("ormcore.session.flush.size"), 1.0);
}

/// The same without a look at the author first: whoever is not known is asked for when the answer needs it.
#[tokio::test]
async fn the_author_of_a_new_post_is_loaded_if_nobody_asked_before() {
    let blog = Observed::blog().await;
    let [ada] = blog.users(["Ada"]).await;
    let work = async {
        let mut s = blog.db.session();
        let post = s.add(by(ada.id));
        s.commit().await?;
        s.load(post, Post::AUTHOR).await?;
        let author = s.related(post, Post::AUTHOR)?.expect("an author");
        Ok::<_, Error>(s[author].name.clone())
    };
    let name = blog.sdk.request("POST /posts", work).await;
    assert_eq!(name.expect("a post"), "Ada");
    assert_eq!(
        tree(&blog.spans()),
        "
POST /posts [SERVER]
  db.session.commit [INTERNAL] pending=1 dirty=0 deleted=0 status=committed
    db.session.flush [INTERNAL] pending=1 dirty=0 deleted=0 status=flushed
      db.query.insert [CLIENT] collection=posts count=1 affected_rows=1
  db.relationship.load [INTERNAL] relation=author strategy=peers depth=1 batch_count=1 query_count=1 cache_hit=false count=1
    db.query.find [CLIENT] collection=users count=1
"
    );
}

/// `GET /users/99999`, as the seed shows it.
#[tokio::test]
async fn what_is_not_found_is_a_find_without_an_error() {
    let blog = Observed::blog().await;
    let work = async {
        let mut s = blog.db.session();
        s.maybe::<User>(99_999).await
    };
    let found = blog.sdk.request("GET /users/99999", work).await;
    assert_eq!(found.expect("an answer"), None);
    assert_eq!(
        tree(&blog.spans()),
        "
GET /users/99999 [SERVER]
  db.query.find_one [CLIENT] collection=users count=0
"
    );
}

#[tokio::test]
async fn a_flush_of_everything_is_one_span_around_all_its_statements() {
    let blog = Observed::blog().await;
    let [ada, bob] = blog.users(["Ada", "Bob"]).await;
    let work = async {
        let mut s = blog.db.session();
        let users = s.all(User::find().order_by(User::ID)).await?;
        s[users[0]].age = Some(36);
        s.remove(users[1]);
        let cyd = s.add(new_user("Cyd"));
        let key = s.key(cyd);
        s.add(by(key));
        s.add(by(ada.id));
        s.flush().await?;
        // Nothing is left to be flushed: the commit has no flush in it.
        s.commit().await?;
        s.flush().await?;
        Ok::<_, Error>(())
    };
    blog.sdk.request("PUT /", work).await.expect("a flush");
    assert_eq!(
        tree(&blog.spans()),
        "
PUT / [SERVER]
  db.query.find [CLIENT] collection=users count=2
  db.session.flush [INTERNAL] pending=3 dirty=1 deleted=1 status=flushed
    db.query.raw [CLIENT] collection=users count=1 affected_rows=1
    db.query.delete [CLIENT] collection=users affected_rows=1
    db.query.update [CLIENT] collection=users count=1 affected_rows=1
    db.query.insert [CLIENT] collection=users count=1 affected_rows=1
    db.query.insert [CLIENT] collection=posts count=2 affected_rows=2
  db.session.commit [INTERNAL] pending=0 dirty=0 deleted=0 status=committed
  db.session.flush [INTERNAL] pending=0 dirty=0 deleted=0 status=flushed
"
    );
    assert!(User::get(bob.id).maybe(&blog.db).await.unwrap().is_none());
}

#[tokio::test]
async fn an_implicit_flush_stands_before_the_question_it_is_for() {
    let blog = Observed::blog().await;
    let work = async {
        let mut s = blog.db.session();
        s.add(new_user("Ada"));
        s.all(User::find()).await?;
        s.rollback().await
    };
    blog.sdk.request("GET /", work).await.expect("a rollback");
    assert_eq!(
        tree(&blog.spans()),
        "
GET / [SERVER]
  db.session.flush [INTERNAL] pending=1 dirty=0 deleted=0 status=flushed
    db.query.insert [CLIENT] collection=users count=1 affected_rows=1
  db.query.find [CLIENT] collection=users count=1
  db.session.rollback [INTERNAL] pending=0 dirty=0 deleted=0 status=rolled_back
"
    );
}

#[tokio::test]
async fn a_session_that_is_dropped_has_a_rollback_if_it_had_a_transaction() {
    let blog = Observed::blog().await;
    let work = async {
        let mut read_only = blog.db.session();
        read_only.all(User::find()).await?;
        drop(read_only);
        let mut s = blog.db.session();
        s.add(new_user("Ada"));
        s.flush().await?;
        s.add(new_user("Bob"));
        Ok::<_, Error>(())
    };
    blog.sdk.request("GET /", work).await.expect("a flush");
    assert_eq!(
        tree(&blog.spans()),
        "
GET / [SERVER]
  db.query.find [CLIENT] collection=users count=0
  db.session.flush [INTERNAL] pending=1 dirty=0 deleted=0 status=flushed
    db.query.insert [CLIENT] collection=users count=1 affected_rows=1
  db.session.rollback [INTERNAL] pending=1 dirty=0 deleted=0 status=rolled_back
"
    );
    assert_eq!(Post::find().count(&blog.db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_flush_that_fails_says_so_and_so_does_its_commit() {
    let blog = Observed::blog().await;
    blog.users(["Ada"]).await;
    let work = async {
        let mut s = blog.db.session();
        s.add(new_user("Ada"));
        s.commit().await
    };
    let failed = blog.sdk.request("POST /users", work).await;
    assert!(failed.expect_err("a refusal").is_unique_violation());
    assert_eq!(
        tree(&blog.spans()),
        "
POST /users [SERVER]
  db.session.commit [INTERNAL] pending=1 dirty=0 deleted=0 status=rolled_back error=23505 ERROR
    db.session.flush [INTERNAL] pending=1 dirty=0 deleted=0 status=rolled_back error=23505 ERROR
      db.query.insert [CLIENT] collection=users error=23505 ERROR
"
    );
}

#[tokio::test]
async fn a_relation_is_loaded_once_for_all_and_what_is_known_is_a_hit() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob"]).await;
    blog.post_by_each(&authors).await;
    let work = async {
        let mut s = blog.db.session();
        let posts = s.all(Post::find().order_by(Post::ID)).await?;
        for post in &posts {
            s.load(*post, Post::AUTHOR).await?;
            s.load(*post, Post::EDITOR).await?;
        }
        let ada = s.related(posts[0], Post::AUTHOR)?;
        s.load(ada.expect("an author"), User::POSTS).await
    };
    blog.sdk.request("GET /posts", work).await.expect("posts");
    assert_eq!(
        tree(&blog.spans()),
        "
GET /posts [SERVER]
  db.query.find [CLIENT] collection=posts count=2
  db.relationship.load [INTERNAL] relation=author strategy=peers depth=1 batch_count=2 query_count=1 cache_hit=false count=2
    db.query.find [CLIENT] collection=users count=2
  db.relationship.load [INTERNAL] relation=editor strategy=peers depth=1 batch_count=0 query_count=0 cache_hit=false count=0
  db.relationship.load [INTERNAL] relation=author strategy=peers depth=1 batch_count=0 query_count=0 cache_hit=true count=1
  db.relationship.load [INTERNAL] relation=editor strategy=peers depth=1 batch_count=0 query_count=0 cache_hit=false count=0
  db.relationship.load [INTERNAL] relation=posts strategy=peers depth=1 batch_count=2 query_count=1 cache_hit=false count=2
    db.query.find [CLIENT] collection=posts count=2
"
    );
}

/// What comes along counts as what is asked for itself does, each row as often as it comes.
#[tokio::test]
async fn rows_that_come_along_are_hits_and_misses_too() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob"]).await;
    blog.post_by_each(&authors).await;
    let counted = || {
        let metrics = blog.metrics();
        ["users", "posts"].map(|table| {
            ["hits", "misses"].map(|which| {
                let of_table = metric(&metrics, &format!("ormcore.identity_map.{which}"));
                let mut points = of_table.points.iter();
                let point =
                    points.find(|point| point.get("db.collection.name").as_deref() == Some(table));
                point.map_or(0.0, |point| point.value)
            })
        })
    };
    let mut s = blog.db.session();
    let ada = s.get::<User>(authors[0].id).await.expect("a user");
    let with_author = Post::find().with(Post::AUTHOR);
    s.all(with_author).await.expect("posts");
    assert_eq!(counted(), [[1.0, 2.0], [0.0, 2.0]]);
    let with_both = Post::find().with(Post::AUTHOR.with(User::POSTS));
    s.all(with_both).await.expect("posts");
    assert_eq!(counted(), [[3.0, 2.0], [4.0, 2.0]]);
    let joined = Post::find().with(Post::AUTHOR.joined());
    let posts = s.all(joined).await.expect("posts");
    assert_eq!(counted(), [[5.0, 2.0], [6.0, 2.0]]);
    // They are all there, and not asked for.
    s.load(ada, User::POSTS).await.expect("posts");
    assert_eq!(counted(), [[5.0, 2.0], [6.0, 2.0]]);
    let wishes = User::POSTS.order_by(Post::ID).with(Post::AUTHOR);
    s.load(ada, wishes).await.expect("posts");
    assert_eq!(counted(), [[7.0, 2.0], [8.0, 2.0]]);
    for post in posts {
        s.load(post, Post::AUTHOR).await.expect("an author");
    }
    assert_eq!(counted(), [[7.0, 2.0], [8.0, 2.0]]);
}

#[tokio::test]
async fn what_a_load_brings_along_is_deeper_than_the_load() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob"]).await;
    blog.post_by_each(&authors).await;
    let work = async {
        let mut s = blog.db.session();
        let users = s.all(User::find().order_by(User::ID)).await?;
        let wishes = User::POSTS
            .order_by(Post::ID)
            .limit(1)
            .with(Post::AUTHOR)
            .with(Post::EDITOR);
        s.load(users[1], wishes).await
    };
    blog.sdk.request("GET /users", work).await.expect("posts");
    assert_eq!(
        tree(&blog.spans()),
        "
GET /users [SERVER]
  db.query.find [CLIENT] collection=users count=2
  db.relationship.load [INTERNAL] relation=posts strategy=peers depth=1 batch_count=2 query_count=1 cache_hit=false count=2
    db.query.find [CLIENT] collection=posts count=2
    db.relationship.load [INTERNAL] relation=author strategy=selectinload depth=2 batch_count=0 query_count=0 cache_hit=true count=2
    db.relationship.load [INTERNAL] relation=editor strategy=selectinload depth=2 batch_count=0 query_count=0 cache_hit=false count=0
"
    );
}
