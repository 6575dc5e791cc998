//! Rows of any result find each other, whatever statement returned them.

use crate::fresh::{Fresh, fresh};
use ormcore::{Alias, Entity, ErrorKind, Lazy, Many, One, Result, entities, row, sql};

#[derive(Entity, Debug)]
#[orm(table = "shops", insert(NewShop))]
struct Shop {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(has_many(Sale, key = shop_id, lazy = "peers"))]
    sales: Many<Sale>,
}

#[derive(Entity, Debug)]
#[orm(table = "sales", insert(NewSale), patch(SalePatch))]
struct Sale {
    #[orm(primary_key)]
    id: i64,
    #[orm(references(Shop))]
    shop_id: i64,
    price: i32,
    #[orm(belongs_to(key = shop_id, lazy = "peers"))]
    shop: One<Shop>,
}

fn sales(ids: std::ops::RangeInclusive<i64>) -> Vec<NewSale> {
    let sale = |id| NewSale {
        id,
        shop_id: (id - 1) % 3 + 1,
        price: 5,
    };
    ids.map(sale).collect()
}

/// Three shops, and six sales in turn.
async fn shops() -> Fresh {
    let fresh = fresh(entities![Shop, Sale]).await;
    let shop = |id: i64| NewShop {
        id,
        name: format!("shop {id}"),
    };
    let shops = Shop::insert_many((1..=3).map(shop).collect());
    shops.execute(&fresh.db).await.expect("shops");
    let sales = Sale::insert_many(sales(1..=6));
    sales.execute(&fresh.db).await.expect("sales");
    fresh.statements();
    fresh
}

/// Loads the shop of each, in one statement.
async fn one_statement(fresh: &Fresh, sales: Result<Vec<Sale>>, expected: usize) {
    let sales = sales.expect("sales");
    assert_eq!(sales.len(), expected);
    fresh.statements();
    for sale in &sales {
        let shop = sale.shop.load(&fresh.db).await.expect("a shop");
        assert_eq!(shop.id, sale.shop_id);
        assert!(sale.price > 4);
        assert_eq!(shop.name, format!("shop {}", shop.id));
    }
    assert_eq!(fresh.statements().len(), 1);
}

#[tokio::test]
async fn rows_that_were_written() {
    let shops = shops().await;
    let db = &shops.db;
    let inserted = Sale::insert_many(sales(7..=12)).all(db).await;
    one_statement(&shops, inserted, 6).await;
    let upserted = Sale::upsert_many(sales(7..=14)).on_conflict(Sale::ID);
    let upserted = upserted.update_all().all(db).await;
    one_statement(&shops, upserted, 8).await;
    let updated = Sale::update_many().filter(Sale::ID.gt(6));
    let updated = updated.set(Sale::PRICE, 6).all(db).await;
    one_statement(&shops, updated, 8).await;
    let each = Sale::update_each(Sale::PRICE, [(7, 7), (8, 8)]);
    one_statement(&shops, each.all(db).await, 2).await;
    let deleted = Sale::delete().filter(Sale::ID.gt(6)).all(db).await;
    one_statement(&shops, deleted, 8).await;
}

#[tokio::test]
async fn rows_of_ones_own_sql() {
    let shops = shops().await;
    let ask = || sql!("SELECT price, id, shop_id FROM sales");
    one_statement(&shops, ask().all(&shops.db).await, 6).await;
    let sales: Vec<Sale> = ask().lazy(Lazy::Raise).all(&shops.db).await.unwrap();
    let error = sales[0].shop.load(&shops.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
}

#[tokio::test]
async fn whole_rows_among_what_is_selected() {
    let shops = shops().await;
    let db = &shops.db;
    let find = || Sale::find().order_by(Sale::ID);
    let selected = find().select((row(), Sale::PRICE)).all(db).await;
    let alone = selected.map(|rows| rows.into_iter().map(|(sale, _)| sale).collect());
    one_statement(&shops, alone, 6).await;
    let cheap = || Sale::find().filter(Sale::ID.le(3)).select(row());
    let dear = || Sale::find().filter(Sale::ID.gt(3)).select(row());
    let both = cheap().union_all(dear()).all(db).await;
    one_statement(&shops, both, 6).await;
    let mut streamed = Vec::new();
    let mut stream = find().select(row()).stream(db);
    while let Some(sale) = stream.next().await {
        streamed.push(sale.unwrap());
    }
    drop(stream);
    one_statement(&shops, Ok(streamed), 6).await;

    // What the question says goes along.
    let selected = find().lazy(Lazy::Raise).select((row(), Sale::PRICE));
    let (sale, _) = selected.first(db).await.unwrap().unwrap();
    let error = sale.shop.load(db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    let union = find().lazy(Lazy::Raise).select(row()).union(dear());
    let union = union.all(db).await.unwrap();
    assert!(union[5].shop.load(db).await.is_err());
}

#[tokio::test]
async fn several_entities_of_one_row() {
    let shops = shops().await;
    let other = Alias::<Sale>::new("other");
    let pairs = Sale::find()
        .join(other, other.col(Sale::SHOP_ID).eq(Sale::SHOP_ID))
        .filter(other.col(Sale::ID).gt(Sale::ID))
        .order_by(Sale::ID)
        .select((row(), other.col(Sale::ID)));
    let pairs: Vec<(Sale, i64)> = pairs.all(&shops.db).await.unwrap();
    assert_eq!(pairs.len(), 3);
    let first = pairs.into_iter().map(|(sale, _)| sale).collect();
    one_statement(&shops, Ok(first), 3).await;
}

#[tokio::test]
async fn a_row_got_by_its_key_does_what_the_question_says() {
    let shops = shops().await;
    let db = &shops.db;
    let shop = Shop::get(1).lazy(Lazy::Raise).one(db).await.unwrap();
    let error = shop.sales.load(db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    let get = Shop::get(2).with(Shop::SALES).lazy(Lazy::Raise);
    let shop = get.maybe(db).await.unwrap().unwrap();
    let sales = shop.sales.load(db).await.unwrap();
    assert_eq!(sales.len(), 2);
    assert!(sales[0].shop.load(db).await.is_err());

    let shop = Shop::get(3).lazy(Lazy::Peers).one(db).await.unwrap();
    shops.statements();
    for sale in shop.sales.load(db).await.unwrap() {
        assert_eq!(sale.shop.load(db).await.unwrap().name, "shop 3");
    }
    assert_eq!(shops.statements().len(), 2);
}
