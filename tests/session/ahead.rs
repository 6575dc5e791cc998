//! A new row whose key others wait for is its own question, where it is the only one.

use crate::fresh::Fresh;
use crate::shop::{Comment, NewUser, Post, User, new_comment, new_post, new_user, shop};
use ormcore::{ErrorKind, Failure, RowState, sql};

/// The statements, each as its first words.
fn sent(fresh: &Fresh) -> Vec<String> {
    let statements = fresh.statements().into_iter();
    let first = statements.map(|statement| {
        let words = statement.split(" (").next().unwrap_or_default();
        words.replace('"', "")
    });
    first.collect()
}

#[tokio::test]
async fn one_new_row_and_those_that_refer_to_it_take_a_statement_each() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    let posts = s.add_all(["a", "b"].map(|title| new_post(key, title)));
    s.commit().await.unwrap();
    let statements = sent(&fresh);
    assert_eq!(statements.len(), 2, "{statements:?}");
    assert_eq!(statements[0], "INSERT INTO users");
    assert!(posts.iter().all(|post| s[*post].author_id == s[ada].id));
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 2);
}

#[tokio::test]
async fn who_refers_to_new_rows_and_is_referred_to_waits_for_its_turn() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let author = s.key(ada);
    let post = s.add(new_post(author, "a"));
    let key = s.key(post);
    let comment = s.add(new_comment(key, "b"));
    s.commit().await.unwrap();
    let statements = sent(&fresh);
    // The key of the post is asked for beside the insert of its author.
    assert_eq!(statements.len(), 4, "{statements:?}");
    let asked = statements.iter().filter(|sent| sent.starts_with("SELECT"));
    assert_eq!(asked.count(), 1, "{statements:?}");
    assert_eq!(
        (s[post].author_id, s[comment].post_id),
        (s[ada].id, s[post].id)
    );
}

#[tokio::test]
async fn several_rows_of_a_table_are_told_apart_by_keys_that_are_asked_for() {
    let (fresh, mut s) = shop().await;
    let users = s.add_all(["Ada", "Bob"].map(new_user));
    for user in users.clone() {
        let key = s.key(user);
        s.add(new_post(key, "a"));
    }
    s.commit().await.unwrap();
    assert_eq!(sent(&fresh).len(), 3);
    let users = users.iter().map(|user| s[*user].name.clone());
    assert_eq!(users.collect::<Vec<_>>(), ["Ada", "Bob"]);
}

#[tokio::test]
async fn a_row_that_is_in_the_way_of_those_behind_it_is_named_and_they_are_not_sent() {
    let (fresh, mut s) = shop().await;
    User::insert(new_user("Ada")).one(&fresh.db).await.unwrap();
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    let post = s.add(new_post(key, "a"));
    fresh.statements();
    let error = s.commit().await.unwrap_err();
    assert!(error.is_unique_violation_of(User::EMAIL), "{error}");
    assert_eq!(s.failure().and_then(Failure::row), Some(ada));
    assert_eq!(sent(&fresh), ["INSERT INTO users"]);
    let states = (s.state(ada).unwrap(), s.state(post).unwrap());
    assert_eq!(states, (RowState::Pending, RowState::Pending));
    s.new_row_mut::<NewUser>(ada).unwrap().email = "new@example.org".into();
    s.commit().await.unwrap();
    assert_eq!(s[post].author_id, s[ada].id);
}

#[tokio::test]
async fn a_row_that_does_not_come_back_is_the_failure() {
    let (fresh, mut s) = shop().await;
    let drops = "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                 CREATE TRIGGER nothing BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION nothing()";
    sql(drops).batch(&fresh.db).await.unwrap();
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    s.add(new_post(key, "a"));
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert_eq!(s.failure().and_then(Failure::row), Some(ada));
}

/// What is undone is inserted again, with the key it had: whoever refers to it must not overtake it.
#[tokio::test]
async fn rows_that_are_inserted_again_come_before_those_that_refer_to_them() {
    let (fresh, mut s) = shop().await;
    User::insert(new_user("Bob")).one(&fresh.db).await.unwrap();
    let ada = s.add(new_user("Ada"));
    s.flush().await.unwrap();
    let bob = s.add(new_user("Bob"));
    assert!(s.flush().await.is_err());
    s.remove(bob);
    let post = s.add(new_post(s[ada].id, "a"));
    let key = s.key(post);
    s.add(new_comment(key, "b"));
    s.commit().await.unwrap();
    assert_eq!(Comment::find().count(&fresh.db).await.unwrap(), 1);
}
