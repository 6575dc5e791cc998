//! A future may be dropped at every place where it waits: the next to borrow its connection never notices, and the
//! database has all of what it did, or nothing.

use crate::blog::{Comment, NewUser, Post, User, new_comment, new_post, new_user};
use crate::stage::{Stage, dropped_after, in_time};
use futures_util::{Stream, StreamExt as _, stream};
use ormcore::{Db, ErrorKind, Executor, Result, sql};

/// Drops the work after one poll, after two, and so on until it gets done. `written` says how many users each run
/// stores, `least` how often it asks the server; the answers come message by message, so that it waits more often than that.
async fn drop_everywhere(work: impl AsyncFn(&Db, usize) -> Result<()>, written: u64, least: usize) {
    let stage = Stage::new().await;
    stage.proxy.drip();
    let mut stored = 0;
    for polls in 1.. {
        let done = in_time(dropped_after(polls, work(&stage.db, polls))).await;
        stage.assert_clean().await;
        let now = users(&stage).await;
        if let Some(result) = done {
            result.expect("nothing went wrong");
            assert_eq!(now, stored + written, "done, but not stored");
            assert!(polls > least, "it waited at {polls} places only");
            return;
        }
        assert!(
            now == stored || now == stored + written,
            "dropped after {polls} polls, it stored {} of {written}",
            now - stored
        );
        stored = now;
    }
}

async fn users(stage: &Stage) -> u64 {
    User::find().count(&stage.blog.db).await.expect("a count")
}

/// A name nobody has.
fn name(run: usize, number: usize) -> String {
    format!("user-{run}-{number}")
}

#[tokio::test]
async fn a_query() {
    let query = async |db: &Db, _| User::find().all(db).await.map(|_| ());
    drop_everywhere(query, 0, 2).await;
}

#[tokio::test]
async fn a_query_whose_statement_is_known() {
    let stage = Stage::new().await;
    stage.proxy.drip();
    for polls in 1.. {
        User::get(1).maybe(&stage.db).await.unwrap();
        let done = in_time(dropped_after(polls, User::get(1).maybe(&stage.db))).await;
        stage.assert_clean().await;
        if done.is_some() {
            assert!(polls > 1);
            return;
        }
    }
}

#[tokio::test]
async fn an_insert() {
    let insert = async |db: &Db, run| {
        User::insert(new_user(&name(run, 0)))
            .one(db)
            .await
            .map(|_| ())
    };
    drop_everywhere(insert, 1, 2).await;
}

#[tokio::test]
async fn an_insert_of_many() {
    let insert = async |db: &Db, run| {
        let rows = (0..50).map(|number| new_user(&name(run, number))).collect();
        User::insert_many(rows).all(db).await.map(|_| ())
    };
    drop_everywhere(insert, 50, 2).await;
}

/// Rows for more than one piece of a COPY; between them the server has to wait.
fn copied(run: usize) -> impl Stream<Item = NewUser> + Send {
    stream::iter(0..5).then(move |number| async move {
        // No connection is borrowed before the first one is there.
        if number > 0 {
            tokio::task::yield_now().await;
        }
        NewUser {
            name: "x".repeat(30_000),
            ..new_user(&name(run, number))
        }
    })
}

#[tokio::test]
async fn a_copy() {
    let copy = async |db: &Db, run| {
        let copy = User::copy_in_stream(copied(run));
        copy.execute(db).await.map(|_| ())
    };
    drop_everywhere(copy, 5, 8).await;
}

#[tokio::test]
async fn a_copy_of_rows_that_come() {
    let copy = async |db: &Db, _| {
        let users = User::find().filter(User::AGE.is_null() & User::NAME.ne("nobody"));
        users.copy_out(db).next_chunk(100).await.map(|_| ())
    };
    drop_everywhere(copy, 0, 4).await;
}

#[tokio::test]
async fn a_load_of_one_moment() {
    let load = async |db: &Db, _| {
        let users = User::find().with(User::POSTS).consistent();
        users.all(db).await.map(|_| ())
    };
    drop_everywhere(load, 0, 2).await;
}

#[tokio::test]
async fn a_copy_in_a_transaction() {
    let work = async |db: &Db, run| {
        let tx = db.begin().await?;
        User::insert(new_user(&name(run, 9))).execute(&tx).await?;
        User::copy_in_stream(copied(run)).execute(&tx).await?;
        tx.commit().await
    };
    drop_everywhere(work, 6, 9).await;
}

