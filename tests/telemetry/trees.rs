//! Which spans there are and who is whose child: relations, in every way they can be loaded, and transactions.

use crate::blog::{Comment, Post, User, new_comment, new_post, new_user};
use crate::observed::Observed;
use crate::tree_text::tree;
use opentelemetry::Context;
use opentelemetry::trace::{FutureExt as _, TraceContextExt as _, Tracer as _};
use ormcore::Error;

#[tokio::test]
async fn loading_lazily_row_by_row_is_a_load_and_a_find_for_each() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob", "Cyd"]).await;
    blog.post_by_each(&authors).await;

    let work = async {
        for post in Post::find().order_by(Post::ID).all(&blog.db).await? {
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
  db.relationship.load [INTERNAL] relation=author strategy=lazy depth=1 batch_count=1 query_count=1 cache_hit=false count=1
    db.query.find [CLIENT] collection=users count=1
  db.relationship.load [INTERNAL] relation=author strategy=lazy depth=1 batch_count=1 query_count=1 cache_hit=false count=1
    db.query.find [CLIENT] collection=users count=1
  db.relationship.load [INTERNAL] relation=author strategy=lazy depth=1 batch_count=1 query_count=1 cache_hit=false count=1
    db.query.find [CLIENT] collection=users count=1
"
    );
}

#[tokio::test]
async fn loading_eagerly_is_one_load_and_one_find_for_all() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob", "Cyd"]).await;
    blog.post_by_each(&authors).await;

    let work = Post::find().with(Post::AUTHOR).all(&blog.db);
    blog.sdk.request("GET /posts", work).await.expect("posts");

    assert_eq!(
        tree(&blog.spans()),
        "
GET /posts [SERVER]
  db.query.find [CLIENT] collection=posts count=3
  db.relationship.load [INTERNAL] relation=author strategy=selectinload depth=1 batch_count=3 query_count=1 cache_hit=false count=3
    db.query.find [CLIENT] collection=users count=3
"
    );
}

#[tokio::test]
async fn a_relation_that_is_there_already_is_a_load_without_a_find() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada"]).await;
    let posts = blog.post_by_each(&authors).await;

    let work = async {
        posts[0].author.load(&blog.db).await?;
        posts[0].author.load(&blog.db).await?;
        Ok::<_, Error>(())
    };
    blog.sdk
        .request("GET /posts/1", work)
        .await
        .expect("an author");

    assert_eq!(
        tree(&blog.spans()),
        "
GET /posts/1 [SERVER]
  db.relationship.load [INTERNAL] relation=author strategy=lazy depth=1 batch_count=1 query_count=1 cache_hit=false count=1
    db.query.find [CLIENT] collection=users count=1
  db.relationship.load [INTERNAL] relation=author strategy=lazy depth=1 batch_count=1 query_count=0 cache_hit=true count=1
"
    );
}

#[tokio::test]
async fn a_foreign_key_that_is_null_is_a_load_without_a_find() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada"]).await;
    let posts = blog.post_by_each(&authors).await;

    let work = posts[0].editor.load(&blog.db);
    let editor = blog.sdk.request("GET /posts/1", work).await;
    assert!(editor.expect("an answer").is_none());

    assert_eq!(
        tree(&blog.spans()),
        "
GET /posts/1 [SERVER]
  db.relationship.load [INTERNAL] relation=editor strategy=lazy depth=1 batch_count=0 query_count=0 cache_hit=false count=0
"
    );
}

#[tokio::test]
async fn foreign_keys_that_are_all_null_send_nothing_eagerly_either() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob"]).await;
    blog.post_by_each(&authors).await;

    let work = Post::find().with(Post::EDITOR).all(&blog.db);
    blog.sdk.request("GET /posts", work).await.expect("posts");

    assert_eq!(
        tree(&blog.spans()),
        "
GET /posts [SERVER]
  db.query.find [CLIENT] collection=posts count=2
  db.relationship.load [INTERNAL] relation=editor strategy=selectinload depth=1 batch_count=0 query_count=0 cache_hit=false count=0
"
    );
}

#[tokio::test]
async fn joining_is_one_find_of_two_tables_and_a_load_that_sends_nothing() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob"]).await;
    blog.post_by_each(&authors).await;

    let work = Post::find().with(Post::AUTHOR.joined()).all(&blog.db);
    blog.sdk.request("GET /posts", work).await.expect("posts");

    assert_eq!(
        tree(&blog.spans()),
        "
GET /posts [SERVER]
  db.query.find [CLIENT] count=2
  db.relationship.load [INTERNAL] relation=author strategy=joined depth=1 batch_count=2 query_count=0 cache_hit=false count=2
"
    );
}

#[tokio::test]
async fn relations_of_relations_are_inside_their_owners_load_and_one_deeper() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob"]).await;
    let posts = blog.post_by_each(&authors).await;
    let comments = posts
        .iter()
        .map(|post| new_comment(post, &authors[0], "well"));
    Comment::insert_many(comments.collect())
        .execute(&blog.db)
        .await
        .expect("comments");
    blog.spans();

    let nested = User::POSTS.with(Post::COMMENTS.with(Comment::AUTHOR));
    let work = User::find().with(nested).all(&blog.db);
    blog.sdk.request("GET /users", work).await.expect("users");

    assert_eq!(
        tree(&blog.spans()),
        "
GET /users [SERVER]
  db.query.find [CLIENT] collection=users count=2
  db.relationship.load [INTERNAL] relation=posts strategy=selectinload depth=1 batch_count=2 query_count=1 cache_hit=false count=2
    db.query.find [CLIENT] collection=posts count=2
    db.relationship.load [INTERNAL] relation=comments strategy=selectinload depth=2 batch_count=2 query_count=1 cache_hit=false count=2
      db.query.find [CLIENT] collection=comments count=2
      db.relationship.load [INTERNAL] relation=author strategy=selectinload depth=3 batch_count=1 query_count=1 cache_hit=false count=1
        db.query.find [CLIENT] collection=users count=1
"
    );
}

