//! Constraints that say no: the error knows the fields, whatever the constraint is called and whoever asked.

use crate::fresh::{Fresh, fresh_after};
use ormcore::{Column, Entity, Error, ErrorKind, sql};

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "users", insert(NewUser, derive(Clone)))]
struct User {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    email: String,
    #[orm(unique = "users_name_idx")]
    name: String,
    #[orm(constraint = "grown_up")]
    age: i32,
    height: i32,
    note: Option<String>,
}

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "posts", schema = "blog", insert(NewPost))]
struct Post {
    #[orm(primary_key)]
    id: i64,
    #[orm(references(User))]
    author_id: i64,
    #[orm(references(Post))]
    answers_id: Option<i64>,
    #[orm(rename = "the \"title\", (so)")]
    title: String,
}

const TABLES: &str = r#"
    CREATE TABLE users (
        id bigint PRIMARY KEY,
        email text NOT NULL UNIQUE,
        name text NOT NULL,
        age int NOT NULL CONSTRAINT grown_up CHECK (age >= 18),
        height int NOT NULL CHECK (height > 0),
        note text NOT NULL
    );
    CREATE UNIQUE INDEX users_name_idx ON users (lower(name));
    CREATE SCHEMA blog;
    CREATE TABLE blog.posts (
        id bigint PRIMARY KEY,
        author_id bigint NOT NULL REFERENCES users,
        answers_id bigint REFERENCES blog.posts DEFERRABLE,
        "the ""title"", (so)" text NOT NULL,
        UNIQUE ("the ""title"", (so)", author_id)
    );
    CREATE TABLE posts (id bigint PRIMARY KEY, author_id bigint REFERENCES users);
    GRANT INSERT ON users TO pg_monitor"#;

/// One user and one post of hers, each with the key 1.
async fn blog() -> Fresh {
    let fresh = fresh_after(TABLES).await;
    let user = User::insert(user(1)).execute(&fresh.db);
    user.await.expect("a user");
    let post = Post::insert(post(1, 1)).execute(&fresh.db);
    post.await.expect("a post");
    fresh
}

fn user(id: i64) -> NewUser {
    NewUser {
        id,
        email: format!("s3cr3t{id}"),
        name: format!("s3cr3t{id}"),
        age: 18,
        height: 1,
        note: Some("s3cr3t".into()),
    }
}

fn post(id: i64, author_id: i64) -> NewPost {
    NewPost {
        id,
        author_id,
        answers_id: None,
        title: "s3cr3t".into(),
    }
}

/// What it is a violation of, by every column there is.
fn blamed(error: &Error) -> Vec<&'static str> {
    fn of<E: Entity, T: Copy>(error: &Error, column: Column<E, T>) -> Option<&'static str> {
        error.is_violation_of(column).then(|| column.info().field)
    }
    let text = error.to_string();
    assert!(!text.contains("s3cr3t"), "{text}");
    fn any<E: Entity, T>(error: &Error, column: Column<E, T>) -> Option<&'static str> {
        let unique = error.is_unique_violation_of(column);
        let violated = error.is_violation_of(column);
        assert_eq!(unique, violated && error.is_unique_violation());
        violated.then(|| column.info().field)
    }
    for (is, kind) in [
        (error.is_unique_violation(), ErrorKind::UniqueViolation),
        (
            error.is_foreign_key_violation(),
            ErrorKind::ForeignKeyViolation,
        ),
        (error.is_check_violation(), ErrorKind::CheckViolation),
        (error.is_not_null_violation(), ErrorKind::NotNullViolation),
    ] {
        assert_eq!(is, error.kind() == kind, "{error}");
    }
    let found = [
        of(error, User::ID),
        any(error, User::EMAIL),
        any(error, User::NAME),
        of(error, User::AGE),
        of(error, User::HEIGHT),
        any(error, User::NOTE),
        any(error, Post::ID).map(|_| "post id"),
        of(error, Post::AUTHOR_ID),
        of(error, Post::ANSWERS_ID),
        any(error, Post::TITLE),
    ];
    found.into_iter().flatten().collect()
}

#[tokio::test]
async fn every_constraint_is_known_by_its_fields() {
    let blog = blog().await;
    let db = &blog.db;
    let broken = |change: fn(&mut NewUser)| {
        let mut new = user(2);
        change(&mut new);
        User::insert(new).execute(db)
    };
    let other = |change: fn(&mut NewPost)| {
        let mut new = post(2, 1);
        change(&mut new);
        Post::insert(new).execute(db)
    };
    let unique = ErrorKind::UniqueViolation;
    let foreign = ErrorKind::ForeignKeyViolation;
    for (refused, kind, fields, text) in [
        (
            broken(|new| new.id = 1).await,
            unique,
            &["id"][..],
            "`User::id` must be unique: ",
        ),
        (
            broken(|new| new.email = user(1).email).await,
            unique,
            &["email"],
            "`User::email` must be unique: ",
        ),
        (
            broken(|new| new.name = "S3CR3T1".into()).await,
            unique,
            &["name"],
            "`User::name` must be unique: ",
        ),
        (
            broken(|new| new.age = 17).await,
            ErrorKind::CheckViolation,
            &["age"],
            "`User::age` must pass the check `grown_up`: ",
        ),
        (
            broken(|new| new.height = 0).await,
            ErrorKind::CheckViolation,
            &["height"],
            "`User::height` must pass the check `users_height_check`: ",
        ),
        (
            broken(|new| new.note = None).await,
            ErrorKind::NotNullViolation,
            &["note"],
            "`User::note` must not be NULL: ",
        ),
        (
            other(|new| new.id = 1).await,
            unique,
            &["post id"],
            "`Post::id` must be unique: ",
        ),
        (
            other(|_| ()).await,
            unique,
            &["author_id", "title"],
            "`Post::author_id` and `Post::title` must be unique together: ",
        ),
        (
            other(|new| new.author_id = 404).await,
            foreign,
            &["author_id"],
            "`Post::author_id` must refer to a row of `users`: ",
        ),
        (
            other(|new| (new.title, new.answers_id) = ("other".into(), Some(404))).await,
            foreign,
            &["answers_id"],
            "`Post::answers_id` must refer to a row of `posts`: ",
        ),
        // The other row is in the way: the statement is about another table than the constraint.
        (
            User::delete().key(1).execute(db).await,
            foreign,
            &["author_id"],
            "update or delete on table \"users\" violates",
        ),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(
            (error.kind(), blamed(&error)),
            (kind, fields.to_vec()),
            "{error}"
        );
        assert!(error.to_string().starts_with(text), "{error}");
    }
    assert_eq!(User::find().count(db).await.unwrap(), 1);
}

