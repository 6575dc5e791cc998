//! Links of rows whose keys name their scope, and links that are marked as deleted: of one scope all the same.

use crate::distributed::{wrong_anywhere, wrong_within};
use crate::fresh::{Fresh, fresh};
use chrono::{DateTime, Utc};
use ormcore::{Db, Entity, ErrorKind, Many, Result, entities, sql};

#[derive(Entity, Debug)]
#[orm(table = "orders", insert(NewOrder))]
struct Order {
    #[orm(primary_key, scope)]
    tenant_id: i32,
    #[orm(primary_key)]
    id: i64,
    #[orm(many_to_many(Product, through = "order_products", here = (tenant_id, order_id), there = (their_tenant_id, product_id)))]
    products: Many<Product>,
    #[orm(many_to_many(Product, through = Wish, here = (tenant_id, order_id), there = (their_tenant_id, product_id)))]
    wishes: Many<Product>,
}

#[derive(Entity, Debug)]
#[orm(table = "products", insert(NewProduct))]
struct Product {
    #[orm(primary_key, scope)]
    tenant_id: i32,
    #[orm(primary_key)]
    id: i64,
    name: String,
}

/// A link that is marked as deleted when it ends.
#[derive(Entity, Debug)]
#[orm(table = "wishes")]
struct Wish {
    #[orm(primary_key, scope)]
    tenant_id: i32,
    #[orm(primary_key)]
    order_id: i64,
    #[orm(primary_key)]
    their_tenant_id: i32,
    #[orm(primary_key)]
    product_id: i64,
    #[orm(version)]
    version: i32,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
}

/// Who has no scope, linked to those who have.
#[derive(Entity, Debug)]
#[orm(table = "shops", insert(NewShop))]
struct Shop {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(many_to_many(Product, through = Listing, here = shop_id, there = (tenant_id, product_id)))]
    products: Many<Product>,
}

#[derive(Entity, Debug)]
#[orm(table = "listings")]
struct Listing {
    #[orm(primary_key)]
    shop_id: i64,
    #[orm(primary_key, scope)]
    tenant_id: i32,
    #[orm(primary_key)]
    product_id: i64,
}

/// Two tenants, each with an order and two products of the same numbers, and a shop.
async fn shops() -> Fresh {
    let fresh = fresh(entities![Order, Product, Wish, Shop, Listing]).await;
    for tenant in [1, 2] {
        let db = fresh.db.scope(tenant);
        Order::insert(NewOrder { id: 1 })
            .execute(&db)
            .await
            .expect("an order");
        let product = |id| NewProduct {
            id,
            name: format!("product {id} of {tenant}"),
        };
        let products = [1, 2].map(product);
        let products = Product::insert_many(products.into()).execute(&db).await;
        assert_eq!(products.expect("products"), 2);
    }
    let shop = NewShop {
        id: 1,
        name: "Corner".into(),
    };
    Shop::insert(shop).execute(&fresh.db).await.expect("a shop");
    fresh.statements();
    fresh
}

/// The links, each with the tenants at both ends.
async fn links(db: &Db) -> Vec<String> {
    let links = "SELECT format('order %s of %s, %s of %s', order_id, tenant_id, product_id, their_tenant_id)
                 FROM order_products UNION ALL
                 SELECT format('wish %s of %s, %s of %s, version %s%s', order_id, tenant_id, product_id, their_tenant_id,
                               version, ' gone' || left(deleted_at::text, 0)) FROM wishes UNION ALL
                 SELECT format('shop %s, %s of %s', shop_id, product_id, tenant_id) FROM listings ORDER BY 1";
    sql(links).scalars(db).await.expect("links")
}

fn refused<T: std::fmt::Debug>(result: Result<T>) {
    let error = result.expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    assert!(error.to_string().contains("of one scope"), "{error}");
}

#[tokio::test]
async fn keys_of_another_scope_are_refused_and_nothing_is_sent() {
    let shops = shops().await;
    let one = &shops.db.scope(1);
    let order = Order::get((1, 1)).one(one).await.unwrap();
    let strange = Order::get((2, 1)).one(&shops.db.scope(2)).await.unwrap();
    shops.statements();
    refused(Order::PRODUCTS.of(&order).add(one, [(1, 1), (2, 1)]).await);
    refused(Order::PRODUCTS.of(&strange).add(one, [(1, 1)]).await);
    refused(Order::PRODUCTS.of_key(&(2, 1)).add(one, [(2, 1)]).await);
    refused(Order::PRODUCTS.of_key(&(2, 1)).clear(one).await);
    refused(Order::PRODUCTS.of(&order).set(one, [(2, 1)]).await);
    refused(Order::PRODUCTS.of(&order).remove(one, [(2, 1)]).await);
    refused(Order::WISHES.of_key(&(1, 1)).add(one, [(2, 1)]).await);
    refused(Shop::PRODUCTS.of_key(&1).add(one, [(2, 1)]).await);
    assert!(shops.statements().is_empty());
    // Of the row in hand it is known whose it is.
    let added = Order::PRODUCTS.of(&strange).add(one, [(2, 1)]).await;
    assert_eq!(added.unwrap(), 1);
    assert_eq!(links(&shops.db).await, ["order 1 of 2, 1 of 2"]);
}

