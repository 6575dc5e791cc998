//! One table that holds rows of several kinds: each kind sees its own, and an enum of them sees all.

use crate::fresh::{Fresh, fresh};
use ormcore::{Alias, Entity, Expression, Many, One, count, entities, row, sql};

#[derive(Entity, Debug)]
#[orm(table = "orders", insert(NewOrder))]
pub(crate) struct Order {
    #[orm(primary_key)]
    pub id: i64,
    #[orm(has_many(Payment, key = order_id))]
    pub payments: Many<Payment>,
    #[orm(has_many(Card, key = order_id))]
    pub cards: Many<Card>,
}

#[derive(Entity, Debug)]
#[orm(
    table = "payments",
    kind(column = "method", value = "card"),
    insert(NewCard),
    patch(CardPatch)
)]
pub(crate) struct Card {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(Order))]
    pub order_id: i64,
    pub number: String,
    pub cents: i64,
    #[orm(belongs_to(key = order_id, lazy = "peers"))]
    pub order: One<Order>,
}

/// The shared columns are in another order, and there are others between them.
#[derive(Entity, Debug)]
#[orm(
    table = "payments",
    kind(column = "method", value = "it's a transfer"),
    insert(NewTransfer)
)]
pub(crate) struct Transfer {
    pub iban: String,
    pub cents: i64,
    pub days: Option<i32>,
    #[orm(references(Order))]
    pub order_id: i64,
    #[orm(primary_key, generated)]
    pub id: i64,
}

#[derive(Entity, Debug)]
#[orm(columns(id: i64, order_id: i64, cents: i64))]
pub(crate) enum Payment {
    Card(Card),
    Transfer(Transfer),
}

fn card(order_id: i64, cents: i64) -> NewCard {
    let number = format!("4000 {cents}");
    NewCard {
        order_id,
        number,
        cents,
    }
}

fn transfer(order_id: i64, cents: i64) -> NewTransfer {
    NewTransfer {
        iban: format!("DE {cents}"),
        cents,
        days: None,
        order_id,
    }
}

fn shown(payment: &Payment) -> String {
    match payment {
        Payment::Card(Card { number, .. }) => number.clone(),
        Payment::Transfer(Transfer {
            iban, days, cents, ..
        }) => {
            assert_eq!((*days, *cents > 0), (None, true));
            iban.clone()
        }
    }
}

pub(crate) fn all_shown(payments: &[Payment]) -> String {
    payments.iter().map(shown).collect::<Vec<_>>().join(", ")
}

/// Two orders; the payments 1 to 5 are a card, a transfer, a card of the first, and a transfer and a card of the second.
pub(crate) async fn shop() -> Fresh {
    let shop = fresh(entities![Order, Payment]).await;
    let db = &shop.db;
    let orders = [1, 2].map(|id| NewOrder { id }).into();
    Order::insert_many(orders)
        .execute(db)
        .await
        .expect("orders");
    let first = Card::insert(card(1, 1)).one(db).await.expect("a card");
    assert_eq!((first.id, first.cents), (1, 1));
    let second = Transfer::insert(transfer(1, 2)).one(db).await;
    assert_eq!(second.expect("a transfer").iban, "DE 2");
    let third = Card::insert_many(vec![card(1, 3)]).all(db).await;
    assert_eq!(third.expect("a card")[0].number, "4000 3");
    let fourth = Transfer::copy_in([transfer(2, 4)]).execute(db).await;
    assert_eq!(fourth.expect("a transfer"), 1);
    let fifth = Card::insert_many(vec![card(2, 5)]).execute(db).await;
    assert_eq!(fifth.expect("a card"), 1);
    shop.statements();
    shop
}

const ALL: &str = "4000 1, DE 2, 4000 3, DE 4, 4000 5";

#[tokio::test]
async fn a_kind_sees_its_own_rows() {
    let shop = shop().await;
    let db = &shop.db;
    let cards = Card::find().order_by(Card::ID).all(db).await.unwrap();
    let ids: Vec<i64> = cards.iter().map(|card| card.id).collect();
    assert_eq!(ids, [1, 3, 5]);
    assert_eq!(Transfer::find().count(db).await.unwrap(), 2);
    assert!(Card::get(2).maybe(db).await.unwrap().is_none());
    assert_eq!(Transfer::get(2).one(db).await.unwrap().iban, "DE 2");
    let sum = Card::find().select(Card::CENTS.sum()).one(db).await;
    assert_eq!(sum.unwrap(), Some(9.into()));

    let none = Card::update(2).set(Card::CENTS, 0).execute(db).await;
    assert_eq!(none.unwrap(), 0);
    let patched = Card::update(1).patch(CardPatch {
        cents: Some(10),
        ..CardPatch::default()
    });
    assert_eq!(patched.one(db).await.unwrap().cents, 10);
    let each = Card::update_each(Card::CENTS, [(3, 30), (4, 40)]);
    assert_eq!(each.execute(db).await.unwrap(), 1);
    let all = Card::update_many()
        .all_rows()
        .set(Card::CENTS, 7)
        .execute(db)
        .await;
    assert_eq!(all.unwrap(), 3);
    assert_eq!(Card::delete().key(2).execute(db).await.unwrap(), 0);
    assert_eq!(Card::delete().all_rows().execute(db).await.unwrap(), 3);
    assert_eq!(Payment::find().count(db).await.unwrap(), 2);
}

