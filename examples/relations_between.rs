//! Keys of two columns, a table between two others that says more than who belongs to whom, and relations in JSON.
//! Run it with `cargo run --example relations_between`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, Many, One, Result, entities};
use serde_json::{Value as Json, json};

/// In JSON a relation is there when it has been loaded.
#[derive(Entity, Debug)]
#[orm(table = "between_books", insert(NewBook), serialize)]
struct Book {
    #[orm(primary_key)]
    id: i64,
    title: String,
    #[orm(has_many(Edition, key = book_id))]
    editions: Many<Edition>,
    #[orm(many_to_many(Artist, through = Credit, here = book_id, there = artist_id))]
    artists: Many<Artist>,
}

/// A key of two columns.
#[derive(Entity, Debug)]
#[orm(table = "between_editions", insert(NewEdition), serialize)]
struct Edition {
    #[orm(primary_key, references(Book, on_delete = "cascade"))]
    book_id: i64,
    #[orm(primary_key)]
    number: i32,
    year: i32,
    #[orm(has_many(Printing, key = (book_id, edition)))]
    printings: Many<Printing>,
}

#[derive(Entity, Debug)]
#[orm(table = "between_printings", insert(NewPrinting), serialize)]
struct Printing {
    #[orm(primary_key)]
    id: i64,
    book_id: i64,
    edition: i32,
    copies: i32,
    #[orm(belongs_to(key = (book_id, edition)))]
    of: One<Edition>,
}

#[derive(Entity, Debug)]
#[orm(table = "between_artists", insert(NewArtist), serialize)]
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
#[orm(table = "between_credits")]
struct Credit {
    #[orm(primary_key, references(Book, on_delete = "cascade"))]
    book_id: i64,
    #[orm(primary_key, references(Artist, on_delete = "cascade"))]
    artist_id: i64,
    #[orm(default = "'drawings'")]
    role: String,
}

const NOTES: i64 = 1;
const KNOTS: i64 = 2;

async fn fill(db: &Db) -> Result<()> {
    let books = [(NOTES, "Notes"), (KNOTS, "Knots")].map(|(id, title)| NewBook {
        id,
        title: title.to_owned(),
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
    let artists = [(1, "Di"), (2, "Eve")].map(|(id, name)| NewArtist {
        id,
        name: name.to_owned(),
    });
    Artist::insert_many(artists.into()).execute(db).await?;
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
    // What the table between has besides is said with a link, or is its default. Of a book only the key is needed.
    let of_notes = || Book::ARTISTS.of_key(&NOTES);
    let covers = of_notes().with_value(Credit::ROLE, "cover");
    assert_eq!(covers.add(db, [1]).await?, 1);
    // Who is linked already is left alone.
    assert_eq!(of_notes().add(db, [1, 2]).await?, 1);
    let roles = Credit::find().order_by(Credit::ARTIST_ID);
    let roles = roles.select(Credit::ROLE).all(db).await?;
    assert_eq!(roles, ["cover", "drawings"]);
    let covers = Artist::CREDITS.any(Credit::ROLE.eq("cover"));
    let with_covers = Book::find().filter(Book::ARTISTS.any(covers));
    assert_eq!(with_covers.one(db).await?.id, NOTES);

    of_notes().remove(db, [1]).await?;
    of_notes().set(db, [1, 2]).await?;
    let artists = Book::get(NOTES).with(Book::ARTISTS.order_by(Artist::ID));
    let artists = artists.one(db).await?;
    let names = artists.artists.get()?.iter().map(|artist| &*artist.name);
    assert!(names.eq(["Di", "Eve"]));
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

async fn documents(db: &Db) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let alone = serde_json::to_value(Book::get(NOTES).one(db).await?)?;
    assert_eq!(alone, json!({"id": 1, "title": "Notes"}));

    let whole = Edition::PRINTINGS.filter(Printing::COPIES.ge(500));
    let whole = Book::EDITIONS.order_by(Edition::YEAR).with(whole);
    let whole = Book::get(NOTES).with(whole).with(Book::ARTISTS);
    let whole = serde_json::to_value(whole.one(db).await?)?;
    let printing = json!({"id": 2, "book_id": 1, "edition": 2, "copies": 500});
    let editions: [Json; 2] = [
        json!({"book_id": 1, "number": 1, "year": 1843, "printings": []}),
        json!({"book_id": 1, "number": 2, "year": 1953, "printings": [printing]}),
    ];
    // Loaded, and there is none: that is told from not loaded.
    let expected = json!({"id": 1, "title": "Notes", "editions": editions, "artists": []});
    assert_eq!(whole, expected);

    // The row that the other leads to is in its place.
    let first = Printing::get(1).with(Printing::OF);
    let first = serde_json::to_value(first.one(db).await?)?;
    assert_eq!(
        first["of"],
        json!({"book_id": 1, "number": 1, "year": 1843})
    );
    Ok(())
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    let tables = entities![Book, Edition, Printing, Artist, Credit];
    ormcore::schema::create(&db, tables).await?;
    fill(&db).await?;
    two_columns(&db).await?;
    links(&db).await?;
    documents(&db).await?;
    println!("two books, their editions and their artists");
    Printing::delete().all_rows().execute(&db).await?;
    Book::delete().all_rows().execute(&db).await?;
    Artist::delete().all_rows().execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
