//! Sessions and futures that are dropped leave everything or nothing.

use crate::shop::{User, new_user, shop};
use ormcore::{ErrorKind, sql};
use std::time::Duration;

#[tokio::test]
async fn a_session_that_is_dropped_is_rolled_back() {
    let (fresh, mut s) = shop().await;
    s.add(new_user("Ada"));
    s.flush().await.unwrap();
    drop(s);
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_flush_that_is_dropped_half_way_is_undone_and_can_be_done_again() {
    let (fresh, mut s) = shop().await;
    sql("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.4); RETURN NEW; END $$; \
         CREATE TRIGGER wait BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION wait()")
        .batch(&fresh.db)
        .await
        .unwrap();
    let ada = s.add(new_user("Ada"));
    s.flush().await.unwrap();
    s[ada].age = Some(1);
    let key = s.key(ada);
    let post = s.add(crate::shop::new_post(key, "a"));
    let late = tokio::time::timeout(Duration::from_millis(100), s.flush()).await;
    assert!(late.is_err());
    // Also what was flushed before is written with what comes now.
    let flush = s.commit().await.unwrap();
    assert_eq!((flush.pending, flush.dirty), (2, 0));
    assert_eq!((s[ada].age, s[post].author_id), (Some(1), s[ada].id));
    assert_eq!(User::find().one(&fresh.db).await.unwrap(), s[ada]);
}

#[tokio::test]
async fn a_commit_that_is_dropped_half_way_is_not_guessed_about() {
    let (fresh, mut s) = shop().await;
    sql("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.4); RETURN NEW; END $$; \
         CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION wait()")
        .batch(&fresh.db)
        .await
        .unwrap();
    s.add(new_user("Ada"));
    s.flush().await.unwrap();
    let late = tokio::time::timeout(Duration::from_millis(100), s.commit()).await;
    assert!(late.is_err());
    for error in [
        s.flush().await.unwrap_err(),
        s.commit().await.unwrap_err(),
        s.get::<User>(1).await.unwrap_err(),
        s.rollback().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::CommitUnknown);
    }
}
