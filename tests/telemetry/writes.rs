//! What writes are called, and how many rows they say they wrote.

use crate::blog::{User, new_user};
use crate::observed::{Observed, attribute};
use ormcore::{Entity, ErrorKind, entities};

/// The operation of the only statement, its summary, and how many rows were written and came back.
fn seen(observed: &Observed) -> [String; 4] {
    let span = observed.only_span();
    let names = [
        "db.operation.name",
        "db.query.summary",
        "db.result.affected_rows",
        "db.result.count",
    ];
    assert_eq!(attribute(&span, "error.type"), None);
    names.map(|name| attribute(&span, name).unwrap_or_default())
}

#[tokio::test]
async fn an_upsert_says_what_became_of_it() {
    let blog = Observed::blog().await;
    let upsert = |name: &str| User::upsert(new_user(name)).on_conflict(User::EMAIL);
    let insert = "INSERT users";
    let one = upsert("Ada").update(User::NAME).one(&blog.db).await;
    one.expect("a user");
    assert_eq!(seen(&blog), ["upsert", insert, "1", "1"]);
    let again = upsert("Ada").do_nothing().execute(&blog.db).await;
    assert_eq!(again.expect("none"), 0);
    assert_eq!(seen(&blog), ["upsert", insert, "0", ""]);
    let rows = vec![new_user("Ada"), new_user("Bob"), new_user("Cyd")];
    let many = User::upsert_many(rows).on_conflict(User::EMAIL);
    let many = many.do_nothing().all(&blog.db).await;
    assert_eq!(many.expect("two").len(), 2);
    assert_eq!(seen(&blog), ["upsert", insert, "2", "2"]);
    let rows = [(1, Some(1)), (99, None)];
    let each = User::update_each(User::AGE, rows).execute(&blog.db).await;
    assert_eq!(each.expect("one"), 1);
    assert_eq!(seen(&blog), ["update", "UPDATE users", "1", ""]);
    let gone = User::delete().filter(User::ID.gt(0)).all(&blog.db).await;
    assert_eq!(gone.expect("three").len(), 3);
    assert_eq!(seen(&blog), ["delete", "DELETE users", "3", "3"]);
}

#[derive(Entity)]
#[orm(insert(NewNote))]
struct Note {
    #[orm(primary_key)]
    id: i64,
    #[orm(version)]
    version: i32,
    #[orm(soft_delete)]
    deleted_at: Option<chrono::DateTime<chrono::Utc>>,
}

#[tokio::test]
async fn a_row_that_is_marked_as_deleted_is_deleted_to_those_who_asked() {
    let blog = Observed::blog().await;
    let db = &blog.db;
    ormcore::schema::create(db, entities![Note])
        .await
        .expect("a table");
    let note = Note::insert(NewNote { id: 1 }).one(db).await;
    assert!(note.expect("a note").deleted_at.is_none());
    blog.spans();
    let stale = Note::delete().key(1).version(9).execute(db).await;
    let stale = stale.expect_err("it has the version 1");
    assert_eq!(stale.kind(), ErrorKind::StaleVersion);
    // The statement did what it was told to.
    assert_eq!(seen(&blog), ["delete", "UPDATE notes", "0", ""]);
    let gone = Note::delete().key(1).version(1).one(db).await;
    assert_eq!(gone.expect("a note").version, 2);
    assert_eq!(seen(&blog), ["delete", "UPDATE notes", "1", "1"]);
    Note::delete().key(1).hard().execute(db).await.expect("one");
    assert_eq!(seen(&blog), ["delete", "DELETE notes", "1", ""]);
}