#[tokio::test]
async fn a_scope_that_stands_among_the_columns_of_the_other_key_is_written_once() {
    let shops = shops().await;
    for tenant in [1, 2] {
        let db = &shops.db.scope(tenant);
        let links = || Shop::PRODUCTS.of_key(&1);
        let keys = |ids: &[i64]| ids.iter().map(|id| (tenant, *id)).collect::<Vec<_>>();
        assert_eq!(links().add(db, keys(&[1, 2])).await.unwrap(), 2);
        assert_eq!(links().remove(db, keys(&[1])).await.unwrap(), 1);
        assert_eq!(links().set(db, keys(&[1])).await.unwrap(), 1);
        let found = Shop::find().with(Shop::PRODUCTS).one(db).await.unwrap();
        let products = found.products.get().unwrap();
        let names: Vec<&str> = products.iter().map(|product| &*product.name).collect();
        assert_eq!(names, [format!("product 1 of {tenant}")]);
        assert_eq!(products[0].key(), (tenant, 1));
    }
    assert_eq!(links(&shops.db).await, ["shop 1, 1 of 1", "shop 1, 1 of 2"]);
    let cleared = Shop::PRODUCTS.of_key(&1).clear(&shops.db.scope(1)).await;
    assert_eq!(cleared.unwrap(), 1);
    assert_eq!(links(&shops.db).await, ["shop 1, 1 of 2"]);
}

#[tokio::test]
async fn what_a_row_is_linked_to_is_asked_in_its_own_scope_and_by_a_key_in_that_of_the_handle() {
    let shops = shops().await;
    let (one, two) = (&shops.db.scope(1), &shops.db.scope(2));
    for tenant in [1, 2] {
        let db = &shops.db.scope(tenant);
        let of_order = Order::PRODUCTS.of_key(&(tenant, 1));
        of_order
            .add(db, [(tenant, i64::from(tenant))])
            .await
            .unwrap();
        let of_shop = Shop::PRODUCTS.of_key(&1);
        of_shop.add(db, [(tenant, 1), (tenant, 2)]).await.unwrap();
    }
    let strange = Order::get((2, 1)).one(two).await.unwrap();
    let of = || Order::PRODUCTS.of(&strange);
    for db in [one, two, &shops.db] {
        assert_eq!(of().keys(db).await.unwrap(), [(2, 2)]);
        assert_eq!(of().count(db).await.unwrap(), 1);
        assert!(of().has(db, (2, 2)).await.unwrap());
        assert!(!of().has(db, (1, 2)).await.unwrap());
        assert_eq!(of().find().one(db).await.unwrap().name, "product 2 of 2");
    }
    // A key is what somebody says; the handle says what he may see.
    let of = || Order::PRODUCTS.of_key(&(2, 1));
    assert_eq!(of().count(one).await.unwrap(), 0);
    assert!(!of().has(one, (2, 2)).await.unwrap());
    assert_eq!(of().keys(two).await.unwrap(), [(2, 2)]);
    let shop = Shop::get(1).one(&shops.db).await.unwrap();
    let mut keys = Shop::PRODUCTS.of(&shop).keys(one).await.unwrap();
    keys.sort_unstable();
    assert_eq!(keys, [(1, 1), (1, 2)]);
    let forgotten = Shop::PRODUCTS.of(&shop).keys(&shops.db).await;
    assert_eq!(forgotten.unwrap_err().kind(), ErrorKind::ScopeMissing);
}

#[tokio::test]
async fn a_session_links_rows_by_such_keys() {
    let shops = shops().await;
    for tenant in [1, 2] {
        let mut s = shops.db.scope(tenant).session();
        let order = s.get::<Order>((tenant, 1)).await.unwrap();
        let product = s.get::<Product>((tenant, 2)).await.unwrap();
        let shop = s.get::<Shop>(1).await.unwrap();
        s.connect(order, Order::PRODUCTS, product).unwrap();
        s.connect(order, Order::WISHES, product).unwrap();
        s.connect(shop, Shop::PRODUCTS, product).unwrap();
        s.commit().await.unwrap();
    }
    let mut s = shops.db.scope(1).session();
    let order = s.get::<Order>((1, 1)).await.unwrap();
    let product = s.get::<Product>((1, 2)).await.unwrap();
    let shop = s.get::<Shop>(1).await.unwrap();
    s.disconnect(order, Order::PRODUCTS, product).unwrap();
    s.disconnect(order, Order::WISHES, product).unwrap();
    s.disconnect(shop, Shop::PRODUCTS, product).unwrap();
    s.commit().await.unwrap();
    let found = links(&shops.db).await;
    let expected = [
        "order 1 of 2, 2 of 2",
        "shop 1, 2 of 2",
        // It stays, and is only marked.
        "wish 1 of 1, 2 of 1, version 2 gone",
        "wish 1 of 2, 2 of 2, version 1",
    ];
    assert_eq!(found, expected);
    s.connect(order, Order::WISHES, product).unwrap();
    s.commit().await.unwrap();
    let found = links(&shops.db).await;
    assert_eq!(found[2], "wish 1 of 1, 2 of 1, version 3");
    let (wishes, one) = (|| Order::WISHES.of_key(&(1, 1)), &shops.db.scope(1));
    assert_eq!(wishes().clear(one).await.unwrap(), 1);
    assert_eq!(wishes().set(one, [(1, 1), (1, 2)]).await.unwrap(), 2);
    let found = links(&shops.db).await;
    let expected = [
        "wish 1 of 1, 1 of 1, version 1",
        "wish 1 of 1, 2 of 1, version 5",
        "wish 1 of 2, 2 of 2, version 1",
    ];
    assert_eq!(found[2..], expected);
}

