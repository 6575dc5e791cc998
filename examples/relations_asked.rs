//! Questions about related rows without loading them, and every way to load them: some, the best few, for all at once, not at all.
//! Run it with `cargo run --example relations_asked`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Condition, Db, Entity, ErrorKind, Lazy, Many, One, Result, Row, entities};
use serde::Serialize;
use serde_json::json;

#[derive(Entity, Debug)]
#[orm(table = "asked_authors", insert(NewAuthor))]
struct Author {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(has_many(Book, key = author_id))]
    books: Many<Book>,
    /// Only some of them, whoever asks.
    #[orm(has_many(Book, key = author_id, when = Book::is_hit))]
    hits: Many<Book>,
}

/// In JSON a relation is there when it has been loaded.
#[derive(Entity, Debug, Serialize)]
#[orm(table = "asked_books", insert(NewBook))]
struct Book {
    #[orm(primary_key)]
    id: i64,
    #[orm(references(Author, on_delete = "cascade"))]
    author_id: i64,
    #[orm(references(Author, on_delete = "cascade"))]
    editor_id: Option<i64>,
    title: String,
    sold: i32,
    /// The first book that asks for it asks for all that were read with it.
    #[orm(belongs_to(key = author_id, lazy = "peers"))]
    #[serde(skip)]
    author: One<Author>,
    /// Not every book has one.
    #[orm(belongs_to(key = editor_id))]
    #[serde(skip)]
    editor: One<Option<Author>>,
    /// Must be asked for with the books.
    #[orm(has_many(Edition, key = book_id, lazy = "raise"))]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    editions: Many<Edition>,
    #[orm(many_to_many(Artist, through = Credit, here = book_id, there = artist_id))]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    artists: Many<Artist>,
}

impl Book {
    fn is_hit() -> Condition<Book> {
        Book::SOLD.ge(100)
    }
}

/// A key of two columns.
#[derive(Entity, Debug, Serialize)]
#[orm(table = "asked_editions", insert(NewEdition))]
struct Edition {
    #[orm(primary_key, references(Book, on_delete = "cascade"))]
    book_id: i64,
    #[orm(primary_key)]
    number: i32,
    year: i32,
    #[orm(has_many(Printing, key = (book_id, edition)))]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    printings: Many<Printing>,
}

#[derive(Entity, Debug, Serialize)]
#[orm(table = "asked_printings", insert(NewPrinting))]
struct Printing {
    #[orm(primary_key)]
    id: i64,
    book_id: i64,
    edition: i32,
    copies: i32,
    #[orm(belongs_to(key = (book_id, edition)))]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    of: One<Edition>,
}

#[derive(Entity, Debug, Serialize)]
#[orm(table = "asked_artists", insert(NewArtist))]
struct Artist {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(has_many(Credit, key = artist_id))]
    #[serde(skip)]
    credits: Many<Credit>,
}

/// The table between books and artists, which says more than who belongs to whom.
#[derive(Entity, Debug)]
#[orm(table = "asked_credits", insert(NewCredit))]
struct Credit {
    #[orm(primary_key, references(Book, on_delete = "cascade"))]
    book_id: i64,
    #[orm(primary_key, references(Artist, on_delete = "cascade"))]
    artist_id: i64,
    #[orm(default = "'drawings'")]
    role: String,
}

const NOTES: i64 = 1;
const KNOTS: i64 = 4;

async fn fill(db: &Db) -> Result<()> {
    let authors = [(1, "Ada"), (2, "Bob"), (3, "Cy")].map(|(id, name)| NewAuthor {
        id,
        name: name.to_owned(),
    });
    Author::insert_many(authors.into()).execute(db).await?;
    let books = [
        (NOTES, 1, Some(2), "Notes", 900),
        (2, 1, None, "Letters", 40),
        (3, 1, None, "Sums", 150),
        (KNOTS, 2, Some(1), "Knots", 10),
    ];
    let books = books.map(|(id, author_id, editor_id, title, sold)| NewBook {
        id,
        author_id,
        editor_id,
        title: title.to_owned(),
        sold,
    });
    Book::insert_many(books.into()).execute(db).await?;
    let editions = [(NOTES, 1, 1843), (NOTES, 2, 1953), (KNOTS, 1, 1944)];
    let editions = editions.map(|(book_id, number, year)| NewEdition {
        book_id,
        number,
        year,
    });
    Edition::insert_many(editions.into()).execute(db).await?;
    let printings = [(1, NOTES, 1, 100), (2, NOTES, 2, 500), (3, NOTES, 2, 300)];
    let printings = printings.map(|(id, book_id, edition, copies)| NewPrinting {
        id,
        book_id,
        edition,
        copies,
    });
    Printing::insert_many(printings.into()).execute(db).await?;
    Ok(())
}