#[tokio::test]
async fn relations_that_are_asked_for_together_keep_their_statements_apart() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob"]).await;
    let posts = blog.post_by_each(&authors).await;
    let comment = Comment::insert(new_comment(&posts[0], &authors[0], "well"));
    comment.execute(&blog.db).await.expect("a comment");
    blog.spans();

    let work = async {
        let tx = blog.db.begin().await?;
        let comments = Post::COMMENTS.with(Comment::AUTHOR);
        let posts = Post::find().with(Post::AUTHOR).with(comments);
        posts.all(&tx).await?;
        tx.commit().await
    };
    blog.sdk.request("GET /posts", work).await.expect("posts");

    assert_eq!(
        tree(&blog.spans()),
        "
GET /posts [SERVER]
  db.transaction [INTERNAL] status=committed
    db.query.find [CLIENT] collection=posts count=2
    db.relationship.load [INTERNAL] relation=author strategy=selectinload depth=1 batch_count=2 query_count=1 cache_hit=false count=2
      db.query.find [CLIENT] collection=users count=2
    db.relationship.load [INTERNAL] relation=comments strategy=selectinload depth=1 batch_count=2 query_count=1 cache_hit=false count=1
      db.query.find [CLIENT] collection=comments count=1
      db.relationship.load [INTERNAL] relation=author strategy=selectinload depth=2 batch_count=1 query_count=1 cache_hit=false count=1
        db.query.find [CLIENT] collection=users count=1
"
    );
}

#[tokio::test]
async fn a_transaction_is_around_its_statements() {
    let blog = Observed::blog().await;
    let work = async {
        let tx = blog.db.begin().await?;
        let ada = User::insert(new_user("Ada")).one(&tx).await?;
        Post::insert(new_post(&ada, "one")).execute(&tx).await?;
        ada.posts.load(&tx).await?;
        tx.commit().await
    };
    blog.sdk
        .request("POST /users", work)
        .await
        .expect("a commit");

    assert_eq!(
        tree(&blog.spans()),
        "
POST /users [SERVER]
  db.transaction [INTERNAL] status=committed
    db.query.insert [CLIENT] collection=users count=1 affected_rows=1
    db.query.insert [CLIENT] collection=posts affected_rows=1
    db.relationship.load [INTERNAL] relation=posts strategy=lazy depth=1 batch_count=1 query_count=1 cache_hit=false count=1
      db.query.find [CLIENT] collection=posts count=1
"
    );
}

#[tokio::test]
async fn a_span_the_caller_opens_inside_a_transaction_keeps_its_own_statements() {
    let blog = Observed::blog().await;
    let tracer = blog.sdk.tracer();
    let work = async {
        let tx = blog.db.begin().await?;
        User::insert(new_user("Ada")).execute(&tx).await?;
        let checking = Context::current_with_span(tracer.start("check"));
        let found = User::find()
            .count(&tx)
            .with_context(checking.clone())
            .await?;
        checking.span().end();
        assert_eq!(found, 1);
        User::find().exists(&tx).await?;
        tx.commit().await
    };
    blog.sdk
        .request("POST /users", work)
        .await
        .expect("a commit");

    assert_eq!(
        tree(&blog.spans()),
        "
POST /users [SERVER]
  db.transaction [INTERNAL] status=committed
    db.query.insert [CLIENT] collection=users affected_rows=1
    db.query.exists [CLIENT] collection=users count=1
  check [INTERNAL]
    db.query.count [CLIENT] collection=users count=1
"
    );
}

#[tokio::test]
async fn a_task_that_left_the_callers_span_behind_is_still_inside_the_transaction() {
    let blog = Observed::blog().await;
    let work = async {
        let tx = blog.db.begin().await?;
        // Spawned tasks do not inherit the current span.
        let count = async move {
            User::find().count(&tx).await?;
            tx.commit().await
        };
        tokio::spawn(count).await.expect("the task")
    };
    blog.sdk
        .request("GET /count", work)
        .await
        .expect("a commit");

    assert_eq!(
        tree(&blog.spans()),
        "
GET /count [SERVER]
  db.transaction [INTERNAL] status=committed
    db.query.count [CLIENT] collection=users count=1
"
    );
}

#[tokio::test]
async fn a_transaction_that_is_given_up_is_rolled_back_in_its_span_too() {
    let blog = Observed::blog().await;
    let asked = blog.db.begin().await.expect("a transaction");
    asked.rollback().await.expect("a rollback");
    drop(blog.db.begin().await.expect("a transaction"));
    let tx = blog.db.begin().await.expect("a transaction");
    let refused = ormcore::sql("SELECT 1 / 0").execute(&tx).await;
    assert_eq!(refused.unwrap_err().code(), Some("22012"));
    tx.commit().await.unwrap_err();

    assert_eq!(
        tree(&blog.spans()),
        "
db.transaction [INTERNAL] status=rolled_back
db.transaction [INTERNAL] status=rolled_back
db.transaction [INTERNAL] status=failed error=transaction_aborted ERROR
  db.query.raw [CLIENT] error=22012 ERROR
"
    );
}