#[tokio::test]
async fn new_rows_whose_keys_name_the_scope_are_linked_when_they_are_inserted() {
    let shops = shops().await;
    let mut s = shops.db.scope(2).session();
    let old = s.get::<Product>((2, 1)).await.unwrap();
    let order = s.add(NewOrder { id: 7 });
    let product = s.add(NewProduct {
        id: 7,
        name: "new".into(),
    });
    // The session says of which scope they are.
    assert_eq!(s.key(order), (2, 7));
    s.connect(order, Order::PRODUCTS, product).unwrap();
    s.connect(order, Order::PRODUCTS, old).unwrap();
    s.commit().await.unwrap();
    let found = links(&shops.db).await;
    assert_eq!(found, ["order 7 of 2, 1 of 2", "order 7 of 2, 7 of 2"]);
}

/// A key of a scope and a number that the database makes.
#[derive(Entity, Debug)]
#[orm(table = "carts", insert(NewCart))]
struct Cart {
    #[orm(primary_key, scope)]
    tenant_id: i32,
    #[orm(primary_key, generated)]
    id: i64,
    note: String,
    #[orm(many_to_many(Product, through = "cart_products", here = (tenant_id, cart_id), there = (their_tenant_id, product_id)))]
    products: Many<Product>,
}

#[tokio::test]
async fn a_new_row_whose_key_cannot_be_known_is_linked_when_it_was_flushed() {
    let fresh = fresh(entities![Cart, Product]).await;
    let mut s = fresh.db.scope(1).session();
    let cart = s.add(NewCart { note: "x".into() });
    let product = s.add(NewProduct {
        id: 1,
        name: "new".into(),
    });
    s.connect(cart, Cart::PRODUCTS, product).unwrap();
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    assert!(
        error.to_string().contains("flush before it is linked"),
        "{error}"
    );
    s.rollback().await.unwrap();

    let cart = s.add(NewCart { note: "x".into() });
    let product = s.add(NewProduct {
        id: 1,
        name: "new".into(),
    });
    s.flush().await.unwrap();
    s.connect(cart, Cart::PRODUCTS, product).unwrap();
    s.commit().await.unwrap();
    let linked = Cart::PRODUCTS.exists();
    let carts = Cart::find().filter(linked).all(&fresh.db.scope(1)).await;
    assert_eq!(carts.unwrap()[0].key(), s[cart].key());
}

#[tokio::test]
async fn the_scope_is_asked_for_wherever_links_are_named() {
    let shops = shops().await;
    let one = &shops.db.scope(1);
    let wishes = || Order::WISHES.of_key(&(1, 1));
    assert_eq!(wishes().add(one, [(1, 1)]).await.unwrap(), 1);
    assert_eq!(wishes().set(one, [(1, 2)]).await.unwrap(), 1);
    assert_eq!(wishes().remove(one, [(1, 2)]).await.unwrap(), 1);
    assert_eq!(wishes().clear(one).await.unwrap(), 0);
    let listed = Shop::PRODUCTS.of_key(&1).set(one, [(1, 1)]);
    assert_eq!(listed.await.unwrap(), 1);
    let mut s = one.session();
    let order = s.get::<Order>((1, 1)).await.unwrap();
    let products = s.all(Product::find()).await.unwrap();
    for adds in [true, false] {
        for product in &products {
            match adds {
                true => s.connect(order, Order::WISHES, *product).unwrap(),
                false => s.disconnect(order, Order::WISHES, *product).unwrap(),
            }
        }
        s.flush().await.unwrap();
    }
    let scopes = ["orders", "products", "wishes", "listings", "order_products"];
    let scopes = scopes.map(|table| (table, "tenant_id"));
    let statements = shops.statements();
    assert_eq!(statements.len(), 9, "{statements:#?}");
    for statement in statements {
        let wrong = wrong_anywhere(&statement).or(wrong_within(&statement, &scopes));
        assert_eq!(wrong, None, "{statement}");
    }
}