async fn questions(db: &Db) -> Result<()> {
    let sold_well = || Book::find().filter(Book::is_hit()).select(Book::AUTHOR_ID);
    let editors = || Book::find().select(Book::EDITOR_ID);
    let reprinted = Book::EDITIONS.any(Edition::NUMBER.gt(1));
    let authors: [(Condition<Author>, &[&str]); 12] = [
        (Author::BOOKS.any(Book::SOLD.gt(500)), &["Ada"]),
        (Author::BOOKS.none(Book::is_hit()), &["Bob", "Cy"]),
        // Of no books, each is whatever one likes.
        (Author::BOOKS.every(Book::SOLD.lt(40)), &["Bob", "Cy"]),
        (Author::BOOKS.exists(), &["Ada", "Bob"]),
        (Author::BOOKS.any(reprinted), &["Ada"]),
        (Author::BOOKS.count().le(1), &["Bob", "Cy"]),
        (Author::HITS.count().eq(2), &["Ada"]),
        (
            Author::BOOKS.filter(Book::SOLD.lt(100)).count().eq(1),
            &["Ada", "Bob"],
        ),
        (Author::BOOKS.aggregate(Book::SOLD.sum()).eq(1090), &["Ada"]),
        // The same by a query inside.
        (Author::ID.in_query(sold_well()), &["Ada"]),
        (Author::ID.not_in_query(sold_well()), &["Bob", "Cy"]),
        // Some books have no editor: whether that was Cy, SQL does not know.
        (Author::ID.not_in_query(editors()), &[]),
    ];
    for (condition, expected) in authors {
        let authors = Author::find().filter(condition).order_by(Author::ID);
        assert_eq!(authors.select(Author::NAME).all(db).await?, expected);
    }

    // One value of a query, and of the row that a book leads to.
    let most = Book::find().select(Book::SOLD.max()).scalar();
    let (by, edited_by) = (Book::AUTHOR, Book::EDITOR);
    let best = Book::find().filter(Book::SOLD.eq(most));
    let best = best.select((
        Book::TITLE,
        by.get(Author::NAME),
        edited_by.get(Author::NAME),
    ));
    let expected = ["Notes", "Ada", "Bob"].map(str::to_owned);
    let [title, author, editor] = expected;
    assert_eq!(best.one(db).await?, (title, Some(author), Some(editor)));
    let by_bob = Book::AUTHOR.is(Author::NAME.eq("Bob"));
    let either = Book::find().filter(by_bob | Book::EDITOR.missing());
    assert_eq!(either.count(db).await?, 3);
    Ok(())
}

/// How many books each has, without a book being read.
#[derive(Row, Debug, PartialEq)]
struct Shelf {
    name: String,
    books_count: i64,
    best: Option<i32>,
}

async fn counts(db: &Db) -> Result<()> {
    let best = Author::BOOKS.aggregate(Book::SOLD.max());
    let shelves = Author::find().order_by(Author::BOOKS.count());
    let shelves = shelves.select((Author::NAME, Author::BOOKS.count(), best));
    let shelves = shelves.rows::<Shelf>().all(db).await?;
    let expected = [("Cy", 0, None), ("Bob", 1, Some(10)), ("Ada", 3, Some(900))];
    let expected = expected.map(|(name, books_count, best)| Shelf {
        name: name.to_owned(),
        books_count,
        best,
    });
    assert_eq!(shelves, expected);
    Ok(())
}

fn titles(books: &Many<Book>) -> Result<Vec<&str>> {
    Ok(books.get()?.iter().map(|book| &*book.title).collect())
}

async fn some_of_each(db: &Db) -> Result<()> {
    let some = Author::BOOKS.filter(Book::SOLD.gt(20));
    let ada = Author::get(1).with(some.order_by(Book::SOLD.desc()));
    let ada = ada.with(Author::HITS.order_by(Book::TITLE)).one(db).await?;
    assert_eq!(titles(&ada.books)?, ["Notes", "Sums", "Letters"]);
    assert_eq!(titles(&ada.hits)?, ["Notes", "Sums"]);

    // The best two of each author: by a window over all books, or by a sub-select for each author.
    let best = || Author::BOOKS.order_by(Book::SOLD.desc()).limit(2);
    for best in [best(), best().lateral()] {
        let authors = Author::find().with(best).order_by(Author::ID);
        let authors = authors.all(db).await?;
        assert_eq!(titles(&authors[0].books)?, ["Notes", "Sums"]);
        assert_eq!(titles(&authors[1].books)?, ["Knots"]);
        assert!(authors[2].books.get()?.is_empty());
    }
    Ok(())
}

