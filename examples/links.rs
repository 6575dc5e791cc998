//! One row beside another, many to many, and the latest few of each.
//! Run it with `cargo run --example links`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, Many, One, entities};

#[derive(Entity, Debug)]
#[orm(table = "links_authors", insert(NewAuthor))]
struct Author {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(has_one(Portrait, key = author_id))]
    portrait: One<Option<Portrait>>,
    #[orm(has_many(Book, key = author_id))]
    books: Many<Book>,
}

#[derive(Entity, Debug)]
#[orm(table = "links_portraits", insert(NewPortrait))]
struct Portrait {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique, references(Author, on_delete = "cascade"))]
    author_id: i64,
    painter: String,
}

#[derive(Entity, Debug)]
#[orm(table = "links_books", insert(NewBook))]
struct Book {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Author, on_delete = "cascade"))]
    author_id: i64,
    title: String,
    #[orm(many_to_many(Tag, through = "links_book_tags"))]
    tags: Many<Tag>,
}

#[derive(Entity, Debug)]
#[orm(table = "links_tags", insert(NewTag))]
struct Tag {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(many_to_many(Book, through = "links_book_tags"))]
    books: Many<Book>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Author, Portrait, Book, Tag]).await?;

    let name = "Ada".to_owned();
    let ada = Author::insert(NewAuthor { name }).one(&db).await?;
    let books = ["Notes", "More notes", "Letters"].map(|title| NewBook {
        author_id: ada.id,
        title: title.to_owned(),
    });
    let books = Book::insert_many(books.into()).all(&db).await?;
    let portrait = NewPortrait {
        author_id: ada.id,
        painter: "Carpenter".to_owned(),
    };
    Portrait::insert(portrait).execute(&db).await?;
    let tags = ["mathematics", "poetry"].map(|name| NewTag {
        name: name.to_owned(),
    });
    let tags: Vec<i64> = Tag::insert_many(tags.into()).keys(&db).await?;

    // Rows of the table between come and go; who is linked already is left alone.
    let of_notes = || Book::TAGS.of(&books[0]);
    of_notes().add(&db, tags.clone()).await?;
    of_notes().remove(&db, [tags[1]]).await?;
    Book::TAGS.of(&books[2]).set(&db, [tags[1]]).await?;

    // What a row is linked to can be asked without loading it, and gone on with like any question.
    assert!(of_notes().has(&db, tags[0]).await?);
    assert_eq!(of_notes().keys(&db).await?, [tags[0]]);
    assert_eq!(of_notes().count(&db).await?, 1);
    let on_poetry = Tag::BOOKS.of_key(&tags[1]).find().order_by(Book::TITLE);
    let on_poetry = on_poetry.limit(10).select(Book::TITLE).all(&db).await?;
    assert_eq!(on_poetry, ["Letters"]);

    // The latest two of each author, by one statement for all authors, and what they lead to.
    let latest = Author::BOOKS.order_by(Book::ID.desc()).limit(2).lateral();
    let authors = Author::find()
        .with(Author::PORTRAIT)
        .with(latest.with(Book::TAGS));
    let authors = authors.all(&db).await?;
    assert_eq!(authors.len(), 1);
    for author in authors {
        let painter = author.portrait.get()?.map(|portrait| &*portrait.painter);
        println!("{}, painted by {painter:?}", author.name);
        assert_eq!((&*author.name, painter), ("Ada", Some("Carpenter")));
        let titles: Vec<_> = author
            .books
            .get()?
            .iter()
            .map(|book| &*book.title)
            .collect();
        assert_eq!(titles, ["Letters", "More notes"]);
        for book in author.books.get()? {
            let tags = book.tags.get()?.iter();
            let tags: Vec<_> = tags.map(|tag| &tag.name).collect();
            println!("  {} {tags:?}", book.title);
            assert_eq!(tags.len(), usize::from(book.title == "Letters"));
        }
    }

    // From the other side, without loading anything that leads there.
    let poetry = Book::TAGS.any(Tag::NAME.eq("poetry"));
    let poets = Author::find().filter(Author::BOOKS.any(poetry));
    assert_eq!(poets.count(&db).await?, 1);
    let mathematics = Book::TAGS.any(Tag::NAME.eq("mathematics"));
    let notes = Book::find().filter(mathematics).one(&db).await?;
    assert_eq!(notes.title, "Notes");
    Author::delete().all_rows().execute(&db).await?;
    Tag::delete().all_rows().execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