#[tokio::test]
async fn a_row_of_another_kind_that_is_in_the_way_stays_as_it_is() {
    let shop = shop().await;
    let db = &shop.db;
    sql("CREATE UNIQUE INDEX ON payments (cents)")
        .execute(db)
        .await
        .unwrap();
    let upsert = |cents| {
        Card::upsert(card(2, cents))
            .on_conflict(Card::CENTS)
            .update_all()
    };
    let card = upsert(1).maybe(db).await.unwrap().unwrap();
    assert_eq!((card.id, card.order_id), (1, 2));
    assert!(upsert(2).maybe(db).await.unwrap().is_none());
    assert_eq!(Transfer::get(2).one(db).await.unwrap().order_id, 1);
}

#[tokio::test]
async fn the_enum_sees_all_in_one_statement() {
    let shop = shop().await;
    let db = &shop.db;
    let find = || Payment::find().order_by(Payment::ID);
    shop.statements();
    let payments = find().all(db).await.unwrap();
    assert_eq!(all_shown(&payments), ALL);
    let statements = shop.statements();
    let columns = r#""id", "order_id", "number", "cents", "method", "iban", "days""#;
    let text = format!(r#"SELECT {columns} FROM "payments" ORDER BY "id""#);
    assert_eq!(statements, [text]);

    let some = find().filter(Payment::CENTS.gt(2).and(Payment::ORDER_ID.eq(1)));
    assert_eq!(all_shown(&some.all(db).await.unwrap()), "4000 3");
    assert_eq!(Payment::find().count(db).await.unwrap(), 5);
    let two = Payment::get(2).one(db).await.unwrap();
    assert!(matches!(two, Payment::Transfer(Transfer { id: 2, .. })));
    assert_eq!(Entity::key(&two), 2);
    let sums = Payment::find().select((Payment::ORDER_ID, Payment::CENTS.max(), count()));
    let sums = sums.group_by(Payment::ORDER_ID).order_by(Payment::ORDER_ID);
    let sums: Vec<(i64, Option<i64>, i64)> = sums.all(db).await.unwrap();
    assert_eq!(sums, [(1, Some(3), 3), (2, Some(5), 2)]);
    let page = find().limit(2).offset(1).all(db).await.unwrap();
    assert_eq!(all_shown(&page), "DE 2, 4000 3");

    let changed = Payment::update_many()
        .filter(Payment::ID.le(2))
        .set(Payment::CENTS, 0);
    assert_eq!(changed.all(db).await.unwrap().len(), 2);
    let one = Payment::update(1).set(Payment::ORDER_ID, 2).one(db).await;
    assert_eq!(shown(&one.unwrap()), "4000 1");
    let gone = Payment::delete().filter(Payment::CENTS.eq(0)).all(db).await;
    assert_eq!(gone.unwrap().len(), 2);
}

#[tokio::test]
async fn however_the_rows_are_asked_for() {
    let shop = shop().await;
    let db = &shop.db;
    let find = || Payment::find().order_by(Payment::ID);
    let sql_of =
        sql!("SELECT iban, method, cents, days, number, id, order_id FROM payments ORDER BY id");
    assert_eq!(all_shown(&sql_of.all(db).await.unwrap()), ALL);
    let whole = find().select((row(), Payment::CENTS)).all(db).await;
    let whole: Vec<Payment> = whole.unwrap().into_iter().map(|(row, _)| row).collect();
    assert_eq!(all_shown(&whole), ALL);
    let beside = find().select((Payment::CENTS, row())).all(db).await;
    let beside: Vec<Payment> = beside.unwrap().into_iter().map(|(_, row)| row).collect();
    assert_eq!(all_shown(&beside), ALL);
    let mut streamed = Vec::new();
    let mut stream = find().stream(db);
    while let Some(payment) = stream.next().await {
        streamed.push(payment.unwrap());
    }
    drop(stream);
    assert_eq!(all_shown(&streamed), ALL);
    let of = Payment::find().of(find().limit(2)).order_by(Payment::ID);
    assert_eq!(all_shown(&of.all(db).await.unwrap()), "4000 1, DE 2");

    let cards = || Card::find().order_by(Card::ID);
    let ids = |cards: Vec<Card>| -> Vec<i64> { cards.iter().map(|card| card.id).collect() };
    let of = Card::find().of(cards().limit(2)).order_by(Card::ID);
    assert_eq!(ids(of.all(db).await.unwrap()), [1, 3]);
    let newest = Alias::<Card>::of_rows("newest");
    let given = Order::find()
        .given(newest, Card::find().order_by(Card::ID.desc()).limit(2))
        .join(newest, newest.col(Card::ORDER_ID).eq(Order::ID))
        .order_by(Order::ID)
        .select((Order::ID, newest.col(Card::ID)));
    let given: Vec<(i64, i64)> = given.all(db).await.unwrap();
    assert_eq!(given, [(1, 3), (2, 5)]);
    let other = Alias::<Transfer>::new("other");
    let beside = || Card::find().order_by(Card::ID);
    let joined = beside().join(other, other.col(Transfer::ORDER_ID).eq(Card::ORDER_ID));
    let joined: Vec<(i64, i64)> = joined
        .select((Card::ID, other.col(Transfer::ID)))
        .all(db)
        .await
        .unwrap();
    assert_eq!(joined, [(1, 2), (3, 2), (5, 4)]);
    // A join may have room for cards that are not there, but not for what is no card.
    let right = Card::find().right_join(other, other.col(Transfer::ID).eq(Card::ID));
    let right = right.order_by(other.col(Transfer::ID));
    let right = right.select((
        other.col(Transfer::ID),
        Expression::from(Card::ID).nullable(),
    ));
    let right: Vec<(i64, Option<i64>)> = right.all(db).await.unwrap();
    assert_eq!(right, [(2, None), (4, None)]);
    let known = Order::find()
        .filter(Order::ID.in_query(Card::find().filter(Card::ID.gt(3)).select(Card::ORDER_ID)));
    assert_eq!(known.one(db).await.unwrap().id, 2);
}
