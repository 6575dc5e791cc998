//! Reports about a small shop: answers once, groups and all that is computed of them, windows, neighbours and frames; and what is
//! selected goes by a name.
//! Run it with `cargo run --example reports`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{
    Alias, Db, Edge, Entity, Expression, Row, Window, count, cume_dist, dense_rank, entities,
    fragment, ntile, percent_rank, rank, row_number, sql,
};

#[derive(Entity, Debug)]
#[orm(table = "report_sales", insert(NewSale))]
struct Sale {
    #[orm(primary_key)]
    id: i64,
    /// Nobody: it was sold by a machine.
    seller: Option<String>,
    day: i32,
    item: String,
    euros: i32,
    paid: bool,
}

/// What is known of an item: the fields are those of the selection, in its order.
#[derive(Row, Debug, PartialEq)]
struct ItemReport {
    item: String,
    sales: i64,
    days: i64,
    total: Option<i64>,
    received: Option<i64>,
    mean: Option<f64>,
    cheapest: Option<i32>,
    dearest: Option<i32>,
    prices: Option<Vec<i32>>,
    all_paid: Option<bool>,
    any_above_nine: Option<bool>,
}

async fn open(db: &Db) -> ormcore::Result<()> {
    let sales = [
        (1, Some("Ann"), 1, "tea", 4, true),
        (2, Some("Bob"), 1, "tea", 6, true),
        (3, Some("Bob"), 2, "cup", 10, false),
        (4, Some("Cid"), 2, "tea", 2, true),
        (5, None, 4, "cup", 8, true),
        (6, Some("Bob"), 5, "tea", 4, true),
    ];
    let sales = sales.map(|(id, seller, day, item, euros, paid)| NewSale {
        id,
        seller: seller.map(Into::into),
        day,
        item: item.into(),
        euros,
        paid,
    });
    Sale::insert_many(sales.into()).execute(db).await?;
    Ok(())
}

async fn groups(db: &Db) -> ormcore::Result<()> {
    // Each answer once; and of each item one sale, the dearest.
    let items = Sale::find().select(Sale::ITEM).distinct();
    assert_eq!(items.order_by(Sale::ITEM).all(db).await?, ["cup", "tea"]);
    let dearest = Sale::find().select((Sale::ITEM, Sale::ID));
    let dearest = dearest.distinct_on(Sale::ITEM).order_by(Sale::ITEM);
    let dearest = dearest.order_by(Sale::EUROS.desc()).all(db).await?;
    assert_eq!(dearest, [("cup".to_owned(), 3), ("tea".to_owned(), 2)]);

    // All that can be computed of a group, each of all its rows or of those that a filter names.
    let report = Sale::find()
        .select((
            Sale::ITEM,
            count(),
            Sale::DAY.count_distinct(),
            Sale::EUROS.sum(),
            Sale::EUROS.sum().filter(Sale::PAID.eq(true)),
            Sale::EUROS.avg(),
            Sale::EUROS.min(),
            Sale::EUROS.max(),
            Sale::EUROS.array_agg().order_by(Sale::ID),
            Sale::PAID.eq(true).every(),
            Sale::EUROS.gt(9).some(),
        ))
        .rows::<ItemReport>()
        .group_by(Sale::ITEM)
        .order_by(Sale::ITEM);
    let report = report.all(db).await?;
    println!("{report:#?}");
    let cups = ItemReport {
        item: "cup".into(),
        sales: 2,
        days: 2,
        total: Some(18),
        received: Some(8),
        mean: Some(9.0),
        cheapest: Some(8),
        dearest: Some(10),
        prices: Some(vec![10, 8]),
        all_paid: Some(false),
        any_above_nine: Some(true),
    };
    assert_eq!(report[0], cups);
    assert_eq!(report[1].prices, Some(vec![4, 6, 2, 4]));

    // Only some groups; texts become one text.
    let busy = Sale::find()
        .select((
            Sale::SELLER,
            Sale::ITEM
                .string_agg(", ")
                .distinct()
                .order_by(Sale::ITEM.desc()),
        ))
        .group_by(Sale::SELLER)
        .having(count().gt(1));
    let busy: (Option<String>, Option<String>) = busy.one(db).await?;
    assert_eq!(busy, (Some("Bob".to_owned()), Some("tea, cup".to_owned())));
    Ok(())
}

