//! What a session asks may be dropped at every place where it waits, in a transaction and without one.

use crate::blog::{Post, User, new_post, new_user};
use crate::cancelled_sessions::{Dropped, Rows, in_the_middle, nothing};
use crate::stage::Stage;
use ormcore::{Result, Session};

/// Somebody else's user, and a post of his.
async fn known(stage: &Stage) {
    let ada = User::insert(new_user("Ada")).one(&stage.blog.db).await;
    let post = Post::insert(new_post(&ada.expect("a user"), "a")).execute(&stage.blog.db);
    post.await.expect("a post");
}

/// Drops a question in a transaction, and without one.
async fn drop_question(work: impl AsyncFn(&mut Session) -> Result<()>) {
    let work = &async |s: &mut Session, _: &Rows, _: usize| work(s).await;
    for in_transaction in [false, true] {
        let stage = Stage::new().await;
        known(&stage).await;
        match in_transaction {
            true => {
                let question = Dropped {
                    before: in_the_middle,
                    work,
                    least: 3,
                };
                question.everywhere_on(&stage, &stage.db).await;
            }
            false => {
                let question = Dropped {
                    before: nothing,
                    work,
                    least: 1,
                };
                question.everywhere_on(&stage, &stage.db).await;
            }
        }
    }
}

#[tokio::test]
async fn a_get() {
    drop_question(async |s| s.get::<User>(1).await.map(|_| ())).await;
}

#[tokio::test]
async fn a_question() {
    drop_question(async |s| s.all(User::find().limit(3)).await.map(|_| ())).await;
}

#[tokio::test]
async fn a_question_with_a_relation() {
    drop_question(async |s| {
        let posts = s.all(Post::find().with(Post::AUTHOR)).await?;
        assert!(s.related(posts[0], Post::AUTHOR)?.is_some());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_load() {
    drop_question(async |s| {
        let ada = s.get::<User>(1).await?;
        s.load(ada, User::POSTS).await?;
        assert_eq!(s.related(ada, User::POSTS)?.len(), 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_refresh() {
    drop_question(async |s| {
        let ada = s.get::<User>(1).await?;
        let was = s[ada].age;
        s[ada].age = Some(was.unwrap_or(0) + 1);
        s.refresh(ada).await?;
        assert_eq!(s[ada].age, was);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_merge() {
    let stage = Stage::new().await;
    known(&stage).await;
    let merge = async |s: &mut Session, rows: &Rows, run| {
        let mut value = User::get(1).one(&stage.blog.db).await?;
        value.name = format!("ada-{run}-merged");
        let row = s.merge(value).await?;
        rows.borrow_mut().push(row);
        Ok(())
    };
    let merge = Dropped {
        before: in_the_middle,
        work: merge,
        least: 2,
    };
    merge.everywhere_on(&stage, &stage.db).await;
}
