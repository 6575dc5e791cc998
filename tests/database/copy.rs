//! Rows are copied into a table, however many they are: all of them or none.

use crate::blog::{NewUser, Post, User, blog, new_post, new_user};
use crate::fresh::{Fresh, fresh};
use futures_util::{StreamExt as _, stream};
use ormcore::{Db, Entity, Error, ErrorKind, entities, sql};
use std::fmt;

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "tasks", insert(NewTask))]
struct Task {
    #[orm(primary_key, generated)]
    id: i64,
    title: String,
    #[orm(default = "3")]
    priority: i32,
    #[orm(default = "'nobody'")]
    owner: Option<String>,
}

fn task(title: &str, priority: Option<i32>, owner: Option<&str>) -> NewTask {
    NewTask {
        title: title.to_owned(),
        priority,
        owner: owner.map(|owner| Some(owner.to_owned())),
    }
}

async fn users(db: &Db) -> Vec<String> {
    let users = User::find().order_by(User::ID).all(db).await;
    let users = users.expect("users").into_iter();
    users.map(|user| user.name).collect()
}

/// A number that the database knows.
#[derive(Entity, Debug)]
struct Answer {
    #[orm(primary_key)]
    answer: i64,
}

pub(crate) async fn answer(db: &Db, expression: &str) -> i64 {
    let question = format!("SELECT ({expression})::bigint AS answer");
    sql(question)
        .one::<Answer>(db)
        .await
        .expect("a number")
        .answer
}

async fn session(fresh: &Fresh) -> i64 {
    answer(&fresh.db, "pg_backend_pid()").await
}