async fn windows(db: &Db) -> ormcore::Result<()> {
    // The place of each sale among all: those that are equal share a rank, not a number.
    let dearest = || Window::new().order_by(Sale::EUROS.desc());
    let places: Vec<(i64, i64, i64, i64, i32)> = Sale::find()
        .order_by(Sale::EUROS.desc())
        .order_by(Sale::ID)
        .select((
            Sale::ID,
            row_number().over(dearest().order_by(Sale::ID)),
            rank().over(dearest()),
            dense_rank().over(dearest()),
            ntile(2).over(dearest().order_by(Sale::ID)),
        ))
        .all(db)
        .await?;
    let expected = [
        (3, 1, 1, 1, 1),
        (5, 2, 2, 2, 1),
        (2, 3, 3, 3, 1),
        (1, 4, 4, 4, 2),
        (6, 5, 4, 4, 2),
        (4, 6, 6, 5, 2),
    ];
    assert_eq!(places, expected);
    let share = Sale::find().filter(Sale::ITEM.eq("tea"));
    let by_day = || Window::new().order_by(Sale::DAY);
    let share = share.select((percent_rank().over(by_day()), cume_dist().over(by_day())));
    let mut share: Vec<(f64, f64)> = share.all(db).await?;
    share.sort_by(|one, other| one.0.total_cmp(&other.0));
    let two_thirds = 2.0 / 3.0;
    assert_eq!(
        share,
        [(0.0, 0.5), (0.0, 0.5), (two_thirds, 0.75), (1.0, 1.0)]
    );

    // Its neighbours. Where there is none, it is NULL, or what you say.
    let in_order = || Window::new().order_by(Sale::ID);
    type Neighbours = (Option<i32>, Option<i32>, i32, i32);
    let beside: Vec<Neighbours> = Sale::find()
        .order_by(Sale::ID)
        .select((
            Sale::EUROS.lag(1).over(in_order()),
            Sale::EUROS.lead(1).over(in_order()),
            Sale::EUROS.lag_or(2, 0).over(in_order()),
            Sale::EUROS.lead_or(2, Sale::EUROS).over(in_order()),
        ))
        .all(db)
        .await?;
    assert_eq!(beside[0], (None, Some(6), 0, 10));
    assert_eq!(beside[5], (Some(8), None, 2, 4));

    // The first, last and second of its item, and what all of the item cost together.
    let of_item = || Window::new().partition_by(Sale::ITEM);
    let ordered = || of_item().order_by(Sale::ID).all_rows();
    let among: Vec<(i64, i64, Option<i64>, Option<i64>)> = Sale::find()
        .order_by(Sale::ID)
        .select((
            Sale::ID.first_value().over(ordered()),
            Sale::ID.last_value().over(ordered()),
            Sale::ID.nth_value(2).over(ordered()),
            Sale::EUROS.sum().over(of_item()),
        ))
        .all(db)
        .await?;
    assert_eq!(among[0], (1, 6, Some(2), Some(16)));
    assert_eq!(among[2], (3, 5, Some(5), Some(18)));

    // Frames: all up to here, this and the one before, all of this day and the one before.
    let frames: Vec<(Option<i64>, Option<i64>, Option<i64>)> = Sale::find()
        .order_by(Sale::ID)
        .select((
            Sale::EUROS.sum().over(in_order().rows_so_far()),
            Sale::EUROS
                .sum()
                .over(in_order().rows_between(Edge::Before(1), Edge::Current)),
            Sale::EUROS
                .sum()
                .over(by_day().range_between(Edge::Before(1), Edge::Current)),
        ))
        .all(db)
        .await?;
    let expected = [
        (4, 4, 10),
        (10, 10, 10),
        (20, 16, 22),
        (22, 12, 22),
        (30, 10, 8),
        (34, 12, 12),
    ];
    assert_eq!(
        frames,
        expected.map(|(a, b, c)| (Some(a), Some(b), Some(c)))
    );
    Ok(())
}

