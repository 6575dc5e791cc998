//! What a flush sends, and what it leaves behind.

use crate::shop::{Mood, Post, User, new_post, new_user, shop};
use ormcore::{ErrorKind, RowState};

/// What is sent besides the ends of transactions.
fn verbs(statements: Vec<String>) -> Vec<String> {
    let two = |text: &String| text.split(' ').take(2).collect::<Vec<_>>().join(" ");
    statements.iter().map(two).collect()
}

#[tokio::test]
async fn nothing_to_write_sends_nothing() {
    let (fresh, mut s) = shop().await;
    let ada = User::insert(new_user("Ada")).one(&fresh.db).await.unwrap();
    let row = s.get::<User>(ada.id).await.unwrap();
    fresh.statements();
    assert_eq!(s.flush().await.unwrap().rows(), 0);
    // Looked at with both hands, and left as it was.
    let name = s[row].name.clone();
    s[row].name = name;
    assert_eq!(s.flush().await.unwrap().rows(), 0);
    s.commit().await.unwrap();
    assert_eq!(fresh.statements(), [""; 0]);
    // And is watched again from then on.
    s[row].age = Some(1);
    s.add(new_user("Bob"));
    s[row].age = None;
    assert_eq!(s.flush().await.unwrap().rows(), 1);
    s[row].age = Some(2);
    assert_eq!(s.commit().await.unwrap().dirty, 1);
}

#[tokio::test]
async fn a_graph_of_new_rows_is_written_with_the_keys_it_gets() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let bob = s.add(new_user("Bob"));
    let (ada_key, bob_key) = (s.key(ada), s.key(bob));
    assert_eq!(ada_key, s.key(ada));
    let mut hello = new_post(bob_key, "Hello");
    hello.editor_id = Some(ada_key);
    let hello = s.add(hello);
    let bye = s.add(new_post(ada_key, "Bye"));
    assert_eq!(
        s.changes().to_string(),
        "insert 2 into users: name, email, age, mood\n\
         insert 1 into posts: author_id, editor_id, title\n\
         insert 1 into posts: author_id, editor_id, title"
            .replace(
                "\ninsert 1 into posts: author_id, editor_id, title\ninsert 1",
                "\ninsert 2"
            )
    );
    let flush = s.commit().await.unwrap();
    assert_eq!((flush.pending, flush.dirty, flush.deleted), (4, 0, 0));
    let sent = fresh.statements();
    assert_eq!(
        verbs(sent.clone()),
        ["SELECT (nextval((SELECT", "WITH input", "WITH input"].map(|text| text
            .split(' ')
            .take(2)
            .collect::<Vec<_>>()
            .join(" "))
    );
    assert_eq!(s[hello].author_id, s[bob].id);
    assert_eq!(s[hello].editor_id, Some(s[ada].id));
    assert_eq!(s[bye].author_id, s[ada].id);
    assert_eq!(s[ada].version, 1);
    let stored = Post::get(s[hello].id).one(&fresh.db).await.unwrap();
    assert_eq!(stored.author_id, s[bob].id);
    assert_eq!(User::get(s[ada].id).one(&fresh.db).await.unwrap(), s[ada]);
}

#[tokio::test]
async fn only_changed_columns_are_written_and_rows_of_the_same_in_one_statement() {
    let (fresh, mut s) = shop().await;
    let names = ["Ada", "Bob", "Cyd", "Dan"];
    let rows = s.add_all(names.map(new_user));
    s.commit().await.unwrap();
    fresh.statements();
    s[rows[0]].age = Some(1);
    s[rows[1]].age = Some(2);
    s[rows[2]].tags = vec!["a".into(), "b,\"c".into()];
    s[rows[2]].mood = Some(Mood::Calm);
    s[rows[3]].tags = vec!["d".into()];
    s[rows[3]].mood = Some(Mood::Wild);
    let flush = s.flush().await.unwrap();
    assert_eq!(flush.dirty, 4);
    let sent = fresh.statements();
    assert_eq!(sent.len(), 2, "{sent:#?}");
    assert!(
        sent[0].starts_with(
            r#"UPDATE "users" SET "age" = "ormcore rows"."age", "version" = "users"."version" + 1, "updated_at" = now() FROM"#
        ),
        "{}",
        sent[0]
    );
    assert_eq!(s[rows[0]].version, 2);
    assert_eq!(s.state(rows[2]).unwrap(), RowState::Clean);
    s.commit().await.unwrap();
    for row in rows {
        let stored = User::get(s[row].id).one(&fresh.db).await.unwrap();
        assert_eq!(stored, s[row]);
    }
}

