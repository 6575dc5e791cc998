//! Many rows, each changed to values of its own.

use crate::blog::{Post, User, blog, new_post, new_user};
use crate::fresh::{Fresh, fresh};
use crate::statements::sent;
use ormcore::{Entity, ErrorKind, entities};

async fn three() -> Fresh {
    let blog = blog().await;
    let users = ["Ada", "Bob", "Cleo"].map(new_user).into();
    User::insert_many(users)
        .execute(&blog.db)
        .await
        .expect("three users");
    blog.statements();
    blog
}

#[tokio::test]
async fn each_row_gets_its_own_values() {
    let blog = three().await;
    let rows = [(3, ("C".to_owned(), Some(3))), (1, ("A".to_owned(), None))];
    let update = User::update_each((User::NAME, User::AGE), rows);
    let changed = update.all(&blog.db).await.unwrap();
    let changed: Vec<_> = changed.iter().map(|row| (row.id, row.age)).collect();
    assert_eq!(changed, [(3, Some(3)), (1, None)]);
    assert_eq!(blog.operations(), ["update"]);
    let rows = User::find().order_by(User::ID).all(&blog.db).await.unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (&*row.name, row.age)).collect();
    assert_eq!(rows, [("A", None), ("Bob", None), ("C", Some(3))]);
}

#[tokio::test]
async fn a_key_without_a_row_shows_in_the_count() {
    let blog = three().await;
    let ages = |ids: &[i64]| ids.iter().map(|id| (*id, Some(7))).collect::<Vec<_>>();
    let update = User::update_each(User::AGE, ages(&[1, 99, 2]));
    assert_eq!(update.execute(&blog.db).await.unwrap(), 2);
    let update = User::update_each(User::AGE, ages(&[99, 3, 98]));
    let changed = update.all(&blog.db).await.unwrap();
    assert_eq!(changed.iter().map(|row| row.id).collect::<Vec<_>>(), [3]);
    let young = User::update_each(User::AGE, ages(&[1, 2])).filter(User::NAME.eq("Bob"));
    assert_eq!(young.execute(&blog.db).await.unwrap(), 1);
}

#[tokio::test]
async fn of_several_values_for_a_key_the_last_count() {
    let blog = three().await;
    let rows = [(2, Some(1)), (1, Some(2)), (2, Some(3))];
    let changed = User::update_each(User::AGE, rows).all(&blog.db).await;
    let changed: Vec<_> = changed
        .unwrap()
        .iter()
        .map(|row| (row.id, row.age))
        .collect();
    assert_eq!(changed, [(2, Some(3)), (1, Some(2))]);
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_one_statement() {
    let blog = three().await;
    let users = (0..100_000).map(|n| new_user(&format!("user {n}")));
    let keys = User::insert_many(users.collect())
        .keys(&blog.db)
        .await
        .unwrap();
    blog.statements();
    let rows = keys.iter().map(|key| (*key, Some((*key % 1_000) as i32)));
    let update = User::update_each(User::AGE, rows);
    assert_eq!(update.execute(&blog.db).await.unwrap(), 100_000);
    assert_eq!(blog.statements().len(), 1);
    let wrong = User::find().filter(User::ID.gt(3) & User::AGE.cast::<i64>().ne(User::ID % 1_000));
    assert_eq!(wrong.count(&blog.db).await.unwrap(), 0);
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "lines", insert(NewLine))]
struct Line {
    #[orm(primary_key)]
    order_id: i64,
    #[orm(primary_key)]
    code: String,
    /// An update knows no default.
    #[orm(default = "'none'")]
    note: Option<String>,
    tags: Vec<String>,
}

