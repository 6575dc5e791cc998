//! Questions to several tables: left, right and full joins, rows that have a name, trees, and several answers put together.
//! Run it with `cargo run --example joins`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Alias, Db, Entity, Expression, Many, count, entities, row, sql};

#[derive(Entity, Debug)]
#[orm(table = "join_sellers", insert(NewSeller))]
struct Seller {
    #[orm(primary_key)]
    id: i64,
    name: String,
    city: Option<String>,
    #[orm(references(Seller))]
    boss_id: Option<i64>,
    #[orm(has_many(Seller, key = boss_id))]
    team: Many<Seller>,
}

#[derive(Entity, Debug)]
#[orm(table = "join_sales", insert(NewSale))]
struct Sale {
    #[orm(primary_key)]
    id: i64,
    /// Nobody: it was sold by a machine.
    #[orm(references(Seller))]
    seller_id: Option<i64>,
    day: i32,
    item: String,
    euros: i32,
}

/// Ann leads Bob and Cid, Bob leads Dot, who has sold nothing.
async fn open(db: &Db) -> ormcore::Result<()> {
    let sellers = [
        (1, "Ann", Some("Oslo"), None),
        (2, "Bob", Some("Oslo"), Some(1)),
        (3, "Cid", None, Some(1)),
        (4, "Dot", Some("Rome"), Some(2)),
    ];
    let sellers = sellers.map(|(id, name, city, boss_id)| NewSeller {
        id,
        name: name.into(),
        city: city.map(Into::into),
        boss_id,
    });
    Seller::insert_many(sellers.into()).execute(db).await?;
    let sales = [
        (1, Some(1), 1, "tea", 4),
        (2, Some(2), 1, "tea", 6),
        (3, Some(2), 2, "cup", 10),
        (4, Some(3), 2, "tea", 2),
        (5, None, 4, "cup", 8),
        (6, Some(2), 5, "tea", 4),
    ];
    let sales = sales.map(|(id, seller_id, day, item, euros)| NewSale {
        id,
        seller_id,
        day,
        item: item.into(),
        euros,
    });
    Sale::insert_many(sales.into()).execute(db).await?;
    Ok(())
}

async fn joins(db: &Db) -> ormcore::Result<()> {
    // Everybody, also who has sold nothing.
    let sale = Alias::<Sale>::new("sale");
    let sold = || sale.col(Sale::SELLER_ID).eq(Seller::ID);
    let counts = Seller::find().left_join(sale, sold());
    let counts = counts.select((Seller::NAME, sale.maybe(Sale::ID).count()));
    let counts = counts.group_by(Seller::NAME).order_by(Seller::NAME);
    let counts: Vec<(String, i64)> = counts.all(db).await?;
    let expected = [("Ann", 1), ("Bob", 3), ("Cid", 1), ("Dot", 0)];
    assert_eq!(counts, expected.map(|(name, sales)| (name.into(), sales)));

    // Every sale, also the machine's; and what has nothing on the other side.
    let name = || Expression::from(Seller::NAME).nullable();
    let sales = Seller::find().right_join(sale, sold());
    let sales = sales.order_by(sale.col(Sale::ID)).offset(3);
    let sales: Vec<(i64, Option<String>)> =
        sales.select((sale.col(Sale::ID), name())).all(db).await?;
    let (cid, bob) = (Some("Cid".to_owned()), Some("Bob".to_owned()));
    assert_eq!(sales, [(4, cid), (5, None), (6, bob)]);
    let alone = Seller::find().full_join(sale, sold());
    let alone = alone.filter(name().is_null() | sale.maybe(Sale::ID).is_null());
    let alone = alone.order_by(Seller::NAME.desc().nulls_last());
    let alone: Vec<_> = alone.select((name(), sale.maybe(Sale::ID))).all(db).await?;
    assert_eq!(alone, [(Some("Dot".to_owned()), None), (None, Some(5))]);

    // Whole rows beside what is computed; those without a city at the beginning.
    let sellers = Seller::find().order_by(Seller::CITY.asc().nulls_first());
    let sellers = sellers.order_by(Seller::NAME);
    let sellers = sellers.select((row(), Seller::CITY.coalesce("nowhere")));
    let sellers: Vec<(Seller, String)> = sellers.all(db).await?;
    let places: Vec<_> = sellers
        .iter()
        .map(|(s, city)| (&*s.name, &**city))
        .collect();
    let expected = [
        ("Cid", "nowhere"),
        ("Ann", "Oslo"),
        ("Bob", "Oslo"),
        ("Dot", "Rome"),
    ];
    assert_eq!(places, expected);
    Ok(())
}

async fn named_rows(db: &Db) -> ormcore::Result<()> {
    // PostgreSQL finds the dear sales once; they are joined, and asked who has more than one of them.
    let dear = Alias::<Sale>::of_rows("dear");
    let often = Sale::find().of_rows(dear).select(Sale::SELLER_ID);
    let often = often.group_by(Sale::SELLER_ID).having(count().gt(1));
    let found = Seller::find()
        .given(dear, Sale::find().filter(Sale::EUROS.ge(6)))
        .join(dear, dear.col(Sale::SELLER_ID).eq(Seller::ID))
        .filter(Seller::ID.in_query(often))
        .order_by(dear.col(Sale::ID));
    let found = found.select((Seller::NAME, dear.col(Sale::EUROS)));
    let bob = || "Bob".to_owned();
    assert_eq!(found.all(db).await?, [(bob(), 6), (bob(), 10)]);

    // Somebody, and all below, however far.
    let roots = Seller::find().filter(Seller::NAME.eq("Bob"));
    let below = Seller::find().tree(roots, Seller::TEAM);
    let below = below
        .order_by(Seller::ID)
        .with(Seller::TEAM)
        .all(db)
        .await?;
    assert_eq!(below[0].team.get()?[0].name, below[1].name);
    assert_eq!(
        (&*below[1].name, below[1].city.as_deref()),
        ("Dot", Some("Rome"))
    );
    assert_eq!(below[1].boss_id, Some(2));
    Ok(())
}

async fn sets(db: &Db) -> ormcore::Result<()> {
    // Two teas on the first day, then two cups and two teas.
    let first = || Sale::find().filter(Sale::DAY.eq(1)).select(Sale::ITEM);
    let later = || Sale::find().filter(Sale::DAY.gt(1)).select(Sale::ITEM);
    let answers = [
        (first().union(later()), "cup tea"),
        (first().union_all(later()), "cup cup tea tea tea tea"),
        (first().intersect(later()), "tea"),
        (first().intersect_all(later()), "tea tea"),
        (later().except(first()), "cup"),
        (later().except_all(first().limit(1)), "cup cup tea"),
    ];
    for (question, expected) in answers {
        let items: Vec<String> = question.order_by_position(1).all(db).await?;
        assert_eq!(items.join(" "), expected);
    }
    // Of different tables too, as long as they select the same types.
    let names = Seller::find().select((Seller::ID, Seller::NAME));
    let items = Sale::find().select((Sale::ID, Sale::ITEM));
    let last = names.union(items).order_by_position_desc(1);
    let last = last.order_by_position(2).limit(1);
    assert_eq!(last.one(db).await?, (6, "tea".to_owned()));
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Seller, Sale]).await?;
    open(&db).await?;
    joins(&db).await?;
    named_rows(&db).await?;
    sets(&db).await?;
    println!("all questions are answered");
    sql("DROP TABLE join_sales, join_sellers")
        .batch(&db)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