#[tokio::test]
async fn columns_are_those_that_postgresql_tells() {
    let blog = blog().await;
    let again = Post::insert(post(2, 1))
        .execute(&blog.db)
        .await
        .unwrap_err();
    assert_eq!(again.columns(), ["the \"title\", (so)", "author_id"]);
    assert_eq!(
        (again.schema(), again.table()),
        (Some("blog"), Some("posts"))
    );
    let named = User::insert(NewUser {
        name: user(1).name,
        ..user(2)
    });
    let named = named.execute(&blog.db).await.unwrap_err();
    assert_eq!(named.columns(), ["lower(name)"]);
    // A table of the same name in another schema is another table.
    let other = sql("INSERT INTO posts VALUES (1, 404)").execute(&blog.db);
    let other = other.await.unwrap_err();
    assert_eq!(other.columns(), ["author_id"]);
    assert_eq!(blamed(&other), [""; 0]);
    let no_violation = sql("SELECT 1 / 0").execute(&blog.db).await.unwrap_err();
    assert!(no_violation.columns().is_empty() && blamed(&no_violation).is_empty());
}

#[tokio::test]
async fn a_constraint_is_known_to_those_who_may_not_see_its_columns() {
    let blog = blog().await;
    let tx = blog.db.begin().await.unwrap();
    sql("SET LOCAL ROLE pg_monitor").execute(&tx).await.unwrap();
    let again = User::insert(NewUser {
        email: user(1).email,
        ..user(2)
    });
    let error = again.execute(&tx).await.unwrap_err();
    assert_eq!((error.detail(), error.columns().len()), (None, 0));
    assert_eq!(blamed(&error), ["email"]);
    tx.rollback().await.unwrap();
    let tx = blog.db.begin().await.unwrap();
    sql("SET LOCAL ROLE pg_monitor").execute(&tx).await.unwrap();
    let error = User::insert(user(1)).execute(&tx).await.unwrap_err();
    assert_eq!(blamed(&error), ["id"]);
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn a_refusal_says_which_statement_and_which_line_whoever_asked() {
    let blog = blog().await;
    let db = &blog.db;
    let (tx, twice) = (&db.begin().await.unwrap(), vec![user(1)]);
    let unread = "SELECT 1::bigint AS id, NULL::text AS email";
    let broken = || User::find().filter((User::AGE / 0).eq(1));
    let errors = [
        User::insert(user(1)).one(db).await.map(drop),
        User::insert(user(1)).execute(tx).await.map(drop),
        User::insert_many(twice.clone()).all(db).await.map(drop),
        User::insert_many(twice.clone()).execute(db).await.map(drop),
        User::insert_many(twice.clone()).keys(db).await.map(drop),
        User::copy_in(twice).execute(db).await.map(drop),
        User::update(1).set(User::AGE, 1).one(db).await.map(drop),
        User::update_many()
            .set(User::AGE, 1)
            .all_rows()
            .execute(db)
            .await
            .map(drop),
        User::delete().all_rows().execute(db).await.map(drop),
        sql("INSERT INTO users VALUES (1)")
            .execute(db)
            .await
            .map(drop),
        sql("INSERT INTO users VALUES (1)").batch(db).await,
        sql(unread).all::<User>(db).await.map(drop),
        sql("SELECT 1 / 0").scalar::<i32>(db).await.map(drop),
        sql("SELECT 1 / 0").scalars::<i32>(db).await.map(drop),
        broken().all(db).await.map(drop),
        broken().count(db).await.map(drop),
        broken().exists(db).await.map(drop),
        broken().first(db).await.map(drop),
        broken().stream(db).next().await.unwrap().map(drop),
        broken().page(1, db).await.map(drop),
        User::find().select(User::AGE / 0).all(db).await.map(drop),
        db.notify("", "").await,
        tx.notify("", "").await,
    ];
    for (number, error) in errors.into_iter().enumerate() {
        let error = error.expect_err(&format!("number {number}"));
        let line = error.location();
        assert!(
            line.is_some_and(|line| line.file().ends_with("violations.rs")),
            "{number}: {error}"
        );
        assert!(error.statement().is_some(), "{number}: {error}");
        assert!(!error.to_string().contains("s3cr3t"), "{number}: {error}");
    }
    let tx = db.begin().await.unwrap();
    let error = Post::insert(post(1, 1)).execute(&tx).await.unwrap_err();
    assert!(error.is_unique_violation_of(Post::ID));
}
