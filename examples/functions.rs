//! The functions and operators a row is asked with, and what they answer: comparisons, text, numbers, time, cases, casts.
//! Run it with `cargo run --example functions`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use chrono::{NaiveDate, NaiveDateTime};
use dev_postgres::Database;
use ormcore::value::Interval;
use ormcore::{Condition, Db, Entity, Expression, Unit, case, entities, fragment, row};

/// What goes wrong is the database's error, or a date's.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Entity, Debug)]
#[orm(table = "functions_books", insert(NewBook))]
struct Book {
    #[orm(primary_key, generated)]
    id: i64,
    title: String,
    nick: Option<String>,
    author: String,
    shelf: String,
    about: String,
    stock: i32,
    wanted: Option<i32>,
    price: f64,
    bought: NaiveDate,
    lent_at: Option<NaiveDateTime>,
}

async fn fill(db: &Db) -> Result {
    let dune = NewBook {
        title: "Dune".to_owned(),
        nick: None,
        author: "Frank Herbert".to_owned(),
        shelf: "sf-12".to_owned(),
        about: "Who has the planet has the spice.".to_owned(),
        stock: 3,
        wanted: Some(5),
        price: 9.74,
        bought: "2024-02-29".parse()?,
        lent_at: Some("2026-11-02T09:30:15".parse()?),
    };
    let emma = NewBook {
        title: "Emma".to_owned(),
        nick: Some("Emma".to_owned()),
        author: " jane austen ".to_owned(),
        shelf: "novel-7".to_owned(),
        about: "She makes matches, and mistakes.".to_owned(),
        stock: 8,
        wanted: Some(8),
        price: 7.5,
        bought: "2025-06-15".parse()?,
        lent_at: None,
    };
    let wolf = NewBook {
        title: "100% Wolf".to_owned(),
        nick: Some("Wolf".to_owned()),
        author: "Jayne Lyons".to_owned(),
        shelf: "kids-3".to_owned(),
        about: "One wolf is a poodle, says another wolf.".to_owned(),
        stock: 0,
        wanted: None,
        price: 4.25,
        bought: "2026-01-10".parse()?,
        lent_at: Some("2026-11-20T18:00:00".parse()?),
    };
    let books = Book::insert_many(vec![dune, emma, wolf]);
    books.execute(db).await?;
    Ok(())
}

/// Which books a condition holds for has to be what is said beside it.
async fn expect<const N: usize>(db: &Db, cases: [(Condition<Book>, &[&str]); N]) -> Result {
    for (condition, expected) in cases {
        let books = Book::find().filter(condition).order_by(Book::ID);
        assert_eq!(books.select(Book::TITLE).all(db).await?, expected);
    }
    Ok(())
}

async fn comparisons(db: &Db) -> Result {
    // A book is compared with values, and with itself.
    let books: [(Condition<Book>, &[&str]); 11] = [
        (Book::STOCK.ne(8), &["Dune", "100% Wolf"]),
        (Book::STOCK.le(3), &["Dune", "100% Wolf"]),
        (Book::STOCK.lt(Book::WANTED), &["Dune"]),
        (Book::STOCK.between(1, Book::WANTED), &["Dune", "Emma"]),
        (Book::TITLE.in_(["Dune", "Emma"]), &["Dune", "Emma"]),
        (Book::TITLE.not_in(["Dune", "Emma"]), &["100% Wolf"]),
        (Book::NICK.is_null(), &["Dune"]),
        (Book::NICK.is_not_null(), &["Emma", "100% Wolf"]),
        // NULL is neither equal nor different; to these two it is a value like others.
        (Book::NICK.ne("Emma"), &["100% Wolf"]),
        (Book::NICK.is_distinct_from("Emma"), &["Dune", "100% Wolf"]),
        (Book::NICK.is_not_distinct_from(Book::TITLE), &["Emma"]),
    ];
    expect(db, books).await?;

    // One value of two. The types say where there may be none.
    let called = Book::NICK.coalesce(Book::TITLE);
    let there = Book::STOCK.null_if(0);
    let (most, least) = (Book::STOCK.greatest(Book::WANTED), Book::STOCK.least(5));
    let rows = Book::find().order_by(Book::ID);
    let rows: Vec<(String, Option<i32>, i32, i32)> =
        rows.select((called, there, most, least)).all(db).await?;
    let expected = [("Dune", Some(3), 5, 3), ("Emma", Some(8), 8, 5)];
    let expected = expected.into_iter().chain([("Wolf", None, 0, 0)]);
    let expected = expected.map(|(name, there, most, least)| (name.to_owned(), there, most, least));
    assert!(rows.into_iter().eq(expected));
    Ok(())
}

