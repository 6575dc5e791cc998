//! Rows whose texts count how often they are read.

use crate::fresh::Fresh;
use crate::shop::shop_of;
use ormcore::value::{SqlType, Type, Value};
use ormcore::{Entity, Many, One, Ref, Session, entities};
use std::cell::Cell;
use std::error::Error as StdError;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, to_sql_checked};

thread_local! {
    static DECODED: Cell<usize> = const { Cell::new(0) };
}

/// How many texts were decoded since this was asked last. A test has a thread of its own.
pub(crate) fn decoded() -> usize {
    DECODED.replace(0)
}

/// A text that counts how often it is read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted(pub String);

impl<'a> FromSql<'a> for Counted {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        DECODED.set(DECODED.get() + 1);
        String::from_sql(ty, raw).map(Self)
    }

    fn accepts(ty: &Type) -> bool {
        <String as FromSql<'_>>::accepts(ty)
    }
}

impl ToSql for Counted {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Send + Sync>> {
        self.0.to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        <String as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl Value for Counted {
    const TYPE: SqlType = <String as Value>::TYPE;
    type Scalar = Self;
    type With<U: Value<Scalar = U>> = U;
}

#[derive(Entity, Debug)]
#[orm(table = "authors", insert(NewAuthor))]
pub(crate) struct Author {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub name: Counted,
    #[orm(has_many(Book, key = author_id))]
    pub books: Many<Book>,
    #[orm(has_one(Life, key = author_id))]
    pub life: One<Option<Life>>,
}

#[derive(Entity, Debug)]
#[orm(table = "lives", insert(NewLife))]
pub(crate) struct Life {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(unique, references(Author))]
    pub author_id: i64,
    pub text: Counted,
}

#[derive(Entity, Debug)]
#[orm(table = "books", insert(NewBook))]
pub(crate) struct Book {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(Author))]
    pub author_id: i64,
    pub pages: i32,
    pub title: Counted,
    #[orm(belongs_to(key = author_id))]
    pub author: One<Author>,
    #[orm(many_to_many(Tag, through = "book_tags"))]
    pub tags: Many<Tag>,
}

#[derive(Entity, Debug)]
#[orm(table = "tags", insert(NewTag))]
pub(crate) struct Tag {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub name: Counted,
    #[orm(many_to_many(Book, through = "book_tags"))]
    pub books: Many<Book>,
}

pub(crate) fn counted(text: &str) -> Counted {
    Counted(text.to_owned())
}

pub(crate) fn book(author_id: i64, pages: i32) -> NewBook {
    NewBook {
        author_id,
        pages,
        title: counted(&format!("{pages} pages")),
    }
}

/// Two authors with a life and three books each; every book has both tags. And a session that knows nothing of them.
pub(crate) async fn shelves() -> (Fresh, Session) {
    let (fresh, mut s) = shop_of(entities![Author, Life, Book, Tag]).await;
    let tags = s.add_all(["old", "new"].map(|name| NewTag {
        name: counted(name),
    }));
    for name in ["Ada", "Bob"] {
        let author = s.add(NewAuthor {
            name: counted(name),
        });
        let author_id = s.key(author);
        let text = counted("long");
        s.add(NewLife { author_id, text });
        for book in s.add_all([100, 200, 300].map(|pages| book(author_id, pages))) {
            for tag in &tags {
                s.connect(book, Book::TAGS, *tag).expect("a link");
            }
        }
    }
    s.commit().await.expect("shelves");
    let s = fresh.db.session();
    fresh.statements();
    decoded();
    (fresh, s)
}

/// All rows of everything, known from now on.
pub(crate) async fn known(s: &mut Session) -> (Vec<Ref<Author>>, Vec<Ref<Book>>, Vec<Ref<Tag>>) {
    let authors = s
        .all(Author::find().order_by(Author::ID))
        .await
        .expect("rows");
    let books = s.all(Book::find().order_by(Book::ID)).await.expect("rows");
    let tags = s.all(Tag::find().order_by(Tag::ID)).await.expect("rows");
    let lives = s.all(Life::find()).await.expect("rows");
    assert_eq!(
        decoded(),
        authors.len() + books.len() + tags.len() + lives.len()
    );
    (authors, books, tags)
}
