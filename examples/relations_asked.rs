//! Questions about related rows without loading them, and every way to load them: some, the best few, for all at once, not at all.
//! Run it with `cargo run --example relations_asked`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Condition, Db, Entity, ErrorKind, Lazy, Many, One, Result, Row, entities};

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

#[derive(Entity, Debug)]
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
    author: One<Author>,
    /// Not every book has one.
    #[orm(belongs_to(key = editor_id))]
    editor: One<Option<Author>>,
    /// Must be asked for with the books.
    #[orm(has_many(Review, key = book_id, lazy = "raise"))]
    reviews: Many<Review>,
}

impl Book {
    fn is_hit() -> Condition<Book> {
        Book::SOLD.ge(100)
    }
}

#[derive(Entity, Debug)]
#[orm(table = "asked_reviews", insert(NewReview))]
struct Review {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Book, on_delete = "cascade"))]
    book_id: i64,
    stars: i32,
}

async fn fill(db: &Db) -> Result<()> {
    let authors = [(1, "Ada"), (2, "Bob"), (3, "Cy")].map(|(id, name)| NewAuthor {
        id,
        name: name.to_owned(),
    });
    Author::insert_many(authors.into()).execute(db).await?;
    let books = [
        (1, 1, Some(2), "Notes", 900),
        (2, 1, None, "Letters", 40),
        (3, 1, None, "Sums", 150),
        (4, 2, Some(1), "Knots", 10),
    ];
    let books = books.map(|(id, author_id, editor_id, title, sold)| NewBook {
        id,
        author_id,
        editor_id,
        title: title.to_owned(),
        sold,
    });
    Book::insert_many(books.into()).execute(db).await?;
    let reviews = [(1, 5), (1, 4), (4, 3)];
    let reviews = reviews.map(|(book_id, stars)| NewReview { book_id, stars });
    Review::insert_many(reviews.into()).execute(db).await?;
    Ok(())
}

async fn questions(db: &Db) -> Result<()> {
    let sold_well = || Book::find().filter(Book::is_hit()).select(Book::AUTHOR_ID);
    let editors = || Book::find().select(Book::EDITOR_ID);
    let praised = Book::REVIEWS.any(Review::STARS.eq(5));
    let authors: [(Condition<Author>, &[&str]); 12] = [
        (Author::BOOKS.any(Book::SOLD.gt(500)), &["Ada"]),
        (Author::BOOKS.none(Book::is_hit()), &["Bob", "Cy"]),
        // Of no books, each is whatever one likes.
        (Author::BOOKS.every(Book::SOLD.lt(40)), &["Bob", "Cy"]),
        (Author::BOOKS.exists(), &["Ada", "Bob"]),
        (Author::BOOKS.any(praised), &["Ada"]),
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
    let [title, author, editor] = ["Notes", "Ada", "Bob"].map(str::to_owned);
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
    let some = Author::BOOKS.filter(Book::SOLD.lt(500));
    let ada = Author::get(1).with(some.order_by(Book::SOLD.desc()));
    let ada = ada.with(Author::HITS.order_by(Book::TITLE)).one(db).await?;
    assert_eq!(titles(&ada.books)?, ["Sums", "Letters"]);
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
    let all_but_the_best = best().offset(1);
    let ada = Author::get(1).with(all_but_the_best).one(db).await?;
    assert_eq!(titles(&ada.books)?, ["Sums", "Letters"]);
    Ok(())
}

async fn later(db: &Db) -> Result<()> {
    let books = || Book::find().order_by(Book::ID);
    let one = books().lazy(Lazy::One).all(db).await?;
    let editor = one[0].editor.load(db).await?;
    assert_eq!(editor.map(|editor| &*editor.name), Some("Bob"));
    assert!(one[3].editor.is_unloaded());

    let peers = books().lazy(Lazy::Peers).all(db).await?;
    peers[0].editor.load(db).await?;
    let editor = peers[3].editor.get()?;
    assert_eq!(editor.map(|editor| &*editor.name), Some("Ada"));
    // Known not to be there, which is not the same as not known.
    assert!(peers[1].editor.get()?.is_none());

    let none = books().lazy(Lazy::Raise).all(db).await?;
    let refused = none[0].editor.load(db).await.err();
    let refused = refused.map(|error| error.kind());
    assert_eq!(refused, Some(ErrorKind::NotLoaded));

    // What the fields say, where the question does not.
    let books = books().all(db).await?;
    books[0].author.load(db).await?;
    assert_eq!(books[3].author.get()?.name, "Bob");
    let refused = books[0].reviews.load(db).await.err();
    let refused = refused.map(|error| error.kind());
    assert_eq!(refused, Some(ErrorKind::NotLoaded));
    Ok(())
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Author, Book, Review]).await?;
    fill(&db).await?;
    questions(&db).await?;
    counts(&db).await?;
    some_of_each(&db).await?;
    later(&db).await?;
    println!("four books, asked about and loaded in every way");
    Author::delete().all_rows().execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
