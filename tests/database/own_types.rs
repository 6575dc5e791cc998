//! Columns whose type the database has by another name: enums, domains, types with modifiers.

use crate::fresh::{Fresh, fresh, fresh_after};
use ormcore::value::{KeyType, KeyValue, SqlType, Type, Value};
use ormcore::{Entity, ErrorKind, Many, entities};
use std::error::Error as StdError;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, to_sql_checked};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    Fine,
    Awful,
}

impl ToSql for Mood {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Send + Sync>> {
        let word = match self {
            Self::Fine => "fine",
            Self::Awful => "awful",
        };
        word.to_sql(&Type::TEXT, out)
    }

    fn accepts(ty: &Type) -> bool {
        ty.name() == "mood"
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Mood {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        match raw {
            b"fine" => Ok(Self::Fine),
            b"awful" => Ok(Self::Awful),
            _ => Err("no such mood".into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        ty.name() == "mood"
    }
}

impl Value for Mood {
    const TYPE: SqlType = SqlType::named("mood");
    type Scalar = Self;
    type With<U: Value<Scalar = U>> = U;
}

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "days", insert(NewDay))]
struct Day {
    #[orm(primary_key, generated)]
    id: i64,
    mood: Mood,
    #[orm(default = "'fine'")]
    evening: Mood,
    dreaded: Option<Mood>,
    moods: Vec<Mood>,
}

#[tokio::test]
async fn an_enum_of_the_database_is_an_enum_in_rust() {
    let fresh = fresh_after("CREATE TYPE mood AS ENUM ('fine', 'awful')").await;
    let create = ormcore::schema::create(&fresh.db, entities![Day]);
    create.await.unwrap();
    let row = |mood, dreaded| NewDay {
        mood,
        evening: None,
        dreaded,
        moods: vec![Mood::Fine, mood],
    };
    let rows = || vec![row(Mood::Fine, None), row(Mood::Awful, Some(Mood::Awful))];
    let one = Day::insert(row(Mood::Awful, None))
        .one(&fresh.db)
        .await
        .unwrap();
    assert_eq!((one.mood, one.evening), (Mood::Awful, Mood::Fine));
    let many = Day::insert_many(rows()).all(&fresh.db).await.unwrap();
    assert_eq!(many[0].moods, [Mood::Fine, Mood::Fine]);
    assert_eq!(many[1].dreaded, Some(Mood::Awful));
    for (condition, count) in [
        (Day::MOOD.eq(Mood::Awful), 2),
        (Day::MOOD.in_([Mood::Fine, Mood::Awful]), 3),
        (Day::MOOD.lt(Mood::Awful), 1),
        (Day::DREADED.eq(Mood::Awful), 1),
        (Day::MOODS.eq(vec![Mood::Fine, Mood::Awful]), 2),
    ] {
        let found = Day::find().filter(condition).count(&fresh.db).await;
        assert_eq!(found.unwrap(), count);
    }
    let set = Day::update(one.id).set(Day::DREADED, Mood::Fine);
    assert_eq!(set.one(&fresh.db).await.unwrap().dreaded, Some(Mood::Fine));

    let more = ormcore::sql("ALTER TYPE mood ADD VALUE 'odd'").execute(&fresh.db);
    more.await.unwrap();
    let odd = ormcore::sql("UPDATE days SET mood = 'odd'").execute(&fresh.db);
    odd.await.unwrap();
    let error = Day::get(one.id).one(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.to_string().contains("column `mood` of type mood"),
        "{error}"
    );
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "codes", insert(NewCode))]
struct Code {
    #[orm(primary_key, type = "varchar(3)")]
    code: String,
    #[orm(type = "char(4)")]
    padded: String,
    #[orm(type = "varchar(2)[]")]
    list: Vec<String>,
}

fn code(code: &str, item: &str) -> NewCode {
    NewCode {
        code: code.into(),
        padded: "ab".into(),
        list: vec![item.into()],
    }
}

