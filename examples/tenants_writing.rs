//! Two shops in one database: whatever the one writes, by whichever way, the other's shelves stay as they were. `tenants`
//! comes first. Run it with `cargo run --example tenants_writing`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{
    Alias, Db, Entity, ErrorKind, Many, One, Result, Value, entities, excluded, inserted, sql,
};

#[derive(Value, Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ShopId(i64);

#[derive(Entity, Debug)]
#[orm(table = "shops_makers", insert(NewMaker))]
struct Maker {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    shop_id: ShopId,
    #[orm(unique)]
    name: String,
    #[orm(has_many(Product, key = maker_id))]
    products: Many<Product>,
}

#[derive(Entity, Debug)]
#[orm(table = "shops_products", insert(NewProduct))]
struct Product {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    shop_id: ShopId,
    #[orm(unique)]
    name: String,
    stock: i64,
    #[orm(references(Maker))]
    maker_id: i64,
    #[orm(belongs_to(key = maker_id))]
    maker: One<Maker>,
    #[orm(many_to_many(Label, through = "shops_product_labels"))]
    labels: Many<Label>,
}

#[derive(Entity, Debug)]
#[orm(table = "shops_labels", insert(NewLabel))]
struct Label {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    shop_id: ShopId,
    #[orm(unique)]
    text: String,
}

type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Maker, Product, Label]).await?;
    sql("TRUNCATE shops_makers, shops_labels CASCADE")
        .batch(&db)
        .await?;
    let (north, south) = (db.scope(ShopId(1)), db.scope(ShopId(2)));

    // Rows in any number go in by a COPY: each gets the shop of the handle.
    for shop in [&north, &south] {
        let maker = Maker::insert(NewMaker { name: "Ada".into() });
        let maker_id = maker.one(shop).await?.id;
        let products = ["cup", "jug", "pan"].map(|name| product(name, 10, maker_id));
        assert_eq!(Product::copy_in(products).execute(shop).await?, 3);
    }
    let untouched = ["cup 10", "jug 10", "pan 10"];
    assert_eq!(shelves(&db, 1).await?, untouched);

    upserts(&north).await?;
    assert_eq!(
        shelves(&db, 1).await?,
        ["cup 15", "jug 0", "lid 7", "pan 10"]
    );
    joins(&north, &south).await?;
    links(&north, &south).await?;
    session(&north, &south).await?;
    assert_eq!(
        shelves(&db, 1).await?,
        ["big lid 7", "cup 15", "mug 1", "pan 10"]
    );

    // And out of the one shop again.
    let mut exported = Vec::new();
    let mut products = Product::find().order_by(Product::NAME).copy_out(&north);
    while let Some(product) = products.next().await.transpose()? {
        assert_eq!(product.shop_id, ShopId(1));
        exported.push(product.name);
    }
    assert_eq!(exported, ["big lid", "cup", "mug", "pan"]);

    // All of that was nothing to the other.
    assert_eq!(shelves(&db, 2).await?, untouched);
    nobodys(&db).await?;
    sql("DROP TABLE shops_product_labels, shops_labels, shops_products, shops_makers")
        .batch(&db)
        .await?;
    Ok(())
}

/// What is in the way of a new row is a row of the same shop.
async fn upserts(north: &Db) -> Outcome {
    let maker = Maker::find().one(north).await?.id;
    let delivered = vec![product("cup", 5, maker), product("lid", 7, maker)];
    let delivered = Product::upsert_many(delivered).on_conflict(Product::NAME);
    let delivered = delivered
        .set(Product::STOCK, Product::STOCK + excluded(Product::STOCK))
        .returning((Product::NAME, Product::STOCK, inserted()));
    let mut delivered = delivered.all(north).await?;
    delivered.sort();
    let expected = [("cup".to_owned(), 15, false), ("lid".to_owned(), 7, true)];
    assert_eq!(delivered, expected);

    let sold = Product::upsert(product("jug", 0, maker)).on_conflict(Product::NAME);
    let jug = sold.update(Product::STOCK).one(north).await?;
    assert_eq!((jug.shop_id, jug.stock), (ShopId(1), 0));
    Ok(())
}

/// Every table of a statement is that of the shop, also one that is joined under another name.
async fn joins(north: &Db, south: &Db) -> Outcome {
    // Both shops have cups, jugs and pans; but nothing here compares a shop.
    let other = Alias::<Product>::new("other");
    let pairs = || {
        let namesakes = other.col(Product::NAME).eq(Product::NAME);
        let stocks = (Product::NAME, Product::STOCK, other.col(Product::STOCK));
        Product::find().join(other, namesakes).select(stocks)
    };
    let mut own = pairs().all(north).await?;
    own.sort();
    let expected = [("cup", 15), ("jug", 0), ("lid", 7), ("pan", 10)];
    let expected = expected.map(|(name, stock)| (name.to_owned(), stock, stock));
    assert_eq!(own, expected);
    assert_eq!(pairs().all(south).await?.len(), 3);
    let of_all = pairs().all(&north.all_scopes()).await?;
    assert_eq!(of_all.len(), 4 * 3 + 1);

    // Relations are joins, too.
    let cup = Product::find().filter(Product::NAME.eq("cup"));
    let cup = cup.with(Product::MAKER.joined()).one(south).await?;
    assert_eq!(cup.maker.get()?.shop_id, ShopId(2));
    let makers = Maker::find().filter(Maker::PRODUCTS.any(Product::NAME.eq("lid")));
    assert_eq!(makers.count(north).await?, 1);
    let makers = Maker::find().filter(Maker::PRODUCTS.any(Product::NAME.eq("lid")));
    assert_eq!(makers.count(south).await?, 0);
    Ok(())
}

