//! What the spans of a session say when it does not end as it was asked to: what is true, and not more.

use crate::blog::{User, new_user};
use crate::observed::Observed;
use crate::tree_text::tree;
use ormcore::{Error, ErrorKind, Hooks, Ref, Result, RowHooks, Session, async_trait, sql};

/// Refuses at one of its turning points.
struct Refuses(&'static str);

impl Refuses {
    fn at(&self, point: &str) -> Result<()> {
        match self.0 == point {
            true => Err(Error::refused("no")),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl RowHooks<User> for Refuses {
    async fn before_insert(&self, _: &mut Session, _: Ref<User>) -> Result<()> {
        self.at("before_insert")
    }

    async fn after_insert(&self, _: &mut Session, _: Ref<User>) -> Result<()> {
        self.at("after_insert")
    }
}

#[async_trait]
impl Hooks for Refuses {
    async fn before_commit(&self, _: &mut Session) -> Result<()> {
        self.at("before_commit")
    }

    async fn after_commit(&self, _: &mut Session) -> Result<()> {
        self.at("after_commit")
    }
}

/// The spans of a commit of Ada that is refused at this point, behind a flush of Bob; and how many there are then.
async fn refused_at(point: &'static str) -> (String, u64) {
    let blog = Observed::blog().await;
    let mut s = blog.db.session();
    s.add(new_user("Bob"));
    s.flush().await.expect("a flush");
    let mut s = s.on(Refuses(point)).on_rows::<User>(Refuses(point));
    s.add(new_user("Ada"));
    blog.spans();
    let refused = blog.sdk.request("POST /users", s.commit()).await;
    assert_eq!(refused.expect_err("a hook").kind(), ErrorKind::Refused);
    let tree = tree(&blog.spans());
    drop(s);
    let stored = User::find().count(&blog.db).await.expect("a count");
    (tree, stored)
}

#[tokio::test]
async fn what_is_refused_before_anything_is_sent_was_not_rolled_back() {
    let (tree, _) = refused_at("before_commit").await;
    assert_eq!(
        tree,
        "
POST /users [SERVER]
  db.session.commit [INTERNAL] pending=1 dirty=0 deleted=0 status=refused error=refused ERROR
"
    );
    let (tree, _) = refused_at("before_insert").await;
    assert_eq!(
        tree,
        "
POST /users [SERVER]
  db.session.commit [INTERNAL] pending=1 dirty=0 deleted=0 status=refused error=refused ERROR
    db.session.flush [INTERNAL] pending=1 dirty=0 deleted=0 status=refused error=refused ERROR
"
    );
}

#[tokio::test]
async fn what_is_refused_behind_its_statements_was_rolled_back() {
    let (tree, stored) = refused_at("after_insert").await;
    assert_eq!(
        tree,
        "
POST /users [SERVER]
  db.session.commit [INTERNAL] pending=1 dirty=0 deleted=0 status=rolled_back error=refused ERROR
    db.session.flush [INTERNAL] pending=1 dirty=0 deleted=0 status=rolled_back error=refused ERROR
      db.query.insert [CLIENT] collection=users count=1 affected_rows=1
"
    );
    assert_eq!(stored, 0);
}

#[tokio::test]
async fn what_is_refused_behind_a_commit_was_committed() {
    let (tree, stored) = refused_at("after_commit").await;
    assert_eq!(
        tree,
        "
POST /users [SERVER]
  db.session.commit [INTERNAL] pending=1 dirty=0 deleted=0 status=committed error=refused ERROR
    db.session.flush [INTERNAL] pending=1 dirty=0 deleted=0 status=flushed
      db.query.insert [CLIENT] collection=users count=1 affected_rows=1
"
    );
    assert_eq!(stored, 2);
}

#[tokio::test]
async fn of_a_commit_without_an_answer_nothing_is_claimed() {
    let blog = Observed::blog().await;
    sql("CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$; \
         CREATE CONSTRAINT TRIGGER leave AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION leave()")
        .batch(&blog.db)
        .await
        .expect("a trigger");
    blog.spans();
    let work = async {
        let mut s = blog.db.session();
        s.add(new_user("Ada"));
        s.commit().await
    };
    let unknown = blog.sdk.request("POST /users", work).await;
    assert_eq!(
        unknown.expect_err("no answer").kind(),
        ErrorKind::CommitUnknown
    );
    let tree = tree(&blog.spans());
    let status = "status=unknown error=commit_unknown ERROR";
    assert!(tree.contains(status), "{tree}");
}
