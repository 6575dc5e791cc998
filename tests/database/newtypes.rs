//! Types of the program around one other: as a column of the inner type, of a type by name, or as a domain.

use crate::fresh::{Fresh, fresh, fresh_after};
use ormcore::{Entity, ErrorKind, Many, One, Value, entities, schema, sql};
use rust_decimal::Decimal;
use uuid::Uuid;

#[derive(Value, Clone, Copy, Debug, PartialEq)]
struct OwnerId(i64);

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "email", check = "VALUE LIKE '%@%'")]
struct Email(String);

#[derive(Value, Debug, Clone, PartialEq)]
#[orm(type = "varchar(5)")]
struct Code(String);

#[derive(Value, Debug, Clone, PartialEq)]
struct Tags(Vec<String>);

#[derive(Value, Debug, Clone, PartialEq)]
struct Price(Decimal);

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "owners", insert(NewOwner), patch(OwnerPatch))]
struct Owner {
    #[orm(primary_key, generated)]
    id: OwnerId,
    email: Email,
    second: Option<Email>,
    others: Vec<Email>,
    #[orm(type = "email[]")]
    bare: Vec<String>,
    gaps: Vec<Option<Code>>,
    #[orm(default = "'new'")]
    code: Code,
    tags: Tags,
    maybe_tags: Option<Tags>,
    prices: Vec<Price>,
}

fn email(text: &str) -> Email {
    Email(text.to_owned())
}

fn full() -> NewOwner {
    NewOwner {
        email: email("ada@x"),
        second: Some(email("a@y")),
        others: vec![email("b@x"), email("@")],
        bare: vec!["c@x".into()],
        gaps: vec![None, Some(Code("abcde".into()))],
        code: Some(Code("xyz".into())),
        tags: Tags(vec!["new".into(), String::new()]),
        maybe_tags: Some(Tags(vec![])),
        prices: vec![Price("1.50".parse().expect("a number"))],
    }
}

fn bare() -> NewOwner {
    NewOwner {
        email: email("nobody@"),
        second: None,
        others: vec![],
        bare: vec![],
        gaps: vec![],
        code: None,
        tags: Tags(vec![]),
        maybe_tags: None,
        prices: vec![],
    }
}

fn stored(id: OwnerId, new: NewOwner) -> Owner {
    Owner {
        id,
        email: new.email,
        second: new.second,
        others: new.others,
        bare: new.bare,
        gaps: new.gaps,
        code: new.code.unwrap_or_else(|| Code("new".into())),
        tags: new.tags,
        maybe_tags: new.maybe_tags,
        prices: new.prices,
    }
}

#[tokio::test]
async fn newtypes_come_back_as_they_were_inserted() {
    let fresh = fresh(entities![Owner]).await;
    for row in [full(), bare()] {
        let one = Owner::insert(row.clone()).one(&fresh.db).await.unwrap();
        assert_eq!(one, stored(one.id, row));
        assert_eq!(Owner::get(one.id).one(&fresh.db).await.unwrap(), one);
    }
    let rows = vec![bare(), full(), bare()];
    let many = Owner::insert_many(rows.clone()).all(&fresh.db).await;
    for (many, row) in many.unwrap().into_iter().zip(rows) {
        assert_eq!(many, stored(many.id, row));
    }
}

#[tokio::test]
async fn newtypes_can_be_compared_set_and_patched() {
    let fresh = fresh(entities![Owner]).await;
    let rows = Owner::insert_many(vec![full(), bare()]).all(&fresh.db);
    let ids: Vec<_> = rows.await.unwrap().iter().map(|row| row.id).collect();
    for condition in [
        Owner::ID.eq(ids[0]),
        Owner::ID.lt(ids[1]),
        Owner::EMAIL.in_([email("ada@x"), email("c@x")]),
        Owner::SECOND.eq(email("a@y")),
        Owner::OTHERS.eq(vec![email("b@x"), email("@")]),
        Owner::CODE.eq(Code("xyz".into())),
        Owner::TAGS.ne(Tags(vec![])),
        Owner::MAYBE_TAGS.is_not_null(),
    ] {
        let found = Owner::find().filter(condition).one(&fresh.db).await;
        assert_eq!(found.unwrap().id, ids[0]);
    }
    let patch = OwnerPatch {
        email: Some(email("eve@x")),
        second: Some(None),
        tags: Some(Tags(vec!["old".into()])),
        ..OwnerPatch::default()
    };
    let row = Owner::update(ids[0])
        .patch(patch)
        .set(Owner::OTHERS, vec![email("z@z")])
        .set(Owner::MAYBE_TAGS, Tags(vec!["x".into()]));
    let row = row.one(&fresh.db).await.unwrap();
    assert_eq!((row.email, row.second), (email("eve@x"), None));
    assert_eq!(row.others, [email("z@z")]);
    assert_eq!(row.maybe_tags, Some(Tags(vec!["x".into()])));
}

#[tokio::test]
async fn the_domain_checks_what_its_newtype_does_not() {
    let fresh = fresh(entities![Owner]).await;
    let wrong = || NewOwner {
        email: email("nobody"),
        ..bare()
    };
    let in_list = || NewOwner {
        others: vec![email("nobody")],
        ..bare()
    };
    for rows in [vec![wrong()], vec![bare(), wrong()], vec![in_list()]] {
        let error = Owner::insert_many(rows).execute(&fresh.db).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::CheckViolation);
    }
    let error = Owner::insert(in_list()).execute(&fresh.db).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::CheckViolation);
}

