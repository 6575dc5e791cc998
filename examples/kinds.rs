//! One table with rows of several kinds: each kind is a struct that sees its own rows, and an enum of them sees all.
//! Run it with `cargo run --example kinds`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use chrono::{DateTime, Utc};
use dev_postgres::Database;
use ormcore::{Db, Entity, Many, One, entities};

#[derive(Entity, Debug)]
#[orm(table = "kinds_orders", insert(NewOrder))]
struct Order {
    #[orm(primary_key, generated)]
    id: i64,
    customer: String,
}

#[derive(Entity, Debug)]
#[orm(table = "kinds_refunds", insert(NewRefund))]
struct Refund {
    #[orm(primary_key, generated)]
    id: i64,
    card_id: i64,
    cents: i64,
}

#[derive(Entity, Debug)]
#[orm(
    table = "kinds_payments",
    kind(column = "method", value = "card"),
    insert(NewCard)
)]
struct Card {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Order))]
    order_id: i64,
    cents: i64,
    holder: String,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
    #[orm(belongs_to(key = order_id))]
    order: One<Order>,
    #[orm(has_many(Refund, key = card_id))]
    refunds: Many<Refund>,
}

#[derive(Entity, Debug)]
#[orm(
    table = "kinds_payments",
    kind(column = "method", value = "transfer"),
    insert(NewTransfer)
)]
struct Transfer {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Order))]
    order_id: i64,
    cents: i64,
    iban: String,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
    #[orm(belongs_to(key = order_id))]
    order: One<Order>,
}

#[derive(Entity, Debug)]
#[orm(
    columns(id: i64, order_id: i64, cents: i64),
    belongs_to(order: One<Order>)
)]
enum Payment {
    Card(Card),
    Transfer(Transfer),
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Order, Payment, Refund]).await?;

    let customer = "Ada".to_owned();
    let order = Order::insert(NewOrder { customer }).one(&db).await?;
    let card = NewCard {
        order_id: order.id,
        cents: 500,
        holder: "Ada".to_owned(),
    };
    let card = Card::insert(card).one(&db).await?;
    let (card_id, cents) = (card.id, 100);
    Refund::insert(NewRefund { card_id, cents })
        .execute(&db)
        .await?;
    let transfer = NewTransfer {
        order_id: order.id,
        cents: 900,
        iban: "XX00 1234".to_owned(),
    };
    Transfer::insert(transfer).execute(&db).await?;

    // One statement for all kinds, by what they have in common; one for what all lead to, and one for what cards do.
    let dear = Payment::find()
        .filter(Payment::CENTS.ge(500))
        .with(Payment::ORDER)
        .with(Card::REFUNDS)
        .order_by(Payment::ID);
    let dear = dear.all(&db).await?;
    assert!(matches!(dear[..], [Payment::Card(_), Payment::Transfer(_)]));
    for payment in dear {
        match payment {
            Payment::Card(card) => {
                let back: i64 = card.refunds.get()?.iter().map(|refund| refund.cents).sum();
                let customer = &card.order.get()?.customer;
                println!("{customer}: {} by card, {back} back", card.cents);
                assert_eq!((&**customer, card.cents, back), ("Ada", 500, 100));
            }
            Payment::Transfer(transfer) => {
                let customer = &transfer.order.get()?.customer;
                println!("{customer}: {} from {}", transfer.cents, transfer.iban);
                assert_eq!((&**customer, transfer.cents), ("Ada", 900));
            }
        }
    }

    // What one kind has is asked of all: rows of other kinds do not match. Several kinds are put together.
    let hers = Payment::find().filter(Card::HOLDER.eq("Ada"));
    assert_eq!(hers.count(&db).await?, 1);
    let either = Card::HOLDER.eq("Ada").among_kinds::<Payment>()
        | Transfer::IBAN.starts_with("XX").among_kinds();
    let either = Payment::find().filter(either);
    assert_eq!(either.count(&db).await?, 2);

    // A kind is deleted by itself, and seen and brought back as one of all.
    Card::delete().all_rows().execute(&db).await?;
    assert_eq!(Payment::find().count(&db).await?, 1);
    let bin = Payment::find().only_deleted().one(&db).await?;
    Payment::restore(bin.key()).execute(&db).await?;
    assert_eq!(Payment::find().count(&db).await?, 2);

    Refund::delete().all_rows().execute(&db).await?;
    Payment::delete().all_rows().hard().execute(&db).await?;
    Order::delete().all_rows().execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