#[tokio::test]
async fn a_copy_that_gives_up() {
    let give_up = async |db: &Db, run| {
        let rows = copied(run).chain(stream::iter([new_user("\0")]));
        let given_up = User::copy_in_stream(rows).execute(db).await;
        assert_eq!(given_up.unwrap_err().kind(), ErrorKind::Encode);
        Ok(())
    };
    drop_everywhere(give_up, 0, 8).await;
}

#[tokio::test]
async fn begin_with_the_first_statement() {
    let work = async |db: &Db, run| {
        let tx = db.begin().await?;
        User::insert(new_user(&name(run, 0))).execute(&tx).await?;
        tx.commit().await
    };
    drop_everywhere(work, 1, 3).await;
}

#[tokio::test]
async fn begin_with_a_savepoint_or_sql() {
    let work = async |db: &Db, run| {
        let mut tx = db.begin().await?;
        let savepoint = tx.savepoint().await?;
        User::insert(new_user(&name(run, 0)))
            .execute(&savepoint)
            .await?;
        savepoint.rollback().await?;
        tx.commit().await?;
        let tx = db.begin().await?;
        let text = format!("INSERT INTO users (name, email) VALUES ('Ada', '{run}')");
        sql(text).batch(&tx).await?;
        tx.rollback().await
    };
    drop_everywhere(work, 0, 7).await;
}

#[tokio::test]
async fn begin_with_statements_that_run_together() {
    let work = async |db: &Db, run| {
        let tx = db.begin().await?;
        let insert = async |number| {
            User::insert(new_user(&name(run, number)))
                .execute(&tx)
                .await
        };
        let (one, two) = tokio::join!(insert(0), insert(1));
        one.and(two)?;
        tx.commit().await
    };
    drop_everywhere(work, 2, 3).await;
}

#[tokio::test]
async fn statements_in_a_transaction_and_commit() {
    let work = async |db: &Db, run| {
        let tx = db.begin().await?;
        User::insert(new_user(&name(run, 0))).one(&tx).await?;
        User::insert(new_user(&name(run, 1))).one(&tx).await?;
        tx.commit().await
    };
    drop_everywhere(work, 2, 4).await;
}

#[tokio::test]
async fn rollback() {
    let work = async |db: &Db, run| {
        let tx = db.begin().await?;
        User::insert(new_user(&name(run, 0))).execute(&tx).await?;
        tx.rollback().await
    };
    drop_everywhere(work, 0, 3).await;
}

#[tokio::test]
async fn a_transaction_of_a_closure() {
    let work = async |db: &Db, run| {
        db.transaction(async |tx| {
            User::insert(new_user(&name(run, 0))).execute(tx).await?;
            User::insert(new_user(&name(run, 1))).execute(tx).await
        })
        .await
        .map(|_| ())
    };
    drop_everywhere(work, 2, 4).await;
}

#[tokio::test]
async fn savepoints_released_and_rolled_back() {
    let work = async |db: &Db, run| {
        let mut tx = db.begin().await?;
        let kept = tx.savepoint().await?;
        User::insert(new_user(&name(run, 0))).execute(&kept).await?;
        kept.release().await?;
        let undone = tx.savepoint().await?;
        User::insert(new_user(&name(run, 1)))
            .execute(&undone)
            .await?;
        undone.rollback().await?;
        drop(tx.savepoint().await?);
        tx.commit().await
    };
    drop_everywhere(work, 1, 10).await;
}

#[tokio::test]
async fn a_savepoint_dropped_in_the_middle_takes_nothing_else_along() {
    let stage = Stage::new().await;
    stage.proxy.drip();
    for polls in 1.. {
        let mut tx = stage.db.begin().await.unwrap();
        User::insert(new_user(&name(polls, 0)))
            .execute(&tx)
            .await
            .unwrap();
        let inner = async {
            let savepoint = tx.savepoint().await?;
            User::insert(new_user(&name(polls, 1)))
                .execute(&savepoint)
                .await?;
            savepoint.release().await
        };
        let done = in_time(dropped_after(polls, inner)).await;
        // What was dropped on its way may be anywhere: such a transaction is not committed.
        let committed = tx.commit().await;
        assert_eq!(committed.is_ok(), done.is_some());
        stage.assert_clean().await;
        if done.is_some() {
            assert!(polls > 3, "it waited at {polls} places only");
            assert_eq!(users(&stage).await, 2);
            return;
        }
        assert_eq!(users(&stage).await, 0);
    }
}

