//! What is written for a scope, shape by shape: `questions.sql`. Each is also prepared by the server by itself.
//!
//! With `UPDATE_QUESTIONS=1` the table is written anew.

use crate::fresh::Fresh;
use crate::library::{
    Author, Book, Country, NewPortrait, NewTag, Portrait, Tag, TenantId, library, new_author,
    new_book,
};
use ormcore::{Alias, Result, sql};
use std::fmt::Write as _;
use std::path::Path;

struct Table<'l> {
    library: &'l Fresh,
    text: String,
    statements: Vec<String>,
}

impl Table<'_> {
    fn add(&mut self, question: &str) {
        let statements = self.library.statements();
        assert!(!statements.is_empty(), "nothing was sent: {question}");
        let words: Vec<&str> = question.split_whitespace().collect();
        let _ = writeln!(self.text, "-- {}", words.join(" "));
        for statement in statements {
            let _ = writeln!(self.text, "{statement};");
            self.statements.push(statement);
        }
        self.text.push('\n');
    }
}

macro_rules! asked {
    ($table:ident: $($question:expr;)*) => {$(
        std::hint::black_box($question.await.expect(stringify!($question)));
        $table.add(stringify!($question));
    )*};
}

#[tokio::test]
async fn every_shape_has_its_words_and_the_server_takes_them() {
    let library = library().await;
    let mut table = Table {
        library: &library,
        text: String::new(),
        statements: Vec::new(),
    };
    reads(&mut table).await;
    of_all(&mut table).await;
    writes(&mut table).await;
    sessions(&mut table).await.expect("sessions");

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scopes/questions.sql");
    if std::env::var_os("UPDATE_QUESTIONS").is_some() {
        std::fs::write(&file, &table.text).expect("a file");
    }
    let expected = std::fs::read_to_string(&file).expect("questions.sql");
    for (at, (found, expected)) in table.text.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "line {} of questions.sql", at + 1);
    }
    assert_eq!(table.text.lines().count(), expected.lines().count());
    for statement in table.statements {
        if !statement.starts_with("COPY") {
            let prepared = format!("PREPARE question AS {statement}; DEALLOCATE question");
            sql(prepared).batch(&library.db).await.expect("a statement");
        }
    }
}

async fn reads(table: &mut Table<'_>) {
    let db = &table.library.db.scope(TenantId(1));
    let author = Alias::<Author>::new("author");
    let on = || author.col(Author::ID).eq(Portrait::AUTHOR_ID);
    let ids = || Portrait::find().select(Portrait::AUTHOR_ID);
    let two = || Tag::find().scope(TenantId(2)).select(Tag::ID);
    asked! { table:
        Portrait::get(1).one(db);
        Portrait::find().all(db);
        Portrait::find().filter(Portrait::ID.eq(1)).for_update().one(db);
        Author::find().count(db);
        Portrait::find().exists(db);
        Portrait::find().order_by(Portrait::TEXT).page(1, db);
        Tag::find().select(Tag::NAME).distinct().all(db);
        Tag::find().filter(Tag::ID.in_query(ids())).all(db);
        Tag::find().select(Tag::ID).union(two()).union(ids()).all(db);
        Portrait::find().join(author, on()).select(Portrait::ID).all(db);
        Tag::find().of(Tag::find().limit(1)).all(db);
        Author::find().tree(Author::find(), Author::STAFF).select(Author::ID).all(db);
        Tag::find().filter(Tag::BOOKS.any(Book::AUTHOR.is(Author::PORTRAIT.exists()))).all(db);
        Country::find().select(Country::AUTHORS.count()).all(db);
        Tag::find().with(Tag::BOOKS).all(db);
        Tag::find().with(Tag::BOOKS.joined()).all(db);
        Tag::find().with(Tag::BOOKS.limit(1)).all(db);
        Tag::find().with(Tag::BOOKS.limit(1).joined()).all(db);
        Tag::find().with(Tag::BOOKS.lateral()).all(db);
        Portrait::get(1).scope(TenantId(2)).one(db);
    }
    let book = Book::get(1).one(db).await.expect("a book");
    table.library.statements();
    asked! { table:
        book.author.load(db);
        book.tags.load(db);
    }
}

