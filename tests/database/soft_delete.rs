//! Rows that are marked as deleted: left out on every way there is to them, unless they are asked for.

use crate::fresh::{Fresh, fresh};
use crate::statements::sent;
use chrono::{DateTime, Utc};
use ormcore::{Alias, Entity, Expression, Many, One, count, entities};

#[derive(Entity, Debug, Clone)]
#[orm(table = "authors", insert(NewAuthor))]
struct Author {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    name: String,
    boss_id: Option<i64>,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
    #[orm(has_many(Book, key = author_id))]
    books: Many<Book>,
    #[orm(has_many(Author, key = boss_id))]
    staff: Many<Author>,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "books", insert(NewBook))]
struct Book {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Author))]
    author_id: i64,
    title: String,
    #[orm(version)]
    version: i32,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
    #[orm(belongs_to(key = author_id))]
    author: One<Author>,
}

/// Ada (boss of Bob, Cleo) and Bob (boss of Dora) and Cleo and Dora; two books of Ada's, one of Bob's. Bob and the first book
/// are deleted.
async fn library() -> Fresh {
    let fresh = fresh(entities![Author, Book]).await;
    let author = |name: &str, boss_id| NewAuthor {
        name: name.into(),
        boss_id,
    };
    let authors = vec![
        author("Ada", None),
        author("Bob", Some(1)),
        author("Cleo", Some(1)),
        author("Dora", Some(2)),
    ];
    let db = &fresh.db;
    Author::insert_many(authors)
        .execute(db)
        .await
        .expect("a library");
    let book = |author_id, title: &str| NewBook {
        author_id,
        title: title.into(),
    };
    let books = vec![book(1, "first"), book(1, "second"), book(2, "third")];
    Book::insert_many(books)
        .execute(db)
        .await
        .expect("a library");
    let bob = Author::delete().key(2).execute(db).await;
    let first = Book::delete().filter(Book::TITLE.eq("first"));
    assert_eq!(
        (
            bob.expect("a library"),
            first.execute(db).await.expect("a library")
        ),
        (1, 1)
    );
    fresh.statements();
    fresh
}

fn names(authors: &[Author]) -> Vec<&str> {
    authors.iter().map(|author| &*author.name).collect()
}

fn titles(books: &[Book]) -> Vec<&str> {
    books.iter().map(|book| &*book.title).collect()
}

#[tokio::test]
async fn questions_leave_them_out_unless_they_are_meant() {
    let library = library().await;
    let db = &library.db;
    let find = || Author::find().order_by(Author::ID);
    let all = find().all(db).await.unwrap();
    assert_eq!(names(&all), ["Ada", "Cleo", "Dora"]);
    assert_eq!(find().count(db).await.unwrap(), 3);
    let bob = || Author::find().filter(Author::NAME.eq("Bob"));
    assert!(!bob().exists(db).await.unwrap());
    assert!(bob().maybe(db).await.unwrap().is_none());
    assert!(Author::get(2).maybe(db).await.unwrap().is_none());
    assert!(Author::get(2).one(db).await.unwrap_err().is_not_found());
    assert!(Author::get(1).maybe(db).await.unwrap().is_some());
    let with_books = Author::get(2).with(Author::BOOKS);
    assert!(with_books.maybe(db).await.unwrap().is_none());
    for _ in 0..2 {
        let bob = Author::get(2).with_deleted().one(db).await.unwrap();
        assert_eq!(bob.name, "Bob");
        assert!(Author::get(2).maybe(db).await.unwrap().is_none());
    }
    let some: Vec<String> = find().select(Author::NAME).all(db).await.unwrap();
    assert_eq!(some, ["Ada", "Cleo", "Dora"]);

    let shown = find().with_deleted().all(db).await.unwrap();
    assert_eq!(names(&shown), ["Ada", "Bob", "Cleo", "Dora"]);
    assert!(bob().with_deleted().exists(db).await.unwrap());
    let only = find().only_deleted().all(db).await.unwrap();
    assert_eq!(names(&only), ["Bob"]);
    assert!(only[0].deleted_at.is_some());
    assert!(all.iter().all(|author| author.deleted_at.is_none()));
    assert_eq!(find().only_deleted().count(db).await.unwrap(), 1);
    let deleted = find()
        .with_deleted()
        .filter(Author::DELETED_AT.is_not_null());
    assert_eq!(deleted.count(db).await.unwrap(), 1);
}