#[tokio::test]
async fn text_that_is_too_long_is_refused_and_never_cut_off() {
    let fresh = codes().await;
    for rows in [
        vec![code("abcd", "")],
        vec![code("abc", ""), code("abcd", "")],
        vec![code("abc", "abc")],
    ] {
        let many = Code::insert_many(rows.clone());
        let error = many.execute(&fresh.db).await.unwrap_err();
        assert_eq!(error.code(), Some("22001"), "{error}");
        let last = rows.into_iter().last().unwrap();
        let error = Code::insert(last).execute(&fresh.db).await.unwrap_err();
        assert_eq!(error.code(), Some("22001"), "{error}");
    }
    let rows = vec![code("abc", "ab"), code("b", "")];
    let rows = Code::insert_many(rows).all(&fresh.db).await.unwrap();
    assert_eq!((&*rows[0].code, &*rows[1].padded), ("abc", "ab  "));
    assert_eq!(rows[0].list, ["ab"]);
    assert!(Code::get("abcd").maybe(&fresh.db).await.unwrap().is_none());
    assert_eq!(Code::get("abc").one(&fresh.db).await.unwrap(), rows[0]);
}

async fn codes() -> Fresh {
    fresh_after(
        "CREATE TABLE codes (code varchar(3) PRIMARY KEY, padded char(4) NOT NULL, list varchar(2)[] NOT NULL)",
    )
    .await
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "contacts", insert(NewContact))]
struct Contact {
    #[orm(primary_key)]
    email: String,
    age: Option<i32>,
}

#[tokio::test]
async fn a_domain_takes_and_gives_what_the_type_under_it_does() {
    let fresh = fresh_after(
        "CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
         CREATE DOMAIN age AS integer CHECK (VALUE > 0);
         CREATE DOMAIN adult AS age CHECK (VALUE >= 18);
         CREATE TABLE contacts (email email PRIMARY KEY, age adult)",
    )
    .await;
    let row = |email: &str, age| NewContact {
        email: email.into(),
        age,
    };
    let ada = Contact::insert(row("ada@x", Some(30)));
    let ada = ada.one(&fresh.db).await.unwrap();
    let many = Contact::insert_many(vec![row("c@x", None), row("b@x", Some(20))]);
    let many = many.all(&fresh.db).await.unwrap();
    assert_eq!((&*many[0].email, many[1].age), ("c@x", Some(20)));
    assert_eq!(Contact::get("ada@x").one(&fresh.db).await.unwrap(), ada);
    let found = Contact::find().filter(Contact::EMAIL.in_(["b@x", "c@x"]));
    assert_eq!(found.count(&fresh.db).await.unwrap(), 2);
    let older = Contact::update("b@x").set(Contact::AGE, 21);
    assert_eq!(older.one(&fresh.db).await.unwrap().age, Some(21));
    let error = Contact::update("b@x").set(Contact::AGE, 17);
    let error = error.execute(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
    let error = Contact::insert(row("nobody", None));
    let error = error.execute(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
}

/// A key of the program's own.
#[derive(Clone, Debug, PartialEq)]
struct Isbn(String);

impl ToSql for Isbn {
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

impl<'a> FromSql<'a> for Isbn {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        String::from_sql(ty, raw).map(Self)
    }

    fn accepts(ty: &Type) -> bool {
        <String as FromSql<'_>>::accepts(ty)
    }
}

impl Value for Isbn {
    const TYPE: SqlType = SqlType::named("text");
    type Scalar = Self;
    type With<U: Value<Scalar = U>> = U;

    fn as_key(&self) -> Option<KeyValue> {
        self.0.as_key()
    }
}

impl KeyType for Isbn {
    fn key_value(&self) -> KeyValue {
        self.0.key_value()
    }
}

#[derive(Entity, Debug)]
#[orm(table = "books", insert(NewBook))]
struct Book {
    #[orm(primary_key)]
    isbn: Isbn,
    #[orm(has_many(Copy, key = isbn))]
    copies: Many<Copy>,
}

#[derive(Entity, Debug)]
#[orm(table = "copies", insert(NewCopy))]
struct Copy {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Book))]
    isbn: Isbn,
}

#[tokio::test]
async fn a_type_of_the_program_can_be_a_key() {
    let fresh = fresh(entities![Book, Copy]).await;
    let isbn = |text: &str| Isbn(text.to_owned());
    let books = ["1", "2"].map(|text| NewBook { isbn: isbn(text) });
    Book::insert_many(books.into())
        .execute(&fresh.db)
        .await
        .unwrap();
    let copies = ["2", "1", "2"].map(|text| NewCopy { isbn: isbn(text) });
    Copy::insert_many(copies.into())
        .execute(&fresh.db)
        .await
        .unwrap();
    let two = Book::get(isbn("2")).with(Book::COPIES).one(&fresh.db);
    let two = two.await.unwrap();
    let copies = two.copies.get().unwrap();
    assert_eq!(copies.len(), 2);
    assert!(copies.iter().all(|copy| copy.isbn == two.isbn));
}