#[tokio::test]
async fn rows_of_an_iterator_are_stored() {
    let blog = blog().await;
    let rows = (0..1_000).map(|number| new_user(&format!("user {number}")));
    assert_eq!(User::copy_in(rows).execute(&blog.db).await.unwrap(), 1_000);
    assert_eq!(
        blog.statements(),
        [r#"COPY "users" ("name", "email", "age") FROM STDIN (FORMAT binary)"#]
    );
    let users = User::find().order_by(User::ID).all(&blog.db).await.unwrap();
    assert_eq!(users.len(), 1_000);
    assert_eq!((&*users[7].name, users[7].age), ("user 7", None));
    // What the database makes was made.
    assert!(users.windows(2).all(|pair| pair[0].id < pair[1].id));
}

#[tokio::test]
async fn rows_of_a_stream_are_stored_as_they_come() {
    let blog = blog().await;
    let rows = stream::iter(0..10).then(|number| async move {
        tokio::task::yield_now().await;
        new_user(&format!("user {number}"))
    });
    assert_eq!(
        User::copy_in_stream(rows).execute(&blog.db).await.unwrap(),
        10
    );
    // From one table into another, without ever having them all.
    let authors = User::find().stream(&blog.db);
    let posts = authors.map(|author| author.map(|author| new_post(&author, &author.name)));
    assert_eq!(
        Post::copy_in_stream(posts).execute(&blog.db).await.unwrap(),
        10
    );
    let published = Post::find().filter(Post::PUBLISHED.eq(true));
    assert_eq!(published.count(&blog.db).await.unwrap(), 10);
}

#[tokio::test]
async fn more_than_fits_into_a_buffer_is_sent_in_pieces() {
    let blog = blog().await;
    let long = "x".repeat(50_000);
    let rows = (0..400).map(|number| NewUser {
        name: long.clone(),
        ..new_user(&number.to_string())
    });
    assert_eq!(User::copy_in(rows).execute(&blog.db).await.unwrap(), 400);
    let letters = answer(&blog.db, "SELECT sum(length(name)) FROM users").await;
    assert_eq!(letters, 20_000_000);
}

#[tokio::test]
async fn no_rows_are_no_statement() {
    let blog = blog().await;
    let none: Vec<NewUser> = Vec::new();
    assert_eq!(User::copy_in(none).execute(&blog.db).await.unwrap(), 0);
    assert!(blog.statements().is_empty());
}

#[tokio::test]
async fn a_default_is_left_to_the_database_in_all_rows_or_in_none() {
    let fresh = fresh(entities![Task]).await;
    let left = [task("a", None, None), task("b", None, None)];
    Task::copy_in(left).execute(&fresh.db).await.unwrap();
    let given = [task("c", Some(1), None), task("d", Some(2), None)];
    Task::copy_in(given).execute(&fresh.db).await.unwrap();
    assert_eq!(
        fresh.statements(),
        [
            r#"COPY "tasks" ("title") FROM STDIN (FORMAT binary)"#,
            r#"COPY "tasks" ("title", "priority") FROM STDIN (FORMAT binary)"#
        ]
    );
    let tasks = Task::find()
        .order_by(Task::ID)
        .all(&fresh.db)
        .await
        .unwrap();
    let seen: Vec<_> = tasks
        .iter()
        .map(|task| (&*task.title, task.priority))
        .collect();
    assert_eq!(seen, [("a", 3), ("b", 3), ("c", 1), ("d", 2)]);
    assert!(
        tasks
            .iter()
            .all(|task| task.owner.as_deref() == Some("nobody"))
    );

    let before = session(&fresh).await;
    for (first, second, column) in [
        (
            task("e", None, None),
            task("f", Some(1), None),
            "column `priority` has a value",
        ),
        (
            task("e", Some(1), None),
            task("f", None, None),
            "column `priority` is left",
        ),
        (
            task("e", None, Some("me")),
            task("f", None, None),
            "column `owner` is left",
        ),
    ] {
        let error = Task::copy_in([first, second])
            .execute(&fresh.db)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        let said = error.to_string();
        assert!(
            said.contains("row 2 cannot be copied") && said.contains(column),
            "{said}"
        );
        assert!(
            said.contains("`insert_many`") && said.contains("copy.rs"),
            "{said}"
        );
    }
    assert_eq!(Task::find().count(&fresh.db).await.unwrap(), 4);
    assert_eq!(
        session(&fresh).await,
        before,
        "a clean connection was closed"
    );
}

#[tokio::test]
async fn a_row_that_gives_nothing_at_all_is_refused() {
    #[derive(Entity)]
    #[orm(table = "empty", insert(NewEmpty))]
    struct Empty {
        #[orm(primary_key, generated)]
        id: i64,
        #[orm(default = "1")]
        number: i32,
    }
    let fresh = fresh(entities![Empty]).await;
    let rows = Empty::copy_in([NewEmpty { number: None }]);
    let error = rows.execute(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("`insert_many`"), "{error}");
}

#[tokio::test]
async fn a_value_postgresql_cannot_hold_is_refused_by_column_and_row() {
    let blog = blog().await;
    let before = session(&blog).await;
    for bad in [1_usize, 2, 5_000] {
        let rows = (1..=10_000).map(|number| {
            let name = if number == bad { "secret\0" } else { "Ada" };
            NewUser {
                name: name.into(),
                ..new_user(&number.to_string())
            }
        });
        let error = User::copy_in(rows).execute(&blog.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        let said = error.to_string();
        let expected = format!(
            "row {bad} cannot be copied: column `name` cannot be sent: text for PostgreSQL cannot hold a NUL character"
        );
        assert!(said.contains(&expected), "{said}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
    assert!(users(&blog.db).await.is_empty());
    assert_eq!(
        session(&blog).await,
        before,
        "a clean connection was closed"
    );
}

#[tokio::test]
async fn what_the_server_refuses_has_the_kind_it_has_for_inserts() {
    let blog = blog().await;
    let before = session(&blog).await;
    let twice = [new_user("Ada"), new_user("Bob"), new_user("Ada")];
    let error = User::copy_in(twice).execute(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert!(error.to_string().contains("COPY \"users\""), "{error}");
    let ada = User::insert(new_user("Ada")).one(&blog.db).await.unwrap();
    let mut orphan = new_post(&ada, "one");
    orphan.author_id += 1;
    let error = Post::copy_in([orphan]).execute(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(users(&blog.db).await, ["Ada"]);
    assert_eq!(Post::find().count(&blog.db).await.unwrap(), 0);
    assert_eq!(
        session(&blog).await,
        before,
        "a clean connection was closed"
    );
}

#[derive(Debug)]
enum Failure {
    Line(usize),
    Database(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

#[tokio::test]
async fn an_error_among_the_rows_ends_the_copy_and_is_what_the_caller_gets() {
    let blog = blog().await;
    for last in [0, 1, 20_000] {
        let rows = (0..last).map(|number| Ok(new_user(&number.to_string())));
        let rows = rows.chain([Err(Failure::Line(last))]);
        let failure = User::copy_in(rows).execute(&blog.db).await.unwrap_err();
        assert!(
            matches!(failure, Failure::Line(line) if line == last),
            "{failure}"
        );
    }
    assert!(users(&blog.db).await.is_empty());
    let twice = ["Ada", "Ada"].map(|name| Ok::<_, Failure>(new_user(name)));
    let failure = User::copy_in(twice).execute(&blog.db).await.unwrap_err();
    assert!(matches!(failure, Failure::Database(error) if error.is_unique_violation()));
}

#[tokio::test]
async fn a_copy_is_part_of_its_transaction() {
    let blog = blog().await;
    let tx = blog.db.begin().await.unwrap();
    User::copy_in([new_user("Ada")]).execute(&tx).await.unwrap();
    User::insert(new_user("Bob")).execute(&tx).await.unwrap();
    User::copy_in([new_user("Cyd")]).execute(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(users(&blog.db).await, ["Ada", "Bob", "Cyd"]);
    let tx = blog.db.begin().await.unwrap();
    User::copy_in([new_user("Dan")]).execute(&tx).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(users(&blog.db).await, ["Ada", "Bob", "Cyd"]);
}

#[tokio::test]
async fn a_transaction_with_a_copy_that_was_given_up_is_not_committed() {
    let blog = blog().await;
    let bad = || [new_user("Bob"), new_user("\0")];
    let tx = blog.db.begin().await.unwrap();
    User::insert(new_user("Ada")).execute(&tx).await.unwrap();
    let error = User::copy_in(bad()).execute(&tx).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    assert!(error.to_string().contains("COPY"), "{error}");

    let tx = blog.db.begin().await.unwrap();
    User::insert(new_user("Ada")).execute(&tx).await.unwrap();
    let theirs = [Ok(new_user("Bob")), Err(Failure::Line(1))];
    User::copy_in(theirs).execute(&tx).await.unwrap_err();
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    assert!(users(&blog.db).await.is_empty());

    // A savepoint undoes the failure with the rest.
    let mut tx = blog.db.begin().await.unwrap();
    User::insert(new_user("Ada")).execute(&tx).await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    User::copy_in(bad()).execute(&savepoint).await.unwrap_err();
    savepoint.rollback().await.unwrap();
    User::copy_in([new_user("Eve")]).execute(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(users(&blog.db).await, ["Ada", "Eve"]);
}