#[tokio::test]
async fn removed_rows_go_children_first() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    let posts = s.add_all([new_post(key, "a"), new_post(key, "b")]);
    s.commit().await.unwrap();
    fresh.statements();
    s.remove(ada);
    posts.iter().for_each(|post| s.remove(*post));
    assert_eq!(s.state(ada).unwrap(), RowState::Deleted);
    let gone = s.try_row(ada).unwrap_err().to_string();
    assert!(gone.contains("was removed"), "{gone}");
    assert_eq!(
        s.changes().to_string(),
        "delete 1 from users\ndelete 2 from posts"
    );
    assert_eq!(s.flush().await.unwrap().deleted, 3);
    assert_eq!(
        fresh.statements(),
        [
            r#"DELETE FROM "posts" WHERE "id" = ANY($1)"#,
            r#"DELETE FROM "users" WHERE ("id", "version") IN (SELECT * FROM unnest($1::bigint[], $2::integer[])) RETURNING "id""#,
        ]
    );
    s.commit().await.unwrap();
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 0);
    assert!(s.try_row(ada).is_err());
    assert!(s.state(ada).is_err());
}

#[tokio::test]
async fn what_changed_is_flushed_before_the_database_is_asked() {
    let (_fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    assert_eq!(s.all(User::find()).await.unwrap(), [ada]);
    s[ada].name = "Eve".into();
    let eve = User::find().filter(User::NAME.eq("Eve"));
    assert_eq!(s.one(eve).await.unwrap(), ada);
    s.remove(ada);
    assert_eq!(s.all(User::find()).await.unwrap(), []);
    s.rollback().await.unwrap();
    assert_eq!(s.all(User::find()).await.unwrap(), []);
}

#[tokio::test]
async fn a_rollback_restores_what_rows_were() {
    let (fresh, mut s) = shop().await;
    let [ada, bob] = [s.add(new_user("Ada")), s.add(new_user("Bob"))];
    s.commit().await.unwrap();
    let before = format!("{:?}{:?}", s[ada], s[bob]);
    s[ada].name = "x".into();
    s.flush().await.unwrap();
    s[ada].age = Some(3);
    s[ada].tags = vec!["x".into()];
    s.remove(bob);
    s.flush().await.unwrap();
    let cyd = s.add(new_user("Cyd"));
    s.flush().await.unwrap();
    s[cyd].name = "y".into();
    let dan = s.add(new_user("Dan"));
    assert_eq!(s.maybe::<User>(2).await.unwrap(), None);
    s.rollback().await.unwrap();
    assert_eq!(format!("{:?}{:?}", s[ada], s[bob]), before);
    assert!(s.try_row(cyd).is_err() && s.state(dan).is_err());
    assert!(s.changes().is_empty());
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 2);
    // And goes on from there.
    s[ada].age = Some(4);
    s.commit().await.unwrap();
    let stored = User::get(s[ada].id).one(&fresh.db).await.unwrap();
    assert_eq!((stored.age, stored.version), (Some(4), 2));
}

#[tokio::test]
async fn rows_can_expire_with_the_commit_and_are_read_again() {
    let (fresh, s) = shop().await;
    let mut s = s.expire_on_commit(true);
    let ada = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    assert_eq!(s.state(ada).unwrap(), RowState::Expired);
    let expired = s.try_row(ada).unwrap_err();
    assert_eq!(expired.kind(), ErrorKind::Usage);
    assert!(expired.to_string().contains("expired"), "{expired}");
    let all = User::update_many().all_rows().set(User::NAME, "Eve");
    all.execute(&fresh.db).await.unwrap();
    assert_eq!(s.get::<User>(1).await.unwrap(), ada);
    assert_eq!((&*s[ada].name, s[ada].version), ("Eve", 2));
}

#[tokio::test]
async fn statements_of_ones_own_are_part_of_the_transaction() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let tx = s.executor().await.unwrap();
    let all = User::update_many().all_rows().set(User::AGE, 5);
    assert_eq!(all.execute(tx).await.unwrap(), 1);
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 0);
    assert_eq!(s[ada].age, None);
    s.commit().await.unwrap();
    let stored = User::find().one(&fresh.db).await.unwrap();
    assert_eq!(stored.age, Some(5));
}