#[tokio::test]
async fn keys_of_two_columns_arrays_and_nulls_are_values_like_others() {
    let fresh = fresh(entities![Line]).await;
    let line = |code: &str| NewLine {
        order_id: 1,
        code: code.into(),
        note: None,
        tags: vec!["old".into()],
    };
    let lines = vec![line("a"), line("b"), line("c")];
    Line::insert_many(lines).execute(&fresh.db).await.unwrap();
    let values = |note: Option<&str>, tags: &[&str]| {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).into()).collect();
        (note.map(str::to_owned), tags)
    };
    let rows = [
        ((1, "c".to_owned()), values(Some("x"), &["1", "2"])),
        ((1, "a".to_owned()), values(None, &[])),
        ((2, "b".to_owned()), values(None, &["never"])),
    ];
    let update = Line::update_each((Line::NOTE, Line::TAGS), rows);
    let changed = update.all(&fresh.db).await.unwrap();
    let changed: Vec<_> = changed
        .iter()
        .map(|row| (&*row.code, row.note.as_deref(), row.tags.len()))
        .collect();
    assert_eq!(changed, [("c", Some("x"), 2), ("a", None, 0)]);
    let b = Line::get((1, "b")).one(&fresh.db).await.unwrap();
    assert_eq!((b.note.as_deref(), b.tags.len()), (Some("none"), 1));
}

#[tokio::test]
async fn what_finds_a_row_is_not_changed_and_nothing_is_nothing() {
    let blog = three().await;
    let none: [(i64, Option<i32>); 0] = [];
    let update = || User::update_each(User::AGE, none);
    assert_eq!(update().execute(&blog.db).await.unwrap(), 0);
    assert!(update().all(&blog.db).await.unwrap().is_empty());
    let key = User::update_each(User::ID, [(1, 2)])
        .execute(&blog.db)
        .await;
    let twice = User::update_each((User::AGE, User::AGE), [(1, (None, None))]);
    for error in [key.unwrap_err(), twice.all(&blog.db).await.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Usage);
        let text = error.to_string();
        assert!(text.contains("an update of each `User`"), "{text}");
        assert!(text.contains("update_each.rs:"), "{text}");
    }
    assert!(blog.statements().is_empty());
}

#[tokio::test]
async fn what_is_sent() {
    let blog = three().await;
    let ada = User::get(1).one(&blog.db).await.unwrap();
    Post::insert(new_post(&ada, "a"))
        .execute(&blog.db)
        .await
        .unwrap();
    blog.statements();
    let update = || {
        let rows = [(1, ("x".to_owned(), true))];
        Post::update_each((Post::TITLE, Post::PUBLISHED), rows).filter(Post::AUTHOR_ID.eq(1))
    };
    let set = r#"UPDATE "posts" SET "title" = "ormcore rows"."title", "published" = "ormcore rows"."published" FROM "#;
    let unnest = "unnest($1::bigint[], $2::text[], $3::boolean[])";
    let given = r#"t0."id", t0."title", t0."published""#;
    let found = r#"WHERE "posts"."id" = "ormcore rows"."id" AND "posts"."author_id" = $4"#;
    update().execute(&blog.db).await.unwrap();
    let expected = format!(
        r#"{set}(SELECT {given} FROM {unnest} AS t0 ("id", "title", "published")) AS "ormcore rows" {found}"#
    );
    assert_eq!(sent(&blog), expected);

    update().all(&blog.db).await.unwrap();
    let position = r#""ormcore position""#;
    let columns = ["id", "author_id", "editor_id", "title", "published"];
    let own = columns
        .map(|column| format!(r#""posts"."{column}""#))
        .join(", ");
    let columns = columns.map(|column| format!(r#""{column}""#)).join(", ");
    let expected = [
        &*format!(
            r#"WITH stored AS ({set}(SELECT {given}, {position} FROM {unnest} WITH ORDINALITY "#
        ),
        &format!(r#"AS t0 ("id", "title", "published", {position})) AS "ormcore rows" {found} "#),
        &format!(
            r#"RETURNING {own}, {position}) SELECT {columns} FROM stored ORDER BY {position}"#
        ),
    ];
    assert_eq!(sent(&blog), expected.concat());
}
