//! A COPY is one CLIENT span, however many rows and pieces it has.

use crate::attributes::lines;
use crate::blog::{NewUser, User, new_user};
use crate::observed::{Observed, attribute};
use opentelemetry::trace::{SpanKind, Status};
use ormcore::Error;

#[tokio::test]
async fn a_copy_says_how_many_rows_were_written() {
    let blog = Observed::blog().await;
    let rows = (0..5_000).map(|number| new_user(&format!("user {number}")));
    let copy = User::copy_in(rows).execute(&blog.db);
    let line = line!() - 1;
    assert_eq!(copy.await.expect("a copy"), 5_000);

    let span = blog.only_span();
    assert_eq!(
        (&*span.name, &span.span_kind),
        ("db.query.copy_in", &SpanKind::Client)
    );
    let text = lines(&blog, &span).replace(file!(), "{this file}");
    let text = text.replace(&format!("int = {line}\n"), "int = {line}\n");
    assert_eq!(
        text,
        r#"
code.file.path: string = {this file}
code.line.number: int = {line}
db.collection.name: string = users
db.namespace: string = {database}|public
db.operation.name: string = copy_in
db.query.summary: string = COPY users
db.query.text: string = COPY "users" ("name", "email", "age") FROM STDIN (FORMAT binary)
db.result.affected_rows: int = 5000
db.system.name: string = postgresql
ormcore.pool.wait_duration: double = …
ormcore.statement.cached: bool = false
server.address: string = 127.0.0.1
server.port: int = {port}
"#
    );
    let again = User::copy_in([new_user("Ada")]);
    again.execute(&blog.db).await.expect("a copy");
    let cached = attribute(&blog.only_span(), "ormcore.statement.cached");
    assert_eq!(cached.as_deref(), Some("true"));
}

#[tokio::test]
async fn a_copy_that_fails_says_why_and_shows_no_value() {
    let blog = Observed::blog().await;
    let secret = |name: &str| NewUser {
        email: "secret".into(),
        ..new_user(name)
    };
    for (rows, why) in [
        ([secret("Ada"), secret("Bob")], "23505"),
        ([secret("Ada"), secret("secret\0")], "encode"),
    ] {
        let refused = User::copy_in(rows).execute(&blog.db).await;
        refused.expect_err("a refusal");
        let span = blog.only_span();
        assert_eq!(attribute(&span, "error.type").as_deref(), Some(why));
        assert!(matches!(span.status, Status::Error { .. }));
        assert_eq!(attribute(&span, "db.result.affected_rows"), None);
        assert!(!format!("{span:?}").contains("secret"), "{span:?}");
    }
}

#[tokio::test]
async fn rows_that_end_in_an_error_of_the_caller_are_no_failure_of_the_database() {
    let blog = Observed::blog().await;
    let theirs = User::get(1).one(&blog.db).await.expect_err("nobody");
    blog.spans();
    let rows = [Ok::<_, Error>(new_user("Ada")), Err(theirs)];
    let refused = User::copy_in(rows).execute(&blog.db).await;
    assert!(
        refused
            .expect_err("theirs")
            .to_string()
            .contains("no such `User`")
    );
    let error = attribute(&blog.only_span(), "error.type");
    assert_eq!(error.as_deref(), Some("cancelled"));
}

#[tokio::test]
async fn a_copy_out_is_one_span_whose_text_has_no_values() {
    let blog = Observed::blog().await;
    let new = (0..500).map(|number| new_user(&format!("secret {number}")));
    User::copy_in(new).execute(&blog.db).await.expect("a copy");
    blog.spans();
    let users = || User::find().filter(User::NAME.ne("secret 3")).limit(5);
    let mut rows = users().copy_out(&blog.db);
    let line = line!() - 1;
    assert_eq!(rows.next_chunk(100).await.expect("users").len(), 5);
    drop(rows);

    let span = blog.only_span();
    assert_eq!(
        (&*span.name, &span.span_kind),
        ("db.query.copy_out", &SpanKind::Client)
    );
    assert!(!format!("{span:?}").contains("secret"), "{span:?}");
    let text = lines(&blog, &span).replace(file!(), "{this file}");
    assert_eq!(
        text,
        format!(
            r#"
code.file.path: string = {{this file}}
code.line.number: int = {line}
db.collection.name: string = users
db.namespace: string = {{database}}|public
db.operation.name: string = copy_out
db.query.filters_count: int = 1
db.query.limit: int = 5
db.query.summary: string = COPY users
db.query.text: string = COPY (SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE "name" <> $1 LIMIT $2) TO STDOUT (FORMAT binary)
db.response.returned_rows: int = 5
db.result.count: int = 5
db.system.name: string = postgresql
ormcore.pool.wait_duration: double = …
ormcore.statement.cached: bool = false
server.address: string = 127.0.0.1
server.port: int = {{port}}
"#
        ),
    );
    // One that is dropped says how far it came.
    let mut rows = User::find().copy_out(&blog.db);
    rows.next().await.expect("a row").expect("a row");
    drop(rows);
    let span = blog.only_span();
    assert_eq!(attribute(&span, "error.type").as_deref(), Some("cancelled"));
    let in_tx = async |tx: &mut ormcore::Transaction| users().copy_out(tx).next_chunk(9).await;
    blog.db.transaction(in_tx).await.expect("users");
    let names: Vec<_> = blog.spans().iter().map(|span| span.name.clone()).collect();
    assert_eq!(names, ["db.transaction", "db.query.copy_out"]);
}