#[tokio::test]
async fn so_do_relations_however_they_are_loaded() {
    let library = library().await;
    let db = &library.db;
    let find = || Author::find().order_by(Author::ID);
    for authors in [
        find().with(Author::BOOKS).all(db).await.unwrap(),
        find().with(Author::BOOKS.joined()).all(db).await.unwrap(),
        find()
            .with(Author::BOOKS.order_by(Book::ID))
            .all(db)
            .await
            .unwrap(),
    ] {
        assert_eq!(names(&authors), ["Ada", "Cleo", "Dora"]);
        assert_eq!(titles(authors[0].books.get().unwrap()), ["second"]);
    }
    let lazy = find().all(db).await.unwrap();
    assert_eq!(titles(lazy[0].books.load(db).await.unwrap()), ["second"]);

    // A row that belongs to a deleted one belongs to none that can be seen.
    let books = || Book::find().order_by(Book::ID);
    for books in [
        books().with(Book::AUTHOR).all(db).await.unwrap(),
        books().with(Book::AUTHOR.joined()).all(db).await.unwrap(),
    ] {
        assert_eq!(titles(&books), ["second", "third"]);
        assert_eq!(books[0].author.get().unwrap().name, "Ada");
        assert!(books[1].author.get().unwrap_err().is_not_found());
    }
    let lazy = books().all(db).await.unwrap();
    assert!(lazy[1].author.load(db).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn so_do_questions_about_related_rows() {
    let library = library().await;
    let db = &library.db;
    let first = Author::BOOKS.any(Book::TITLE.eq("first"));
    assert_eq!(Author::find().filter(first).count(db).await.unwrap(), 0);
    let with_books = Author::find().with_deleted().filter(Author::BOOKS.exists());
    assert_eq!(with_books.count(db).await.unwrap(), 2);
    let counts = Author::find().order_by(Author::ID);
    let counts: Vec<(String, i64)> = counts
        .select((Author::NAME, Author::BOOKS.count()))
        .all(db)
        .await
        .unwrap();
    let counts: Vec<_> = counts.iter().map(|(name, n)| (&**name, *n)).collect();
    assert_eq!(counts, [("Ada", 1), ("Cleo", 0), ("Dora", 0)]);
    let orphans = Book::find().filter(Book::AUTHOR.missing());
    assert_eq!(titles(&orphans.all(db).await.unwrap()), ["third"]);
    let of_bob = Book::find().filter(Book::AUTHOR.is(Author::NAME.eq("Bob")));
    assert!(!of_bob.exists(db).await.unwrap());
    let ids = || Author::find().select(Author::ID);
    let books = Book::find().filter(Book::AUTHOR_ID.in_query(ids()));
    assert_eq!(titles(&books.all(db).await.unwrap()), ["second"]);
}

#[tokio::test]
async fn so_do_joins_trees_and_questions_of_questions() {
    let library = library().await;
    let db = &library.db;
    let boss = Alias::<Author>::new("boss");
    let on = || boss.col(Author::ID).eq(Author::BOSS_ID);
    let pairs = |find: ormcore::Find<Author>| async move {
        let select = find.select((
            Expression::from(Author::NAME).nullable(),
            boss.maybe(Author::NAME),
        ));
        let mut pairs: Vec<(Option<String>, Option<String>)> = select.all(db).await.unwrap();
        pairs.sort();
        let pair = |(name, boss): &(Option<String>, Option<String>)| {
            let text = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".into());
            format!("{} {}", text(name), text(boss))
        };
        pairs.iter().map(pair).collect::<Vec<_>>()
    };
    let find = Author::find;
    assert_eq!(pairs(find().join(boss, on())).await, ["Cleo Ada"]);
    let left = pairs(find().left_join(boss, on())).await;
    assert_eq!(left, ["Ada -", "Cleo Ada", "Dora -"]);
    let full = pairs(find().full_join(boss, on())).await;
    assert_eq!(full, ["- Cleo", "- Dora", "Ada -", "Cleo Ada", "Dora -"]);
    let all = pairs(find().with_deleted().join(boss, on())).await;
    assert_eq!(all, ["Bob Ada", "Cleo Ada"]);

    // Who is below a deleted row is not found through it.
    let roots = || Author::find().filter(Author::NAME.eq("Ada"));
    let tree = |find: ormcore::Find<Author>| find.tree(roots(), Author::STAFF).order_by(Author::ID);
    let below = tree(Author::find()).all(db).await.unwrap();
    assert_eq!(names(&below), ["Ada", "Cleo"]);
    let below = tree(Author::find().with_deleted()).all(db).await.unwrap();
    assert_eq!(names(&below), ["Ada", "Bob", "Cleo", "Dora"]);
    let of = Author::find().of(Author::find().with_deleted());
    assert_eq!(of.count(db).await.unwrap(), 3);
    let page = Author::find().order_by(Author::ID).page(10, db).await;
    assert_eq!(page.unwrap().rows.len(), 3);
    let counted: Vec<i64> = Author::find().select(count()).all(db).await.unwrap();
    assert_eq!(counted, [3]);
}

#[tokio::test]
async fn so_do_updates_and_deletes() {
    let library = library().await;
    let db = &library.db;
    let rename = |id: i64| Author::update(id).set(Author::BOSS_ID, 4);
    assert_eq!(rename(2).execute(db).await.unwrap(), 0);
    assert!(rename(2).one(db).await.unwrap_err().is_not_found());
    let all = Author::update_many().all_rows().set(Author::BOSS_ID, 4);
    assert_eq!(all.execute(db).await.unwrap(), 3);
    let each = Author::update_each(Author::BOSS_ID, [(1, None), (2, None)]);
    assert_eq!(each.execute(db).await.unwrap(), 1);
    let before = Author::find().only_deleted().one(db).await.unwrap();
    // The first mark stays.
    assert_eq!(Author::delete().key(2).execute(db).await.unwrap(), 0);
    let after = Author::find().only_deleted().one(db).await.unwrap();
    assert_eq!(
        (before.deleted_at, before.boss_id),
        (after.deleted_at, Some(1))
    );
    let gone = Author::delete().key(3).one(db).await.unwrap();
    assert!(gone.deleted_at.is_some());
    let rest = Author::delete().all_rows().all(db).await.unwrap();
    assert_eq!(rest.len(), 2);
    assert_eq!(Author::find().count(db).await.unwrap(), 0);
}

#[tokio::test]
async fn an_index_on_the_others_lets_a_value_be_used_again() {
    let library = library().await;
    let db = &library.db;
    let bob = || NewAuthor {
        name: "Bob".into(),
        boss_id: Some(4),
    };
    let upsert = || Author::upsert(bob()).on_conflict(Author::NAME).update_all();
    // Where all rows have names of their own, the deleted one is in the way, and stays deleted.
    let old = upsert().one(db).await.unwrap();
    assert_eq!((old.id, old.boss_id), (2, Some(4)));
    assert!(old.deleted_at.is_some());
    let index = "ALTER TABLE authors DROP CONSTRAINT authors_name_key;
                 CREATE UNIQUE INDEX ON authors (name) WHERE deleted_at IS NULL";
    ormcore::sql(index).batch(db).await.unwrap();
    let new = upsert().one(db).await.unwrap();
    assert_ne!(new.id, 2);
    assert_eq!(upsert().one(db).await.unwrap().id, new.id);
    let many = Author::upsert_many(vec![bob()]).on_conflict(Author::NAME);
    assert_eq!(many.update_all().all(db).await.unwrap()[0].id, new.id);
    assert!(
        Author::restore(2)
            .one(db)
            .await
            .unwrap_err()
            .is_unique_violation()
    );
}

#[tokio::test]
async fn a_deleted_row_comes_back_or_goes_for_good() {
    let library = library().await;
    let db = &library.db;
    let bob = Author::restore(2).one(db).await.unwrap();
    assert_eq!((&*bob.name, bob.deleted_at), ("Bob", None));
    assert_eq!(Author::get(2).one(db).await.unwrap().name, "Bob");
    // There is nothing to bring back any more.
    assert_eq!(Author::restore(2).execute(db).await.unwrap(), 0);
    let still = Author::delete().key(1).hard().execute(db).await;
    assert!(still.unwrap_err().is_foreign_key_violation());
    let old = Book::delete().hard().filter(Book::DELETED_AT.is_not_null());
    assert_eq!(titles(&old.all(db).await.unwrap()), ["first"]);
    assert_eq!(Book::find().with_deleted().count(db).await.unwrap(), 2);
    // To be deleted and to come back are changes.
    let deleted = Book::delete().key(2).version(1).one(db).await.unwrap();
    assert_eq!((deleted.version, deleted.author_id), (2, 1));
    assert!(deleted.deleted_at.is_some());
    assert_eq!(Book::restore(2).one(db).await.unwrap().version, 3);
}

#[tokio::test]
async fn what_is_sent() {
    let library = library().await;
    let db = &library.db;
    let columns = r#""id", "name", "boss_id", "deleted_at""#;
    let select = format!(r#"SELECT {columns} FROM "authors" WHERE "#);
    Author::get(1).maybe(db).await.unwrap();
    let one = sent(&library);
    assert_eq!(
        one,
        format!(r#"{select}"id" = $1 AND "deleted_at" IS NULL"#)
    );
    Author::find().all(db).await.unwrap();
    assert_eq!(sent(&library), format!(r#"{select}"deleted_at" IS NULL"#));
    let only = Author::find().only_deleted().filter(Author::ID.gt(1));
    only.all(db).await.unwrap();
    let expected = format!(r#"{select}"id" > $1 AND "deleted_at" IS NOT NULL"#);
    assert_eq!(sent(&library), expected);
    Author::find().with_deleted().count(db).await.unwrap();
    assert_eq!(sent(&library), r#"SELECT count(*) FROM "authors""#);

    Author::delete().key(1).execute(db).await.unwrap();
    let mark = r#"SET "deleted_at" = now()"#;
    let expected = format!(r#"UPDATE "authors" {mark} WHERE "id" = $1 AND "deleted_at" IS NULL"#);
    assert_eq!(sent(&library), expected);
    Book::delete().key(1).execute(db).await.unwrap();
    let expected = format!(
        r#"UPDATE "books" {mark}, "version" = "version" + 1 WHERE "id" = $1 AND "deleted_at" IS NULL"#
    );
    assert_eq!(sent(&library), expected);
    Author::restore(1).execute(db).await.unwrap();
    let expected =
        r#"UPDATE "authors" SET "deleted_at" = $1 WHERE "id" = $2 AND "deleted_at" IS NOT NULL"#;
    assert_eq!(sent(&library), expected);
    Book::delete().all_rows().hard().execute(db).await.unwrap();
    assert_eq!(sent(&library), r#"DELETE FROM "books""#);

    let any = Author::BOOKS.any(Book::TITLE.eq("x"));
    Author::find().filter(any).count(db).await.unwrap();
    let expected = concat!(
        r#"SELECT count(*) FROM "authors" WHERE EXISTS (SELECT FROM "books" AS s1 WHERE s1."author_id" = "authors"."id" "#,
        r#"AND s1."deleted_at" IS NULL AND s1."title" = $1) AND "deleted_at" IS NULL"#,
    );
    assert_eq!(sent(&library), expected);
    Book::delete().key(1).execute(db).await.unwrap();
    assert_eq!(library.operations(), ["delete"]);
}