/// What somebody has sold: an entity without a table, which names the columns of a selection.
#[derive(Entity, Debug)]
struct Total {
    #[orm(primary_key)]
    item: String,
    sales: i64,
    euros: Option<i64>,
}

#[derive(Entity, Debug)]
struct Day {
    #[orm(primary_key)]
    day: i32,
}

/// What was selected, put together or written by hand goes by a name, and is asked like a table.
async fn named(db: &Db) -> ormcore::Result<()> {
    let totals = Alias::<Total>::of_rows("totals");
    let columns = (Total::ITEM, Total::SALES, Total::EUROS);
    let sums = || {
        let sums = Sale::find().select((Sale::ITEM, count(), Sale::EUROS.sum()));
        sums.group_by(Sale::ITEM)
    };
    let best = Total::find().given_as(totals, columns, sums());
    let best = best.of_rows(totals).order_by(Total::EUROS.desc());
    for total in &best.all(db).await? {
        println!(
            "{}: {} sales, {:?} euros",
            total.item, total.sales, total.euros
        );
    }
    let mean = Total::find().given_as(totals, columns, sums());
    let mean = mean.of_rows(totals).select(Total::EUROS.avg());
    assert_eq!(mean.one(db).await?, Some(17.0));
    // Each sale beside those of its item.
    let share = Sale::find()
        .given_as(totals, columns, sums())
        .join(totals, totals.col(Total::ITEM).eq(Sale::ITEM))
        .filter((Sale::EUROS * 2).cast::<i64>().gt(totals.col(Total::EUROS)))
        .select((Sale::ID, totals.col(Total::SALES)));
    assert_eq!(share.all(db).await?, [(3, 2)]);

    // Every day, also those on which nothing was sold: SQL of your own, which may call itself.
    let days = Alias::<Day>::of_rows("days");
    let last = 5;
    let numbers = fragment!("SELECT 1 UNION ALL SELECT day + 1 FROM days WHERE day < {last}");
    let sale = Alias::<Sale>::new("sale");
    let sold = Day::find()
        .given_as(days, Day::DAY, numbers)
        .of_rows(days)
        .left_join(sale, sale.col(Sale::DAY).eq(Day::DAY))
        .order_by(Day::DAY)
        .select((Day::DAY, sale.maybe(Sale::ID).count()))
        .group_by(Day::DAY);
    let sold: Vec<(i32, i64)> = sold.all(db).await?;
    assert_eq!(sold, [(1, 2), (2, 2), (3, 0), (4, 1), (5, 1)]);

    // With the total of all below those of the groups.
    let item = || Expression::from(Sale::ITEM).nullable();
    let all = Sale::find()
        .select((item(), Sale::EUROS.sum()))
        .group_by(fragment!("ROLLUP ({Sale::ITEM})"))
        .order_by(item().asc().nulls_last());
    let all: Vec<(Option<String>, Option<i64>)> = all.all(db).await?;
    let expected = [(Some("cup"), 18), (Some("tea"), 16), (None, 34)];
    assert_eq!(
        all,
        expected.map(|(item, sum)| (item.map(str::to_owned), Some(sum)))
    );
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Sale]).await?;
    open(&db).await?;
    groups(&db).await?;
    windows(&db).await?;
    named(&db).await?;
    println!("all reports say what they should");
    sql("DROP TABLE report_sales").batch(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
