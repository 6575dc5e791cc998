//! A session: rows are read once, changed in memory, and written together. Run it with `cargo run --example session`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, Many, One, Ref, Session};

#[derive(Entity, Debug)]
#[orm(table = "session_authors", insert(NewAuthor))]
struct Author {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    name: String,
    #[orm(version)]
    version: i32,
    #[orm(has_many(Book, key = author_id))]
    books: Many<Book>,
}

#[derive(Entity, Debug)]
#[orm(table = "session_books", insert(NewBook))]
struct Book {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Author, on_delete = "cascade"))]
    author_id: i64,
    title: String,
    #[orm(belongs_to(key = author_id))]
    author: One<Author>,
}

fn author(name: &str) -> NewAuthor {
    NewAuthor { name: name.into() }
}

async fn add(db: &Db) -> ormcore::Result<(Session, Ref<Author>)> {
    // New rows refer to each other before any of them has a key.
    let mut s = db.session();
    let ada: Ref<Author> = s.add(author("Ada"));
    for title in ["Notes", "More notes"] {
        let author_id = s.key(ada);
        let title = title.into();
        s.add(NewBook { author_id, title });
    }
    println!("a flush would\n{}", s.changes());
    s.commit().await?;
    println!("{} is number {}", s[ada].name, s[ada].id);
    Ok((s, ada))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, ormcore::entities![Author, Book]).await?;

    let (mut s, ada) = add(&db).await?;

    // The same row is the same handle, and what is known is not asked for again.
    assert_eq!(s.get::<Author>(s[ada].id).await?, ada);
    s.load(ada, Author::BOOKS).await?;
    let books = s.related(ada, Author::BOOKS)?.to_vec();
    s[books[0]].title = "The first notes".into();
    s.remove(books[1]);
    let bob = s.add(author("Bob"));
    s.connect(books[0], Book::AUTHOR, bob)?;
    println!("and now it would\n{}", s.changes());
    s.commit().await?;
    println!("{} is by {}", s[books[0]].title, s[bob].name);
    assert_eq!(s[books[0]].author_id, s[bob].id);

    // A part that fails is undone by itself, and says which row was wrong.
    let part = s.nested(async |s| Ok::<_, ormcore::Error>(s.add(author("Ada"))));
    let Err(error) = part.await else {
        return Err("there are two of one name".into());
    };
    println!("not so: {error}");
    assert!(error.is_unique_violation_of(Author::NAME));
    if let Some(failure) = s.failure() {
        println!("the field was {:?}", failure.columns());
    }

    // What a row gives up is free for another in the same flush.
    s[bob].name = "Bobby".into();
    let other = s.add(author("Bob"));
    s.commit().await?;
    println!("{} made room for {}", s[bob].name, s[other].name);

    // Somebody else was faster, and the session still has everything.
    Author::update(s[ada].id)
        .set(Author::NAME, "Eve")
        .execute(&db)
        .await?;
    s[ada].name = "Ada Lovelace".into();
    if let Err(error) = s.commit().await {
        println!("not so either: {:?}", error.kind());
        s.refresh(ada).await?;
        s[ada].name.push_str(", who was Ada");
        s.commit().await?;
    }
    println!("{} has the version {}", s[ada].name, s[ada].version);
    assert_eq!((&*s[ada].name, s[ada].version), ("Eve, who was Ada", 3));

    s.remove(ada);
    s.remove(bob);
    s.remove(other);
    s.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
