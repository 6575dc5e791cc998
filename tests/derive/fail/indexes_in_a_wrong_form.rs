use ormcore::{Entity, Many};

#[derive(Entity)]
#[orm(index)]
#[orm(index(unique))]
#[orm(index(columns = (author, titel)))]
#[orm(index(columns = "author"))]
#[orm(index(columns = (author), uniq, unique, using = "gin"))]
#[orm(index(columns = (author), where = "true"))]
#[orm(description = 1)]
#[orm(comment = "what is said")]
struct Book {
    #[orm(primary_key, generated, index)]
    id: i64,
    #[orm(unique, index)]
    author: String,
    #[orm(references(Book), index)]
    title: i64,
    #[orm(index = "books_idx")]
    a: String,
    #[orm(index(unique))]
    b: String,
    #[orm(index(columns = (a, b)))]
    c: String,
    #[orm(index(where = "true"), index(name = "x"))]
    d: String,
    #[orm(indexed, description(x))]
    e: String,
    #[orm(index, description = "books", validate(email), default_with = none, has_many(Book, key = title))]
    books: Many<Book>,
}

fn main() {}
