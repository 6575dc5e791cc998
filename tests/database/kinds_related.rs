//! Relations to one kind of a table's rows and to all of them; rows of unknown kinds; kinds told apart by an enum's words.

use crate::fresh::fresh_after;
use crate::kinds::{Card, Order, Payment, all_shown, shop};
use chrono::{DateTime, Utc};
use ormcore::{Entity, ErrorKind, Lazy, Many, One, entities, schema, sql};

#[tokio::test]
async fn relations_lead_to_one_kind_or_to_all() {
    let shop = shop().await;
    let db = &shop.db;
    let payments = || Order::PAYMENTS.order_by(Payment::ID);
    for (wish, expected) in [
        (payments(), "4000 1, DE 2, 4000 3 / DE 4, 4000 5"),
        (payments().joined(), "4000 1, DE 2, 4000 3 / DE 4, 4000 5"),
        (payments().lateral(), "4000 1, DE 2, 4000 3 / DE 4, 4000 5"),
        (payments().limit(2), "4000 1, DE 2 / DE 4, 4000 5"),
        (payments().limit(2).joined(), "4000 1, DE 2 / DE 4, 4000 5"),
        (payments().limit(2).lateral(), "4000 1, DE 2 / DE 4, 4000 5"),
        (
            payments().filter(Payment::CENTS.gt(2)),
            "4000 3 / DE 4, 4000 5",
        ),
    ] {
        let orders = Order::find()
            .order_by(Order::ID)
            .with(wish)
            .all(db)
            .await
            .unwrap();
        let lists = orders
            .iter()
            .map(|order| all_shown(order.payments.get().unwrap()));
        assert_eq!(lists.collect::<Vec<_>>().join(" / "), expected);
    }
    let cards = || Order::CARDS.order_by(Card::ID);
    for wish in [
        cards(),
        cards().joined(),
        cards().lateral(),
        cards().limit(9),
        cards().limit(9).joined(),
        cards().with(Card::ORDER),
        cards().with(Card::ORDER.joined()).joined(),
    ] {
        let orders = Order::find()
            .order_by(Order::ID)
            .with(wish)
            .all(db)
            .await
            .unwrap();
        let ids = orders.iter().flat_map(|order| order.cards.get().unwrap());
        let ids: Vec<(i64, i64)> = ids.map(|card| (card.order_id, card.id)).collect();
        assert_eq!(ids, [(1, 1), (1, 3), (2, 5)]);
    }
    let both = Order::find()
        .order_by(Order::ID)
        .with(cards().joined())
        .with(payments().joined());
    let both = both.all(db).await.unwrap();
    assert_eq!(both[0].cards.get().unwrap().len(), 2);
    assert_eq!(both[0].payments.get().unwrap().len(), 3);

    let order = Order::get(1).one(db).await.unwrap();
    assert_eq!(order.cards.load(db).await.unwrap().len(), 2);
    assert_eq!(
        all_shown(order.payments.load(db).await.unwrap()).len(),
        "4000 1, DE 2, 4000 3".len()
    );
    let counted = Order::find().order_by(Order::ID);
    let counted = counted.select((Order::PAYMENTS.count(), Order::CARDS.count()));
    let counted: Vec<(i64, i64)> = counted.all(db).await.unwrap();
    assert_eq!(counted, [(3, 2), (2, 1)]);
    let with = |cents| Order::find().filter(Order::CARDS.any(Card::CENTS.eq(cents)));
    assert!(with(3).exists(db).await.unwrap());
    assert!(!with(2).exists(db).await.unwrap());
    let most = Order::PAYMENTS.aggregate(Payment::CENTS.max());
    let most: Vec<Option<i64>> = Order::find()
        .order_by(Order::ID)
        .select(most)
        .all(db)
        .await
        .unwrap();
    assert_eq!(most, [Some(3), Some(5)]);
}