/// A link joins two rows of one shop, and is of that shop itself.
async fn links(north: &Db, south: &Db) -> Outcome {
    let mut labels = Vec::new();
    for (shop, text) in [(north, "new"), (north, "sale"), (south, "new")] {
        let label = NewLabel { text: text.into() };
        labels.push(Label::insert(label).one(shop).await?.id);
    }
    let cup = async |shop| {
        let cup = Product::find().filter(Product::NAME.eq("cup"));
        cup.one(shop).await
    };
    let (ours, theirs) = (cup(north).await?, cup(south).await?);
    let links = Product::LABELS.of(&ours);
    assert_eq!(links.add(north, labels[..2].to_vec()).await?, 2);
    let theirs = Product::LABELS.of(&theirs);
    assert_eq!(theirs.add(south, [labels[2]]).await?, 1);

    // The label of another shop is none.
    let strange = Product::LABELS.of(&ours).add(north, [labels[2]]).await;
    let strange = strange.err().ok_or("it is linked")?;
    assert!(strange.is_foreign_key_violation(), "{strange}");
    println!("{strange}");

    Product::LABELS.of(&ours).set(north, [labels[1]]).await?;
    let new = Product::find().filter(Product::LABELS.any(Label::TEXT.eq("new")));
    assert_eq!(new.count(north).await?, 0);
    let new = Product::find().filter(Product::LABELS.any(Label::TEXT.eq("new")));
    assert_eq!(new.count(south).await?, 1);
    Ok(())
}

/// A session is of the shop whose handle it is from: what it reads, changes, adds, removes and links.
async fn session(north: &Db, south: &Db) -> Outcome {
    let theirs = Product::find().filter(Product::NAME.eq("cup"));
    let theirs = theirs.one(south).await?;
    let mut s = north.session();
    let strange = s.get::<Product>(theirs.id).await.err();
    assert!(strange.is_some_and(|error| error.is_not_found()));

    let by_name = || Product::find().order_by(Product::NAME);
    let products = s.all(by_name().with(Product::LABELS)).await?;
    let [cup, jug, lid, _] = products[..] else {
        return Err("there are four".into());
    };
    let sale = s.related(cup, Product::LABELS)?.to_vec();
    let [sale] = sale[..] else {
        return Err("the cup has one label".into());
    };
    s[lid].name = "big lid".into();
    s.remove(jug);
    let maker_id = s[cup].maker_id;
    let mug = s.add(product("mug", 1, maker_id));
    s.connect(mug, Product::LABELS, sale)?;
    println!("{}", s.changes());
    s.commit().await?;
    assert_eq!(s[mug].shop_id, ShopId(1));
    let on_sale = Product::find().filter(Product::LABELS.any(Label::TEXT.eq("sale")));
    assert_eq!(on_sale.count(north).await?, 2);
    Ok(())
}

/// Who does not say whose rows are meant writes none.
async fn nobodys(db: &Db) -> Outcome {
    let new = || product("cup", 1, 1);
    let upsert = Product::upsert(new()).on_conflict(Product::NAME);
    for refused in [
        Product::insert(new()).execute(db).await,
        Product::copy_in([new()]).execute(db).await,
        upsert.update(Product::STOCK).execute(db).await,
        Product::update(1).set(Product::STOCK, 0).execute(db).await,
        Product::delete().all_rows().execute(db).await,
        Product::LABELS.of_key(&1).clear(db).await,
    ] {
        let error = refused.err().ok_or("it was written")?;
        assert_eq!(error.kind(), ErrorKind::ScopeMissing, "{error}");
    }
    // The rows of a session are of one shop.
    let refused = db.session().get::<Product>(1).await.err();
    assert!(refused.is_some_and(|error| error.kind() == ErrorKind::Usage));
    Ok(())
}

/// What a shop has, asked for past all of this.
async fn shelves(db: &Db, shop: i64) -> Result<Vec<String>> {
    let text = "SELECT name || ' ' || stock FROM shops_products WHERE shop_id = $1 ORDER BY name COLLATE \"C\"";
    sql(text).bind(shop).scalars(db).await
}

fn product(name: &str, stock: i64, maker_id: i64) -> NewProduct {
    NewProduct {
        name: name.to_owned(),
        stock,
        maker_id,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