#[tokio::test]
async fn a_query_with_relations() {
    let stage = Stage::new().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let post = Post::insert(new_post(&ada, "One"))
        .one(&stage.db)
        .await
        .unwrap();
    let comment = Comment::insert(new_comment(&post, "Yes"));
    comment.execute(&stage.db).await.unwrap();
    stage.proxy.drip();
    for polls in 1.. {
        let query = User::find()
            .with(User::POSTS.with(Post::COMMENTS))
            .all(&stage.db);
        let done = in_time(dropped_after(polls, query)).await;
        stage.assert_clean().await;
        if let Some(found) = done {
            let found = found.unwrap();
            let posts = found[0].posts.get().unwrap();
            assert_eq!(posts[0].comments.get().unwrap()[0].body, "Yes");
            assert!(polls > 6, "it waited at {polls} places only");
            return;
        }
    }
}

#[tokio::test]
async fn a_query_with_relations_beside_each_other() {
    let stage = Stage::new().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    for title in ["One", "Two"] {
        let post = Post::insert(new_post(&ada, title)).one(&stage.db).await;
        let comment = Comment::insert(new_comment(&post.unwrap(), title));
        comment.execute(&stage.db).await.unwrap();
    }
    stage.proxy.drip();
    for in_transaction in [false, true] {
        for polls in 1.. {
            let authors = Post::AUTHOR.with(User::POSTS);
            let posts = Post::find().with(authors).with(Post::COMMENTS);
            let query = async {
                if !in_transaction {
                    return posts.all(&stage.db).await;
                }
                let tx = stage.db.begin().await?;
                let found = posts.all(&tx).await?;
                tx.commit().await?;
                Ok(found)
            };
            let done = in_time(dropped_after(polls, query)).await;
            stage.assert_clean().await;
            if let Some(found) = done {
                for post in found.unwrap() {
                    assert_eq!(post.author.get().unwrap().posts.get().unwrap().len(), 2);
                    assert_eq!(post.comments.get().unwrap()[0].body, post.title);
                }
                assert!(polls > 3, "it waited at {polls} places only");
                break;
            }
        }
    }
}

/// Drops a statement while the server is busy with it.
async fn drop_at_work(stage: &Stage, executor: &impl Executor) {
    let asleep = "SELECT count(*) = 1 FROM subjects WHERE wait_event = 'PgSleep'";
    tokio::select! {
        _ = sql("SELECT pg_sleep(600)").execute(executor) => panic!("it slept for ten minutes"),
        () = stage.witness.until(asleep) => {}
    }
}

#[tokio::test]
async fn a_statement_that_takes_long_is_stopped_at_the_server() {
    let stage = Stage::new().await;
    drop_at_work(&stage, &stage.db).await;
    // Nobody waits behind it, and it does not hold its locks until it is done.
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_transaction_dropped_while_a_statement_runs_gives_its_locks_back() {
    let stage = Stage::new().await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let tx = stage.db.begin().await.unwrap();
    User::update(ada.id)
        .set(User::AGE, 1)
        .execute(&tx)
        .await
        .unwrap();
    drop_at_work(&stage, &tx).await;
    drop(tx);
    let other = User::update(ada.id)
        .set(User::AGE, 2)
        .execute(&stage.blog.db);
    in_time(other).await.unwrap();
    stage.assert_clean().await;
}

#[tokio::test]
async fn those_who_wait_for_a_connection_may_give_up() {
    let stage = Stage::new().await;
    let tx = stage.db.begin().await.unwrap();
    for polls in 1..4 {
        let waiting = User::find().count(&stage.db);
        // Nothing wakes it: it is polled by hand.
        let mut waiting = Box::pin(waiting);
        for _ in 0..polls {
            let pending = dropped_after(1, waiting.as_mut()).await;
            assert!(pending.is_none());
        }
    }
    tx.rollback().await.unwrap();
    stage.assert_clean().await;
}