#[tokio::test]
async fn what_the_variants_lead_to_is_loaded_for_all_of_them() {
    let shop = shop().await;
    let db = &shop.db;
    let payments = Payment::find().order_by(Payment::ID).all(db).await.unwrap();
    shop.statements();
    let mut orders = Vec::new();
    for payment in &payments {
        if let Payment::Card(card) = payment {
            orders.push(card.order.load(db).await.unwrap().id);
        }
    }
    assert_eq!(orders, [1, 1, 2]);
    assert_eq!(shop.statements().len(), 1);
    let payments = Payment::find().lazy(Lazy::Raise).all(db).await.unwrap();
    for payment in &payments {
        if let Payment::Card(card) = payment {
            let error = card.order.load(db).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotLoaded);
        }
    }
}

#[tokio::test]
async fn a_row_of_an_unknown_kind_is_an_error_that_names_the_column() {
    let shop = shop().await;
    let db = &shop.db;
    let cash = "INSERT INTO payments (order_id, cents, method) VALUES (2, 6, 'secret')";
    sql(cash).execute(db).await.unwrap();
    let expected = "column `method` of table `payments` says that a row is of a kind that `Payment` has no variant for; it has \
                    `card`, `it's a transfer`";
    for error in [
        Payment::find().all(db).await.unwrap_err(),
        Payment::get(6).one(db).await.unwrap_err(),
        Order::find()
            .with(Order::PAYMENTS)
            .all(db)
            .await
            .unwrap_err(),
        Order::find()
            .with(Order::PAYMENTS.joined())
            .all(db)
            .await
            .unwrap_err(),
        sql("SELECT * FROM payments")
            .all::<Payment>(db)
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = error.to_string();
        assert!(
            text.contains(expected) && !text.contains("secret"),
            "{text}"
        );
    }
    // Whoever asks for a kind is not concerned.
    assert_eq!(Card::find().all(db).await.unwrap().len(), 3);
    let nothing = "ALTER TABLE payments ALTER method DROP NOT NULL; UPDATE payments SET method = NULL WHERE id = 6";
    sql(nothing).batch(db).await.unwrap();
    let error = Payment::find().all(db).await.unwrap_err().to_string();
    assert!(error.contains("column `method` is NULL"), "{error}");
}

#[derive(Entity, Debug)]
#[orm(
    table = "animals",
    schema = "zoo",
    kind(column = "type", value = "cat", type = "zoo.animal"),
    insert(NewCat)
)]
struct Cat {
    #[orm(primary_key)]
    house: i32,
    #[orm(primary_key)]
    name: String,
    lives: Option<i16>,
    #[orm(version)]
    version: i32,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
    #[orm(has_many(Nap, key = (house, name)))]
    naps: Many<Nap>,
}

#[derive(Entity, Debug)]
#[orm(
    table = "animals",
    schema = "zoo",
    kind(column = "type", value = "dog", type = "zoo.animal"),
    insert(NewDog)
)]
struct Dog {
    #[orm(primary_key)]
    house: i32,
    #[orm(primary_key)]
    name: String,
    lives: i16,
    #[orm(version)]
    version: i32,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Entity, Debug)]
#[orm(columns(house: i32, name: String))]
enum Animal {
    Cat(Cat),
    Dog(Dog),
}

#[derive(Entity, Debug)]
#[orm(table = "naps")]
struct Nap {
    #[orm(primary_key)]
    id: i64,
    house: i32,
    name: String,
    #[orm(belongs_to(key = (house, name)))]
    cat: One<Cat>,
    #[orm(belongs_to(key = (house, name)))]
    animal: One<Animal>,
}

