//! What columns say about their values: rules that are checked before anything is sent, values that the database computes or
//! a function makes, and the indexes and comments of a table.
//! Run it with `cargo run --example columns`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, Error, ErrorKind, entities, schema, sql};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What goes wrong is the database's error, or a word of ours.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Entity, Debug)]
#[orm(
    table = "columns_products",
    description = "what is in the window",
    index(columns = (shelf, name), unique),
    insert(NewProduct),
    patch(ProductPatch)
)]
struct Product {
    /// Made by the program: it is known before the row is stored.
    #[orm(primary_key, default_with = Uuid::now_v7)]
    id: Uuid,
    #[orm(validate(length(min = 1, max = 20), custom = no_shouting))]
    name: String,
    #[orm(index(name = "columns_products_open", where = "shelf IS NOT NULL"))]
    shelf: Option<i32>,
    #[orm(validate(range(min = 0)), description = "in cents")]
    price: i64,
    #[orm(default = "1", validate(range(min = 0, max = 99)))]
    count: i64,
    #[orm(validate(email))]
    maker: Option<String>,
    #[orm(validate(url))]
    site: Option<String>,
    #[orm(index(using = "gin"), validate(length(max = 3)))]
    tags: Vec<String>,
    /// Never written, and always right.
    #[orm(generated = "price * count", index)]
    worth: i64,
}

/// A rule of one's own: what it says never has the value.
fn no_shouting(name: &str) -> std::result::Result<(), &'static str> {
    match name.chars().any(char::is_lowercase) {
        true => Ok(()),
        false => Err("must not shout"),
    }
}

fn product(name: &str, price: i64) -> NewProduct {
    NewProduct {
        id: None,
        name: name.to_owned(),
        shelf: Some(1),
        price,
        count: None,
        maker: None,
        site: None,
        tags: Vec::new(),
    }
}

/// What a web handler answers with 422: what is wrong with each field.
fn problems(error: &Error) -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut problems = BTreeMap::<_, Vec<_>>::new();
    for invalid in error.invalid_fields() {
        problems
            .entry(invalid.field)
            .or_default()
            .push(invalid.text);
    }
    problems
}

async fn rules(db: &Db) -> Result {
    let wrong = NewProduct {
        maker: Some("nobody".to_owned()),
        site: Some("javascript:alert(1)".to_owned()),
        ..product("", -1)
    };
    let Err(error) = Product::insert(wrong).one(db).await else {
        return Err("it breaks four rules".into());
    };
    assert_eq!(error.kind(), ErrorKind::Invalid);
    println!("{error}");
    let expected = [
        ("maker", vec!["must be an e-mail address"]),
        (
            "name",
            vec!["must have a length of 1 to 20", "must not shout"],
        ),
        ("price", vec!["must be at least 0"]),
        (
            "site",
            vec!["must be a URL that begins with `http://` or `https://`"],
        ),
    ];
    assert_eq!(problems(&error), BTreeMap::from(expected));

    // Of many rows it says which: none of them is stored.
    let rows = vec![product("Cup", 300), product("PLATE", 500)];
    let Err(error) = Product::insert_many(rows).execute(db).await else {
        return Err("one of them shouts".into());
    };
    let places = error.invalid_fields().iter();
    let places: Vec<_> = places.map(|one| (one.row, one.field, one.rule)).collect();
    assert_eq!(places, [(Some(1), "name", "custom")]);
    assert_eq!(Product::find().count(db).await?, 0);

    // The same rules hold for changes; what an expression comes to, only the database knows.
    let cup = Product::insert(product("Cup", 300)).one(db).await?;
    let patch = ProductPatch {
        count: Some(100),
        ..ProductPatch::default()
    };
    let changed = Product::update(cup.id).patch(patch).one(db).await;
    assert!(changed.is_err_and(|error| error.kind() == ErrorKind::Invalid));
    let changed = Product::update(cup.id).set(Product::PRICE, -1).one(db);
    assert!(
        changed
            .await
            .is_err_and(|error| error.kind() == ErrorKind::Invalid)
    );
    let dearer = Product::update(cup.id).set(Product::PRICE, Product::PRICE + 50);
    assert_eq!(dearer.one(db).await?.price, 350);
    Ok(())
}

async fn made(db: &Db) -> Result {
    let pot = NewProduct {
        id: Some(Uuid::nil()),
        count: Some(4),
        ..product("Pot", 1000)
    };
    let pot = Product::insert(pot).one(db).await?;
    assert_eq!((pot.id, pot.worth), (Uuid::nil(), 4000));
    let pan = Product::insert(product("Pan", 2000)).one(db).await?;
    assert_eq!(pan.id.get_version_num(), 7);
    let fewer = Product::update(pot.id).set(Product::COUNT, 1);
    assert_eq!(fewer.one(db).await?.worth, 1000);
    let dear = Product::find().filter(Product::WORTH.ge(1000));
    let dear = dear.order_by(Product::WORTH.desc()).select(Product::NAME);
    assert_eq!(dear.all(db).await?, ["Pan", "Pot"]);
    // Whoever tries to write it is told before anything is sent.
    let written = Product::update(pot.id).set(Product::WORTH, 1).one(db).await;
    assert!(written.is_err_and(|error| error.kind() == ErrorKind::Usage));
    Ok(())
}

async fn described(db: &Db) -> Result {
    let said = "SELECT obj_description('columns_products'::regclass), (SELECT count(*) FROM pg_indexes WHERE tablename = \
                'columns_products')";
    let (said, indexes): (String, i64) = sql(said).one(db).await?;
    assert_eq!((said.as_str(), indexes), ("what is in the window", 5));
    schema::verify(db, entities![Product]).await?;
    sql("DROP INDEX columns_products_open").execute(db).await?;
    let missing = schema::differences(db, entities![Product]).await?;
    assert_eq!(missing.len(), 1);
    println!("{}", missing[0]);
    let changes = schema::diff(db, entities![Product]).await?;
    println!("{changes}");
    sql(changes.to_string()).batch(db).await?;
    schema::verify(db, entities![Product]).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    schema::create(&db, entities![Product]).await?;
    rules(&db).await?;
    made(&db).await?;
    described(&db).await?;
    Product::delete().all_rows().execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