async fn of_all(table: &mut Table<'_>) {
    let db = &table.library.db;
    let tags_of_all_scopes = || Tag::find().all_scopes();
    asked! { table:
        tags_of_all_scopes().all(db);
        tags_of_all_scopes().order_by(Tag::NAME).page(1, db);
        tags_of_all_scopes().filter(Tag::BOOKS.any(Book::AUTHOR.exists())).all(db);
        tags_of_all_scopes().with(Tag::BOOKS).all(db);
        tags_of_all_scopes().with(Tag::BOOKS.joined()).all(db);
        tags_of_all_scopes().with(Tag::BOOKS.limit(1)).all(db);
        tags_of_all_scopes().with(Tag::BOOKS.lateral()).all(db);
        Author::find().all_scopes().with(Author::BOOKS.limit(1)).all(db);
        Author::find().all_scopes().tree(Author::find(), Author::STAFF).select(Author::ID).all(db);
    }
}

async fn writes(table: &mut Table<'_>) {
    let db = &table.library.db.scope(TenantId(1));
    let new = |id| NewPortrait {
        id,
        author_id: id,
        text: "x".into(),
    };
    let none = || Portrait::TEXT.eq("none");
    let author = |id| new_author(id, 1);
    asked! { table:
        Author::insert(author(3)).execute(db);
        Book::insert(new_book(5, 1)).one(db);
        Author::insert_many(vec![author(4)]).execute(db);
        Portrait::insert_many(vec![new(3), new(4)]).all(db);
        Portrait::upsert(new(1)).on_conflict(Portrait::ID).update_all().one(db);
        Portrait::upsert(new(1)).on_conflict(Portrait::AUTHOR_ID).do_nothing().execute(db);
        Portrait::upsert(new(1)).on_constraint("portraits_pkey").update(Portrait::TEXT).execute(db);
        Portrait::upsert_many(vec![new(2)]).on_conflict(Portrait::ID).update_all().all(db);
        Tag::copy_in([NewTag { id: 9, name: "x".into() }]).execute(db);
        Portrait::update(1).set(Portrait::TEXT, "y").execute(db);
        Portrait::update_many().set(Portrait::TEXT, "y").filter(none()).all(db);
        Portrait::update_each(Portrait::TEXT, [(1, "y".into())]).all(db);
        Book::delete().key(5).execute(db);
        Author::delete().key(3).execute(db);
        Portrait::delete().all_rows().execute(db);
        Book::TAGS.of_key(&1).add(db, [2]);
        Book::TAGS.of_key(&1).set(db, [1]);
        Book::TAGS.of_key(&1).has(db, 1);
        Book::TAGS.of_key(&1).keys(db);
        Country::MEMBERS.of_key(&1).count(db);
        Book::TAGS.of_key(&1).clear(db);
    }
}

async fn sessions(table: &mut Table<'_>) -> Result<()> {
    let mut s = table.library.db.scope(TenantId(2)).session();
    let ada = s.get::<Author>(1).await?;
    let [book, other] = [s.get::<Book>(1).await?, s.get::<Book>(3).await?];
    let [one, two] = [s.get::<Tag>(1).await?, s.get::<Tag>(2).await?];
    s.load(ada, Author::BOOKS).await?;
    s.load(book, Book::TAGS).await?;
    table.add("s.get and s.load");
    s[book].title = "x".into();
    s.add(new_author(7, 2));
    s.add_all([8, 9].map(|id| NewTag {
        id,
        name: "new".into(),
    }));
    s.connect(book, Book::TAGS, one)?;
    s.disconnect(book, Book::TAGS, two)?;
    s.flush().await?;
    table.add("s.flush of rows that are new or changed, and of links");
    s.remove(other);
    s.flush().await?;
    table.add("s.flush of a row that is removed");
    s.rollback().await
}