#[tokio::test]
async fn null_in_a_newtype_is_an_error_that_names_the_column() {
    let fresh = fresh(entities![Owner]).await;
    let id = Owner::insert(full()).one(&fresh.db).await.unwrap().id;
    let nulls = "ALTER TABLE owners ALTER email DROP NOT NULL; UPDATE owners SET email = NULL";
    sql(nulls).batch(&fresh.db).await.unwrap();
    let error = Owner::get(id).one(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.to_string().contains("column `email` is NULL"),
        "{error}"
    );
}

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "book_id")]
struct BookId(Uuid);

#[derive(Entity, Debug)]
#[orm(table = "books", insert(NewBook))]
struct Book {
    #[orm(primary_key, generated)]
    id: BookId,
    title: String,
    #[orm(references(Book))]
    sequel_of: Option<BookId>,
    #[orm(belongs_to(Book, key = sequel_of))]
    first: One<Option<Book>>,
    #[orm(has_many(Book, key = sequel_of))]
    sequels: Many<Book>,
}

async fn books() -> (Fresh, Vec<Book>) {
    let fresh = fresh(entities![Book]).await;
    let book = |title: &str, sequel_of| NewBook {
        title: title.into(),
        sequel_of,
    };
    let first = Book::insert_many(vec![book("a", None), book("b", None)]);
    let mut books = first.all(&fresh.db).await.expect("books");
    let id = || Some(books[0].id.clone());
    let sequels = vec![book("a2", id()), book("a3", id())];
    let sequels = Book::insert_many(sequels).all(&fresh.db).await;
    let sequels = sequels.expect("books");
    books.extend(sequels);
    (fresh, books)
}

#[tokio::test]
async fn a_newtype_can_be_a_key_that_the_database_makes() {
    let (fresh, books) = books().await;
    assert_ne!(books[0].id, books[1].id);
    let first = Book::get(books[0].id.clone()).with(Book::SEQUELS);
    let first = first.one(&fresh.db).await.unwrap();
    assert_eq!(first.sequels.get().unwrap().len(), 2);
    assert_eq!(books[3].sequel_of.as_ref(), Some(&books[0].id));
    let of = books[3].first.load(&fresh.db).await.unwrap();
    assert_eq!(of.map(|book| &*book.title), Some("a"));
    let all = Book::find().with(Book::FIRST).order_by(Book::TITLE);
    let all = all.all(&fresh.db).await.unwrap();
    let firsts = all.iter().map(|book| book.first.get().unwrap().is_some());
    assert_eq!(firsts.collect::<Vec<_>>(), [false, true, true, false]);
}

/// Long text in any case, made before the program came.
#[derive(Value, Debug, Clone, PartialEq)]
#[orm(type = "shout")]
struct Shout(String);

#[derive(Entity, Debug)]
#[orm(table = "shouts", insert(NewShouted))]
struct Shouted {
    #[orm(primary_key)]
    text: Shout,
}

#[tokio::test]
async fn a_type_that_is_only_named_is_nobodys_to_make() {
    let fresh = fresh_after("CREATE DOMAIN shout AS text CHECK (VALUE = upper(VALUE))").await;
    let create = schema::create(&fresh.db, entities![Shouted]);
    create.await.unwrap();
    let shout = |text: &str| NewShouted {
        text: Shout(text.into()),
    };
    let many = Shouted::insert_many(vec![shout("A"), shout("B")]);
    assert_eq!(many.execute(&fresh.db).await.unwrap(), 2);
    let error = Shouted::insert(shout("c")).execute(&fresh.db).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::CheckViolation);
    let found = Shouted::get(Shout("A".into())).one(&fresh.db).await;
    assert_eq!(found.unwrap().text, Shout("A".into()));
}

#[derive(Value, Debug, Clone, PartialEq)]
#[orm(domain = "labels", check = "cardinality(VALUE) < 3")]
struct Labels(Vec<String>);

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "boxes", insert(NewBox))]
struct Labelled {
    #[orm(primary_key)]
    id: i64,
    labels: Labels,
    old: Option<Labels>,
}

#[tokio::test]
async fn a_domain_over_an_array_holds_whole_arrays() {
    let fresh = fresh(entities![Labelled]).await;
    let labels = |labels: &[&str]| Labels(labels.iter().map(|label| (*label).into()).collect());
    let row = |id, old| NewBox {
        id,
        labels: labels(&["a", "b"]),
        old,
    };
    let rows = vec![row(1, None), row(2, Some(labels(&[])))];
    let stored = |new: NewBox| Labelled {
        id: new.id,
        labels: new.labels,
        old: new.old,
    };
    let many = Labelled::insert_many(rows.clone()).all(&fresh.db).await;
    assert_eq!(
        many.unwrap(),
        rows.into_iter().map(stored).collect::<Vec<_>>()
    );
    let one = Labelled::insert(row(3, Some(labels(&["c"]))));
    let one = one.one(&fresh.db).await.unwrap();
    assert_eq!(one.old, Some(labels(&["c"])));
    let listed = Labelled::find().filter(Labelled::OLD.in_([labels(&["c"]), labels(&["d"])]));
    assert_eq!(listed.one(&fresh.db).await.unwrap(), one);
    let found = Labelled::find().filter(Labelled::OLD.eq(labels(&["c"])));
    assert_eq!(found.one(&fresh.db).await.unwrap().id, 3);
    let many = labels(&["a", "b", "c"]);
    for error in [
        Labelled::update(1)
            .set(Labelled::LABELS, many.clone())
            .execute(&fresh.db)
            .await,
        Labelled::insert_many(vec![NewBox {
            labels: many,
            ..row(4, None)
        }])
        .execute(&fresh.db)
        .await,
    ] {
        assert_eq!(error.unwrap_err().kind(), ErrorKind::CheckViolation);
    }
}
