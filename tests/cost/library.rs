//! A library of four levels, and a person of six columns, as in the benches.

use chrono::{DateTime, Utc};
use dev_postgres::{Template, TestDatabase};
use ormcore::{Db, Entity, Many, One, entities, sql};

#[derive(Entity, Debug)]
#[orm(table = "people", insert(NewPerson))]
pub(crate) struct Person {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub name: String,
    pub email: String,
    pub age: Option<i32>,
    pub active: bool,
    #[orm(generated, default = "now()")]
    pub created_at: DateTime<Utc>,
}

#[derive(Entity, Debug)]
#[orm(table = "authors", insert(NewAuthor))]
pub(crate) struct Author {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub name: String,
    #[orm(has_many(Book, key = author_id))]
    pub books: Many<Book>,
}

#[derive(Entity, Debug)]
#[orm(table = "books", insert(NewBook))]
pub(crate) struct Book {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(Author))]
    pub author_id: i64,
    #[orm(belongs_to(key = author_id))]
    pub author: One<Author>,
    #[orm(has_many(Chapter, key = book_id))]
    pub chapters: Many<Chapter>,
    #[orm(has_many(Loan, key = book_id))]
    pub loans: Many<Loan>,
}

#[derive(Entity, Debug)]
#[orm(table = "loans")]
pub(crate) struct Loan {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(Book))]
    pub book_id: i64,
}

#[derive(Entity, Debug)]
#[orm(table = "chapters")]
pub(crate) struct Chapter {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(Book))]
    pub book_id: i64,
    #[orm(has_many(Note, key = chapter_id))]
    pub notes: Many<Note>,
}

#[derive(Entity, Debug)]
#[orm(table = "notes")]
pub(crate) struct Note {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(Chapter))]
    pub chapter_id: i64,
}

/// Its SQL is long: a text written anew would be seen in the bytes allocated.
#[derive(Entity, Debug)]
#[orm(table = "scrolls")]
pub(crate) struct Scroll {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub the_first_of_the_columns_whose_names_are_as_long_as_they_can_be: Option<i32>,
    pub the_second_of_the_columns_whose_names_are_as_long_as_they_can: Option<i32>,
    pub the_third_of_the_columns_whose_names_are_as_long_as_they_can_b: Option<i32>,
    pub the_fourth_of_the_columns_whose_names_are_as_long_as_they_can: Option<i32>,
    pub the_fifth_of_the_columns_whose_names_are_as_long_as_they_can_b: Option<i32>,
    pub the_sixth_of_the_columns_whose_names_are_as_long_as_they_can_b: Option<i32>,
    pub the_seventh_of_the_columns_whose_names_are_as_long_as_they_can: Option<i32>,
    pub the_eighth_of_the_columns_whose_names_are_as_long_as_they_can: Option<i32>,
    pub the_ninth_of_the_columns_whose_names_are_as_long_as_they_can_b: Option<i32>,
    pub the_tenth_of_the_columns_whose_names_are_as_long_as_they_can_b: Option<i32>,
}

static LIBRARY: Template = Template::new("cost", |url| {
    Box::pin(async move {
        let db = Db::connect(&url).await?;
        let all = entities![Person, Author, Book, Loan, Chapter, Note, Scroll];
        ormcore::schema::create(&db, all).await?;
        sql(FILL).batch(&db).await?;
        Ok(())
    })
});

const FILL: &str = "
    INSERT INTO people (name, email, age, active)
    SELECT 'name ' || n, n || '@example.org', n % 90, n % 2 = 0 FROM generate_series(1, 2000) AS n;
    INSERT INTO authors (name) SELECT 'author ' || n FROM generate_series(1, 10) AS n;
    INSERT INTO books (author_id) SELECT n % 10 + 1 FROM generate_series(1, 100) AS n;
    INSERT INTO loans (book_id) SELECT n % 100 + 1 FROM generate_series(1, 200) AS n;
    INSERT INTO chapters (book_id) SELECT n % 100 + 1 FROM generate_series(1, 300) AS n;
    INSERT INTO notes (chapter_id) SELECT n % 300 + 1 FROM generate_series(1, 600) AS n;
    ANALYZE;";

/// A library of a test's own; it is gone when this is dropped.
pub(crate) fn library() -> TestDatabase {
    LIBRARY.database().expect("a database")
}

pub(crate) fn new_person() -> NewPerson {
    NewPerson {
        name: "Ada".to_owned(),
        email: "ada@example.org".to_owned(),
        age: Some(36),
        active: true,
    }
}