async fn text(db: &Db) -> Result {
    let books: [(Condition<Book>, &[&str]); 10] = [
        (Book::TITLE.like("_u%"), &["Dune"]),
        (Book::TITLE.not_like("%m%"), &["Dune", "100% Wolf"]),
        (Book::TITLE.ilike("e%"), &["Emma"]),
        (Book::TITLE.not_ilike("%E%"), &["100% Wolf"]),
        (Book::AUTHOR.matches("^[A-Z]"), &["Dune", "100% Wolf"]),
        (Book::AUTHOR.imatches("jay?ne"), &["Emma", "100% Wolf"]),
        // What is looked for literally may have a `%` in it.
        (Book::TITLE.contains("0%"), &["100% Wolf"]),
        (Book::TITLE.icontains("WOLF"), &["100% Wolf"]),
        (Book::TITLE.ends_with("e"), &["Dune"]),
        (Book::SHELF.starts_with("sf-"), &["Dune"]),
    ];
    expect(db, books).await?;

    let emma = || Book::find().filter(Book::TITLE.eq("Emma"));
    let author = Book::AUTHOR.trim().initcap();
    let shouted = Book::TITLE.upper().concat("!");
    let whispered = Book::TITLE.lower();
    let parts = (author, shouted, whispered, Book::TITLE.length());
    let (author, shouted, whispered, length) = emma().select(parts).one(db).await?;
    assert_eq!((author.as_str(), length), ("Jane Austen", 4));
    assert_eq!([shouted, whispered], ["EMMA!", "emma"]);

    // Parts of it, counted from 1; a negative number leaves so many out.
    let parts = (
        Book::TITLE.left(2),
        Book::TITLE.right(-1),
        Book::TITLE.substring(2, 2),
        Book::SHELF.split_part("-", 1),
        Book::SHELF.split_part("-", 2).pad_left(3, "0"),
        Book::SHELF.position("-"),
    );
    let (left, right, middle, shelf, number, dash) = emma().select(parts).one(db).await?;
    assert_eq!([left, right, middle], ["Em", "mma", "mm"]);
    assert_eq!([shelf, number], ["novel", "007"]);
    assert_eq!(dash, 6);

    let replaced = Book::TITLE.replace("mm", "v");
    let marked = Book::TITLE.replace_matches("(m+)", "[\\1]");
    let parts = (replaced, marked, Book::TITLE.md5());
    let (replaced, marked, hash) = emma().select(parts).one(db).await?;
    assert_eq!([replaced, marked], ["Eva", "E[mm]a"]);
    assert_eq!(hash, "4535367f2f39b5a2ebaee0092f184a79");
    Ok(())
}

async fn numbers(db: &Db) -> Result {
    let dune = || Book::find().filter(Book::TITLE.eq("Dune"));
    let change = Book::STOCK - 5;
    let parts = (change.abs(), (Book::STOCK - 5).sign());
    assert_eq!(dune().select(parts).one(db).await?, (2, -1));
    let parts = ((Book::STOCK + 1).sqrt(), Book::STOCK.power(2.0));
    assert_eq!(dune().select(parts).one(db).await?, (2.0, 9.0));
    let parts = (
        Book::PRICE.round(),
        Book::PRICE.round_to(1),
        Book::PRICE.floor(),
        Book::PRICE.ceil(),
    );
    let rounded = dune().select(parts).one(db).await?;
    assert_eq!(rounded, (10.0, 9.7, 9.0, 10.0));

    // Another type by PostgreSQL's rules: whole numbers divide to whole ones, and text may be a number.
    let half = Book::STOCK.cast::<f64>() / 2.0;
    let number = Book::SHELF.split_part("-", 2).cast::<i32>();
    let parts = (Book::STOCK / 2, half, number, Book::PRICE.cast::<String>());
    let expected = (1, 1.5, 12, "9.74".to_owned());
    assert_eq!(dune().select(parts).one(db).await?, expected);
    Ok(())
}

fn interval(months: i32, days: i32, seconds: i64) -> Interval {
    let microseconds = seconds * 1_000_000;
    Interval {
        months,
        days,
        microseconds,
    }
}

async fn time(db: &Db) -> Result {
    let dune = || Book::find().filter(Book::TITLE.eq("Dune"));
    // There is no 29th of February in 2025.
    let parts = (
        Book::BOUGHT.plus(interval(12, 0, 0)),
        Book::BOUGHT.minus(interval(0, 7, 0)),
        Book::BOUGHT.truncate(Unit::Quarter),
        Book::BOUGHT.part(Unit::Month),
    );
    let (later, earlier, quarter, month) = dune().select(parts).one(db).await?;
    let days = [later, earlier, quarter].map(|day| day.to_string());
    assert_eq!(days, ["2025-02-28", "2024-02-22", "2024-01-01"]);
    assert_eq!(month, 2);

    // Of a moment that may be missing, all of it may be.
    let noon: NaiveDateTime = "2026-11-01T12:00:00".parse()?;
    let parts = (
        Book::LENT_AT.truncate(Unit::Hour),
        Book::LENT_AT.since(noon),
    );
    let rows = Book::find()
        .order_by(Book::ID)
        .select(parts)
        .all(db)
        .await?;
    let passed = interval(0, 0, (21 * 60 + 30) * 60 + 15);
    assert_eq!(rows[0].0, Some("2026-11-02T09:00:00".parse()?));
    assert_eq!(rows[0].1, Some(passed));
    assert_eq!(rows[1], (None, None));
    Ok(())
}