async fn later(db: &Db) -> Result<()> {
    let books = || Book::find().order_by(Book::ID);
    let one = books().lazy(Lazy::One).all(db).await?;
    let editor = one[0].editor.load(db).await?;
    assert_eq!(editor.map(|editor| &*editor.name), Some("Bob"));
    assert!(one[1].editor.is_unloaded());

    let peers = books().lazy(Lazy::Peers).all(db).await?;
    peers[0].editor.load(db).await?;
    // Known not to be there, which is not the same as not known.
    assert!(peers[1].editor.get()?.is_none());

    let none = books().lazy(Lazy::Raise).all(db).await?;
    let refused = none[0].editor.load(db).await.map(|_| ());
    assert_eq!(
        refused.map_err(|error| error.kind()),
        Err(ErrorKind::NotLoaded)
    );

    // What the fields say, where the question does not.
    let books = books().all(db).await?;
    books[0].author.load(db).await?;
    assert_eq!(books[3].author.get()?.name, "Bob");
    let refused = books[0].editions.load(db).await.map(|_| ());
    assert_eq!(
        refused.map_err(|error| error.kind()),
        Err(ErrorKind::NotLoaded)
    );
    Ok(())
}

async fn two_columns(db: &Db) -> Result<()> {
    let second = Edition::get((NOTES, 2)).with(Edition::PRINTINGS);
    let second = second.one(db).await?;
    let copies = second.printings.get()?.iter().map(|one| one.copies);
    assert_eq!((second.year, copies.sum()), (1953, 800));
    let old = Printing::find().filter(Printing::OF.is(Edition::YEAR.lt(1900)));
    assert_eq!(old.one(db).await?.of.load(db).await?.key(), (NOTES, 1));
    Ok(())
}

async fn links(db: &Db) -> Result<()> {
    let artists = [(1, "Di"), (2, "Eve")].map(|(id, name)| NewArtist {
        id,
        name: name.to_owned(),
    });
    Artist::insert_many(artists.into()).execute(db).await?;
    // What the table between has besides is written by an insert, or is its default. Of a book only the key is needed.
    let cover = NewCredit {
        book_id: NOTES,
        artist_id: 1,
        role: Some("cover".to_owned()),
    };
    Credit::insert(cover).execute(db).await?;
    let of_notes = || Book::ARTISTS.of_key(&NOTES);
    assert_eq!(of_notes().add(db, [1, 2]).await?, 1);
    let roles = Credit::find().order_by(Credit::ARTIST_ID);
    let roles = roles.select(Credit::ROLE).all(db).await?;
    assert_eq!(roles, ["cover", "drawings"]);
    let covers = Artist::CREDITS.any(Credit::ROLE.eq("cover"));
    let with_covers = Book::find().filter(Book::ARTISTS.any(covers));
    assert_eq!(with_covers.one(db).await?.id, NOTES);

    // In JSON what is loaded is there, and nothing else.
    let notes = Book::get(NOTES).with(Book::ARTISTS.order_by(Artist::ID));
    let notes = serde_json::to_value(notes.one(db).await?);
    let expected = json!({
        "id": 1, "author_id": 1, "editor_id": 2, "title": "Notes", "sold": 900,
        "artists": [{"id": 1, "name": "Di"}, {"id": 2, "name": "Eve"}],
    });
    assert_eq!(notes.ok(), Some(expected));

    assert_eq!(of_notes().clear(db).await?, 2);
    assert_eq!(
        Book::find()
            .filter(Book::ARTISTS.exists())
            .count(db)
            .await?,
        0
    );
    Ok(())
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    let tables = entities![Author, Book, Edition, Printing, Artist, Credit];
    ormcore::schema::create(&db, tables).await?;
    fill(&db).await?;
    questions(&db).await?;
    counts(&db).await?;
    some_of_each(&db).await?;
    later(&db).await?;
    two_columns(&db).await?;
    links(&db).await?;
    println!("four books, asked about and loaded in every way");
    Author::delete().all_rows().execute(&db).await?;
    Artist::delete().all_rows().execute(&db).await?;
    Printing::delete().all_rows().execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
