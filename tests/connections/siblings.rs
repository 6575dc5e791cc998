//! Relations of the same rows are asked for together, on one connection: what happens when one of them fails, or when
//! there is more in them than fits on the way.

use crate::blog::{Comment, Post, User, new_comment, new_post, new_user};
use crate::stage::{Session, Stage, in_time};
use ormcore::{Entity, ErrorKind, Find, Many, sql};

/// Two posts by Ada, with a comment each.
async fn stage() -> Stage {
    let stage = Stage::new().await;
    let ada = User::insert(new_user("Ada"))
        .one(&stage.db)
        .await
        .expect("Ada");
    for title in ["One", "Two"] {
        let post = Post::insert(new_post(&ada, title)).one(&stage.db).await;
        let comment = Comment::insert(new_comment(&post.expect("a post"), title));
        comment.execute(&stage.db).await.expect("a comment");
    }
    stage
}

/// A user whose posts can be loaded twice.
#[derive(Entity, Debug)]
#[orm(table = "users")]
struct Writer {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
    #[orm(has_many(Post, key = author_id))]
    works: Many<Post>,
}

/// Posts with their comments and what follows after their authors.
fn posts() -> Find<Post> {
    let authors = Post::AUTHOR.with(User::POSTS.with(Post::AUTHOR));
    Post::find().with(authors).with(Post::COMMENTS)
}

/// From now on comments cannot be read, and nobody notices before they are.
async fn spoil_comments(stage: &Stage) {
    let spoilt = "ALTER TABLE comments RENAME TO hidden;
        CREATE FUNCTION spoil(body text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'spoilt'; END $$;
        CREATE VIEW comments AS SELECT id, post_id, spoil(body) AS body FROM hidden";
    sql(spoilt).batch(&stage.blog.db).await.expect("a view");
}

/// What `RAISE` says unless it is told otherwise.
const RAISED: Option<&str> = Some("P0001");

#[tokio::test]
async fn they_share_a_connection_which_is_free_again_afterwards() {
    let stage = stage().await;
    let session = Session::ask(&stage.db).await.pid;
    // There is but one: waiting for another would be in vain.
    for _ in 0..3 {
        let found = in_time(posts().all(&stage.db)).await.unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].author.get().unwrap().name, "Ada");
        assert_eq!(found[1].comments.get().unwrap()[0].body, "Two");
        assert_eq!(stage.assert_clean().await, session);
    }
}

#[tokio::test]
async fn what_fails_leaves_the_connection_as_it_was() {
    let stage = stage().await;
    spoil_comments(&stage).await;
    let session = Session::ask(&stage.db).await.pid;
    let error = in_time(posts().all(&stage.db)).await.unwrap_err();
    assert_eq!(error.code(), RAISED);
    // The other replies were read to their end: nothing had to be closed.
    assert_eq!(stage.assert_clean().await, session);
}

#[tokio::test]
async fn what_fails_ends_the_transaction_but_not_what_is_around_a_savepoint() {
    let stage = stage().await;
    spoil_comments(&stage).await;
    let mut tx = stage.db.begin().await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    let error = in_time(posts().all(&savepoint)).await.unwrap_err();
    assert_eq!(error.code(), RAISED);
    savepoint.rollback().await.unwrap();
    assert_eq!(User::find().count(&tx).await.unwrap(), 1);
    in_time(posts().all(&tx)).await.unwrap_err();
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    assert!(error.to_string().contains("spoilt"), "{error}");
    stage.assert_clean().await;
}

#[tokio::test]
async fn the_cause_is_told_and_not_what_came_of_it() {
    let stage = stage().await;
    spoil_comments(&stage).await;
    let tx = stage.db.begin().await.unwrap();
    // The first chain hears of the failure one level below it, before the second has come to its end.
    let chain = || Post::AUTHOR.with(User::POSTS);
    let chain_that_fails = Writer::WORKS.with(chain()).with(Post::COMMENTS);
    let users = Writer::find()
        .with(Writer::POSTS.with(chain()))
        .with(chain_that_fails);
    let error = in_time(users.all(&tx)).await.unwrap_err();
    assert_eq!(error.code(), RAISED);
    tx.rollback().await.unwrap();
    stage.assert_clean().await;
}

#[tokio::test]
async fn more_than_fits_on_the_way_holds_nobody_up() {
    let stage = stage().await;
    let fill = "INSERT INTO posts (author_id, title) SELECT id, repeat('x', 200) FROM users, generate_series(1, 5000);
        INSERT INTO comments (post_id, body) SELECT id, repeat('y', 200) FROM posts";
    sql(fill).batch(&stage.blog.db).await.unwrap();
    let found = in_time(posts().all(&stage.db)).await;
    let found = found.unwrap();
    assert_eq!(found.len(), 5002);
    let unread = |post: &Post| post.author.is_unloaded() || post.comments.is_unloaded();
    assert!(!found.iter().any(unread));
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_connection_that_ended_while_it_rested_is_replaced_for_all_of_them() {
    let stage = stage().await;
    for _ in 0..5 {
        stage.witness.terminate_subjects().await;
        assert_eq!(posts().all(&stage.db).await.unwrap().len(), 2);
        stage.assert_clean().await;
    }
}

#[tokio::test]
async fn a_connection_that_ends_under_them_fails_them_all_and_is_replaced() {
    let stage = stage().await;
    for delivered in [false, true] {
        stage.proxy.cut("\"comments\"", delivered);
        let lost = in_time(posts().all(&stage.db)).await.unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::ConnectionLost);
        stage.assert_clean().await;
    }
    assert_eq!(posts().all(&stage.db).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_statement_the_server_no_longer_takes_is_prepared_again_while_others_are_on_their_way() {
    let stage = stage().await;
    posts().all(&stage.db).await.unwrap();
    let session = Session::ask(&stage.db).await.pid;
    let change = "ALTER TABLE comments ALTER body TYPE varchar";
    sql(change).batch(&stage.blog.db).await.unwrap();
    stage.proxy.sent();
    assert_eq!(posts().all(&stage.db).await.unwrap().len(), 2);
    assert_eq!(stage.proxy.sent().matches('P').count(), 1);
    assert_eq!(stage.assert_clean().await, session);
    let forget = "CREATE FUNCTION forget() RETURNS void LANGUAGE plpgsql AS $$ DECLARE forgotten text; BEGIN
        SELECT name INTO STRICT forgotten FROM pg_prepared_statements WHERE statement LIKE 'SELECT%FROM \"comments\"%';
        EXECUTE format('DEALLOCATE %I', forgotten); END $$";
    sql(forget).batch(&stage.blog.db).await.unwrap();
    sql("SELECT forget()").execute(&stage.db).await.unwrap();
    assert_eq!(stage.assert_clean().await, session);
    assert_eq!(posts().all(&stage.db).await.unwrap().len(), 2);
    // The driver's own statements may be gone with it.
    assert_ne!(stage.assert_clean().await, session);
}