async fn cases(db: &Db) -> Result {
    // The first condition that holds counts.
    let order = case::<Book, String>()
        .when(Book::STOCK.eq(0), "sold out")
        .when(Book::STOCK.lt(Book::WANTED), "order more");
    let orders = Book::find().order_by(Book::ID);
    let orders = orders.select(order.otherwise("enough")).all(db).await?;
    assert_eq!(orders, ["order more", "enough", "sold out"]);

    let reduced = case::<Book, f64>()
        .when(Book::STOCK.gt(5), Book::PRICE / 2.0)
        .or_null();
    let reduced = Book::find().order_by(Book::ID).select(reduced);
    assert_eq!(reduced.all(db).await?, [None, Some(3.75), None]);

    // SQL of one's own, by the function: put together at run time, its values bound all the same.
    let longer = fragment("length(").term(Book::TITLE);
    let longer = longer.sql(") > ").bind(4);
    let backwards = fragment("reverse(").term(Book::TITLE.lower()).sql(")");
    let longer = Book::find().filter(longer);
    let backwards = longer.select(backwards.as_::<String>());
    assert_eq!(backwards.all(db).await?, ["flow %001"]);
    Ok(())
}

async fn search(db: &Db) -> Result {
    // As people type it into a search box. The language knows that matches are more than one match.
    let books: [(Condition<Book>, &[&str]); 4] = [
        (Book::ABOUT.search("english", "match"), &["Emma"]),
        (Book::ABOUT.search("simple", "match"), &[]),
        (
            Book::ABOUT.search("english", "planets or wolf"),
            &["Dune", "100% Wolf"],
        ),
        (Book::ABOUT.search("english", "wolf -poodle"), &[]),
    ];
    expect(db, books).await?;

    // The best first: one has the word twice.
    let words = "spice or wolf";
    let found = Book::find().filter(Book::ABOUT.search("english", words));
    let rank = || Book::ABOUT.search_rank("english", words);
    let best = found.order_by(rank().desc()).select((Book::TITLE, rank()));
    let best = best.all(db).await?;
    assert_eq!((best[0].0.as_str(), best.len()), ("100% Wolf", 2));
    assert!(best[0].1 > best[1].1);
    Ok(())
}

impl Book {
    /// What is computed of a row again and again has a name: a function that returns an expression.
    fn worth() -> Expression<Book, f64> {
        Book::PRICE * Book::STOCK.cast::<f64>()
    }

    /// The same of a row that is here.
    fn worth_of(&self) -> f64 {
        self.price * f64::from(self.stock)
    }

    /// A function may take what it needs, and be made of others.
    fn worth_after(discount: f64) -> Expression<Book, f64> {
        (Book::worth() * (1.0 - discount)).round_to(2)
    }

    /// So has what is asked.
    fn is_scarce() -> Condition<Book> {
        Book::STOCK.lt(Book::WANTED) | Book::STOCK.eq(0)
    }
}

async fn own(db: &Db) -> Result {
    // It stands wherever a column does: beside the whole row, in conditions, orders and sums.
    let books = Book::find().filter(Book::worth().gt(1.0));
    let books = books.order_by(Book::worth().desc());
    let books: Vec<(Book, f64)> = books.select((row(), Book::worth())).all(db).await?;
    let titles: Vec<&str> = books.iter().map(|(book, _)| &*book.title).collect();
    assert_eq!(titles, ["Emma", "Dune"]);
    for (book, worth) in &books {
        assert!((book.worth_of() - worth).abs() < 1e-9);
    }
    let total = Book::find().select(Book::worth_after(0.5).sum());
    assert_eq!(total.one(db).await?, Some(44.61));
    let scarce = Book::find().filter(Book::is_scarce()).order_by(Book::ID);
    let scarce = scarce.select(Book::TITLE).all(db).await?;
    assert_eq!(scarce, ["Dune", "100% Wolf"]);
    Ok(())
}

#[tokio::main]
async fn main() -> Result {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Book]).await?;
    fill(&db).await?;
    comparisons(&db).await?;
    text(&db).await?;
    numbers(&db).await?;
    time(&db).await?;
    cases(&db).await?;
    search(&db).await?;
    own(&db).await?;
    println!("three books, asked in every way");
    Book::delete().all_rows().execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
