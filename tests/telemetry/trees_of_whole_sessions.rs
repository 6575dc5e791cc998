//! Which spans are around what a session does: hooks run inside those of what they are about, and a session may have one.

use crate::blog::{Post, User, new_user};
use crate::observed::{Observed, attribute};
use crate::tree_text::tree;
use crate::trees_of_sessions::by;
use ormcore::{Error, Flush, Hooks, Ref, Result, RowHooks, Session, async_trait};

/// Asks something wherever it can.
struct Asks;

impl Asks {
    async fn ask(s: &mut Session) -> Result<()> {
        let posts = Post::find().count(s.executor().await?).await?;
        assert_eq!(posts, 0);
        Ok(())
    }
}

#[async_trait]
impl RowHooks<User> for Asks {
    async fn before_insert(&self, s: &mut Session, _: Ref<User>) -> Result<()> {
        Self::ask(s).await
    }

    async fn after_update(&self, s: &mut Session, _: Ref<User>) -> Result<()> {
        Self::ask(s).await
    }
}

#[async_trait]
impl Hooks for Asks {
    async fn before_flush(&self, s: &mut Session) -> Result<()> {
        Self::ask(s).await
    }

    async fn after_flush(&self, s: &mut Session, _: Flush) -> Result<()> {
        Self::ask(s).await
    }

    async fn before_commit(&self, s: &mut Session) -> Result<()> {
        Self::ask(s).await
    }

    async fn before_rollback(&self, s: &mut Session) -> Result<()> {
        Self::ask(s).await
    }
}

#[tokio::test]
async fn hooks_run_inside_the_span_of_what_they_are_about() {
    let blog = Observed::blog().await;
    let db = blog.db.on_rows::<User>(Asks).on(Asks);
    let work = async {
        let mut s = db.session();
        let ada = s.add(new_user("Ada"));
        s.commit().await?;
        s[ada].age = Some(36);
        s.flush().await?;
        s.rollback().await
    };
    blog.sdk.request("PUT /", work).await.expect("a user");
    assert_eq!(
        tree(&blog.spans()),
        "
PUT / [SERVER]
  db.session.commit [INTERNAL] pending=1 dirty=0 deleted=0 status=committed
    db.query.count [CLIENT] collection=posts count=1
    db.session.flush [INTERNAL] pending=1 dirty=0 deleted=0 status=flushed
      db.query.count [CLIENT] collection=posts count=1
      db.query.count [CLIENT] collection=posts count=1
      db.query.insert [CLIENT] collection=users count=1 affected_rows=1
      db.query.count [CLIENT] collection=posts count=1
  db.session.flush [INTERNAL] pending=0 dirty=1 deleted=0 status=flushed
    db.query.count [CLIENT] collection=posts count=1
    db.query.update [CLIENT] collection=users count=1 affected_rows=1
    db.query.count [CLIENT] collection=posts count=1
    db.query.count [CLIENT] collection=posts count=1
  db.session.rollback [INTERNAL] pending=0 dirty=0 deleted=0 status=rolled_back
    db.query.count [CLIENT] collection=posts count=1
"
    );
}

#[tokio::test]
async fn a_session_has_a_span_of_its_own_where_it_is_asked_for() {
    let blog = Observed::blog().await;
    let [ada] = blog.users(["Ada"]).await;
    let work = async {
        let mut s = blog.db.session().expire_on_commit(true).traced();
        let user = s.get::<User>(ada.id).await?;
        s[user].age = Some(36);
        s.add(by(ada.id));
        s.commit().await?;
        s.get::<User>(ada.id).await?;
        s.add(new_user("Bob"));
        s.flush().await?;
        s.all(Post::find().with(Post::AUTHOR)).await?;
        // Rolled back, because nobody commits.
        drop(s);
        User::insert(new_user("Cyd")).execute(&blog.db).await?;
        Ok::<_, Error>(())
    };
    blog.sdk.request("PUT /", work).await.expect("a session");
    let spans = blog.spans();
    assert_eq!(
        tree(&spans),
        "
PUT / [SERVER]
  db.session.open [INTERNAL] status=closed
    db.query.find_one [CLIENT] collection=users count=1
    db.session.commit [INTERNAL] pending=1 dirty=1 deleted=0 status=committed
      db.session.flush [INTERNAL] pending=1 dirty=1 deleted=0 status=flushed
        db.query.insert [CLIENT] collection=posts count=1 affected_rows=1
        db.query.update [CLIENT] collection=users count=1 affected_rows=1
    db.query.find_one [CLIENT] collection=users count=1
    db.session.flush [INTERNAL] pending=1 dirty=0 deleted=0 status=flushed
      db.query.insert [CLIENT] collection=users count=1 affected_rows=1
    db.query.find [CLIENT] collection=posts count=1
    db.relationship.load [INTERNAL] relation=author strategy=selectinload depth=1 batch_count=0 query_count=0 cache_hit=true count=1
    db.session.rollback [INTERNAL] pending=0 dirty=0 deleted=0 status=rolled_back
  db.query.insert [CLIENT] collection=users affected_rows=1
"
    );
    let open = spans.iter().find(|span| span.name == "db.session.open");
    let open = open.expect("the span of the session");
    let status = attribute(open, "db.session.status");
    assert_eq!(status.as_deref(), Some("closed"));
}
