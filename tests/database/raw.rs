//! Your own SQL: its columns are found by name, its values are bound, its mistakes are named.

use crate::blog::{Post, User, blog, new_post, new_user};
use crate::fresh::Fresh;
use ormcore::{Entity, ErrorKind, sql};

async fn two() -> Fresh {
    let blog = blog().await;
    let users = vec![new_user("Ada"), new_user("Bob")];
    let users = User::insert_many(users).all(&blog.db).await.expect("users");
    let post = Post::insert(new_post(&users[0], "first")).execute(&blog.db);
    post.await.expect("a post");
    blog.statements();
    blog
}

#[tokio::test]
async fn columns_are_found_by_name_wherever_they_are() {
    let blog = two().await;
    for text in [
        "SELECT * FROM users WHERE name = $1",
        "SELECT age, created_at, email, name, id FROM users WHERE name = $1",
        "SELECT 1 AS more, u.*, 'x' AS others FROM users AS u WHERE name = $1",
        "WITH found AS (SELECT * FROM users WHERE name = $1) TABLE found",
        "UPDATE users SET age = age WHERE name = $1 RETURNING *",
    ] {
        let ada = sql(text).bind("Ada".to_owned()).one::<User>(&blog.db);
        let ada = ada.await.unwrap();
        assert_eq!(
            (ada.id, &*ada.name, &*ada.email),
            (1, "Ada", "ada@example.org")
        );
        assert_eq!(ada.posts.load(&blog.db).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_missing_column_is_an_error_that_says_what_there_is() {
    let blog = two().await;
    let find = sql("SELECT id, name, created_at FROM users");
    let error = find.all::<User>(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = error.to_string();
    let expected = "the result has no column `email`, which `User` needs; it has: id, name, created_at; statement: ";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("raw.rs:"), "{text}");
}

#[tokio::test]
async fn a_column_that_is_there_twice_is_not_guessed() {
    let blog = two().await;
    let joined = sql("SELECT * FROM posts JOIN users ON users.id = posts.author_id");
    let error = joined.all::<User>(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = error.to_string();
    assert!(
        text.contains("several columns `id`") && text.contains("`User`"),
        "{text}"
    );
    // A column that is not needed may be there as often as it likes.
    let twice = sql("SELECT users.*, 1 AS x, 2 AS x FROM users");
    assert_eq!(twice.all::<User>(&blog.db).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_column_of_another_type_is_an_error() {
    let blog = two().await;
    let find = sql("SELECT id, name, email, age::text, created_at FROM users");
    let error = find.all::<User>(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = error.to_string();
    assert!(
        text.contains("column `age`") && text.contains("expects integer"),
        "{text}"
    );
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "users")]
struct Name {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "users")]
struct Mail {
    #[orm(primary_key, rename = "email")]
    address: String,
    id: i64,
}

#[tokio::test]
async fn one_text_is_read_into_different_entities() {
    let blog = two().await;
    let text = "SELECT * FROM users ORDER BY id";
    for _ in 0..2 {
        let names: Vec<Name> = sql(text).all(&blog.db).await.unwrap();
        assert_eq!((names[1].id, &*names[1].name), (2, "Bob"));
        let mails: Vec<Mail> = sql(text).all(&blog.db).await.unwrap();
        assert_eq!((mails[1].id, &*mails[1].address), (2, "bob@example.org"));
        let users: Vec<User> = sql(text).all(&blog.db).await.unwrap();
        assert_eq!(users.len(), 2);
        assert_eq!(sql(text).execute(&blog.db).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn values_of_all_kinds_are_bound() {
    let blog = two().await;
    let find = sql(
        "SELECT * FROM users WHERE id = ANY($1) AND name = $2 AND ($3::int IS NULL OR age = $3) AND $4 AND $5 > 1.5",
    );
    let find = find
        .bind(vec![1_i64, 2])
        .bind("Ada".to_owned())
        .bind(None::<i32>)
        .bind(true)
        .bind(rust_decimal::Decimal::TWO);
    assert_eq!(find.one::<User>(&blog.db).await.unwrap().id, 1);
}

#[tokio::test]
async fn one_wants_exactly_one() {
    let blog = two().await;
    let all = || sql("SELECT * FROM users");
    let none = || sql("SELECT * FROM users WHERE false");
    let error = all().one::<User>(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyRows);
    assert!(error.to_string().contains("more than one row came back"));
    let error = all().maybe::<User>(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyRows);
    assert!(
        none()
            .one::<User>(&blog.db)
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(none().maybe::<User>(&blog.db).await.unwrap().is_none());
    assert!(none().all::<User>(&blog.db).await.unwrap().is_empty());
}

#[tokio::test]
async fn executing_counts_rows() {
    let blog = two().await;
    for (text, count) in [
        ("UPDATE users SET age = $1", 2),
        ("UPDATE users SET age = $1 WHERE id = 1", 1),
        ("DELETE FROM users WHERE age IS DISTINCT FROM $1", 1),
        (
            "INSERT INTO users (name, email, age) SELECT 'n', i::text, $1 FROM generate_series(1, 5) AS i",
            5,
        ),
    ] {
        let execute = sql(text).bind(7 + i32::from(count == 1)).execute(&blog.db);
        assert_eq!(execute.await.unwrap(), count, "{text}");
    }
    assert_eq!(sql("CREATE TABLE t ()").execute(&blog.db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_batch_runs_statements_without_values() {
    let blog = two().await;
    let batch = sql("CREATE TABLE a (); CREATE TABLE b (); DROP TABLE a");
    batch.batch(&blog.db).await.unwrap();
    let error = sql("SELECT $1").bind(1).batch(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("a batch has no parameters"));
    let undone = sql("CREATE TABLE c (); SELECT * FROM nowhere");
    let error = undone.batch(&blog.db).await.unwrap_err();
    assert_eq!(error.code(), Some("42P01"));
    let error = sql("DROP TABLE c").batch(&blog.db).await.unwrap_err();
    assert_eq!(error.code(), Some("42P01"));
}

#[tokio::test]
async fn too_few_and_too_many_values_are_a_mistake_of_the_caller() {
    let blog = two().await;
    let text = "SELECT * FROM users WHERE id = $1 AND age = $2";
    let few = sql(text).bind(1_i64);
    let many = sql(text).bind(1_i64).bind(2).bind(3);
    for (sql, values) in [(few, 1), (many, 3)] {
        let error = sql.all::<User>(&blog.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
        let expected = format!("has 2 placeholders, but {values} values were bound");
        assert!(error.to_string().contains(&expected), "{error}");
    }
    assert_eq!(User::find().count(&blog.db).await.unwrap(), 2);
}

#[tokio::test]
async fn a_value_of_a_wrong_type_is_refused_and_never_shown() {
    let blog = two().await;
    let find = sql("SELECT * FROM users WHERE id = $1 OR name = $2");
    let find = find.bind(1_i64).bind(4711_i64);
    let error = find.all::<User>(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    let text = error.to_string();
    assert!(text.contains("$2") && text.contains("text"), "{text}");
    assert!(!text.contains("4711"), "{text}");
    let find = sql("SELECT * FROM users WHERE name = $1::text::int::text");
    let find = find.bind("secret".to_owned());
    let error = find.all::<User>(&blog.db).await.unwrap_err();
    assert_eq!(error.code(), Some("22P02"));
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn a_mistake_in_the_text_names_statement_and_line() {
    let blog = two().await;
    let error = sql("SELEKT 1").execute(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database);
    assert_eq!(error.code(), Some("42601"));
    assert_eq!(error.statement(), Some("SELEKT 1"));
    assert!(error.location().unwrap().file().ends_with("raw.rs"));
}

#[tokio::test]
async fn values_are_read_without_an_entity() {
    let blog = two().await;
    let count: i64 = sql("SELECT count(*) FROM users")
        .scalar(&blog.db)
        .await
        .unwrap();
    assert_eq!(count, 2);
    let ids: Vec<i64> = sql("SELECT id FROM users ORDER BY id")
        .scalars(&blog.db)
        .await
        .unwrap();
    assert_eq!(ids, [1, 2]);
    let rows: Vec<(i64, Option<i32>)> = sql("SELECT id, NULL::int FROM users ORDER BY id DESC")
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(rows, [(2, None), (1, None)]);
    let none: Option<(i64,)> = sql("SELECT id FROM users WHERE id < 0")
        .maybe(&blog.db)
        .await
        .unwrap();
    assert_eq!(none, None);
    let none = sql("SELECT id FROM users WHERE id < 0")
        .scalar::<i64>(&blog.db)
        .await;
    assert_eq!(none.unwrap_err().kind(), ErrorKind::NotFound);
    let wrong = sql("SELECT id FROM users")
        .all::<(i32,)>(&blog.db)
        .await
        .unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Decode);
    assert!(
        wrong
            .to_string()
            .contains("column 1 of the result has type int8, but is read as integer"),
        "{wrong}"
    );
    let few = sql("SELECT id FROM users")
        .all::<(i64, i64)>(&blog.db)
        .await
        .unwrap_err();
    assert!(
        few.to_string()
            .contains("column 2 of the result has type nothing"),
        "{few}"
    );
}