#[tokio::test]
async fn a_word_of_an_enum_tells_them_apart_and_keys_have_several_columns() {
    let zoo =
        fresh_after("CREATE SCHEMA zoo; CREATE TYPE zoo.animal AS ENUM ('dog', 'cat', 'cow')")
            .await;
    let db = &zoo.db;
    // The table has room for all kinds that are named.
    schema::create(db, entities![Cat, Nap, Dog]).await.unwrap();
    let cat = |name: &str| NewCat {
        house: 1,
        name: name.into(),
        lives: None,
    };
    let dog = |name: &str| NewDog {
        house: 1,
        name: name.into(),
        lives: 1,
    };
    Cat::insert(cat("Tom")).one(db).await.unwrap();
    Cat::insert_many(vec![cat("Kit"), cat("Mia")])
        .all(db)
        .await
        .unwrap();
    Dog::insert_many(vec![dog("Rex")])
        .execute(db)
        .await
        .unwrap();
    Dog::copy_in([dog("Bo")]).execute(db).await.unwrap();
    let naps = "INSERT INTO naps VALUES (1, 1, 'Tom'), (2, 1, 'Rex'), (3, 1, 'Tom')";
    sql(naps).execute(db).await.unwrap();

    let animals = Animal::find().order_by(Animal::NAME).all(db).await.unwrap();
    let names = animals.iter().map(|animal| match animal {
        Animal::Cat(cat) => format!("{}: {:?}", cat.name, cat.lives),
        Animal::Dog(dog) => format!("{}: {}", dog.name, dog.lives),
    });
    let names: Vec<String> = names.collect();
    assert_eq!(
        names,
        ["Bo: 1", "Kit: None", "Mia: None", "Rex: 1", "Tom: None"]
    );
    for wish in [
        Nap::ANIMAL.joined(),
        Nap::ANIMAL.lateral(),
        Nap::ANIMAL.filter(Animal::HOUSE.eq(1)),
    ] {
        let naps = Nap::find()
            .order_by(Nap::ID)
            .with(wish)
            .all(db)
            .await
            .unwrap();
        assert!(matches!(naps[0].animal.get().unwrap(), Animal::Cat(_)));
        assert!(matches!(naps[1].animal.get().unwrap(), Animal::Dog(_)));
    }
    for wish in [
        Nap::CAT.joined(),
        Nap::CAT.lateral(),
        Nap::CAT.with(Cat::NAPS),
    ] {
        let naps = Nap::find()
            .order_by(Nap::ID)
            .with(wish)
            .all(db)
            .await
            .unwrap();
        assert_eq!(naps[2].cat.get().unwrap().name, naps[2].name);
        assert_eq!(naps[2].cat.get().unwrap().house, naps[2].house);
        let no_cat = naps[1].cat.get().unwrap_err();
        assert_eq!(no_cat.kind(), ErrorKind::NotFound);
    }

    assert_eq!(
        Animal::delete().key((1, "Rex")).execute(db).await.unwrap(),
        1
    );
    assert!(Animal::get((1, "Rex")).maybe(db).await.unwrap().is_none());
    let bin = Dog::find().only_deleted().one(db).await.unwrap();
    assert_eq!((bin.version, bin.deleted_at.is_some()), (2, true));
    let cat = Cat::get((1, "Tom")).one(db).await.unwrap();
    assert_eq!((cat.version, cat.deleted_at), (1, None));
    assert_eq!(Cat::find().with_deleted().count(db).await.unwrap(), 3);
    let no_cat = Cat::restore((1, "Rex")).execute(db).await;
    assert_eq!(no_cat.unwrap(), 0);
    Dog::restore((1, "Rex")).one(db).await.unwrap();
    assert_eq!(Animal::find().count(db).await.unwrap(), 5);
    assert_eq!(
        Cat::delete().all_rows().hard().execute(db).await.unwrap(),
        3
    );
    assert_eq!(Animal::find().count(db).await.unwrap(), 2);
}

#[tokio::test]
async fn a_column_that_a_kind_cannot_read_is_found_before_any_row_is() {
    let shop = fresh_after(
        "CREATE TABLE payments (id bigint PRIMARY KEY, order_id bigint, cents bigint, number text, iban int, days int, method int)",
    )
    .await;
    let error = Payment::find().all(&shop.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = error.to_string();
    assert!(
        text.contains("column `method` of table `payments` has type int4"),
        "{text}"
    );
}
