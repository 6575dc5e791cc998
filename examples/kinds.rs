//! One table with rows of several kinds: each kind is a struct that sees its own rows, and an enum of them sees all.
//! Run it with `cargo run --example kinds`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, entities};

#[derive(Entity, Debug)]
#[orm(
    table = "kinds_payments",
    kind(column = "method", value = "card"),
    insert(NewCard)
)]
struct Card {
    #[orm(primary_key, generated)]
    id: i64,
    cents: i64,
    holder: String,
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
    cents: i64,
    iban: String,
}

#[derive(Entity, Debug)]
#[orm(columns(id: i64, cents: i64))]
enum Payment {
    Card(Card),
    Transfer(Transfer),
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Payment]).await?;

    let card = NewCard {
        cents: 500,
        holder: "Ada".to_owned(),
    };
    Card::insert(card).execute(&db).await?;
    let transfer = NewTransfer {
        cents: 900,
        iban: "XX00 1234".to_owned(),
    };
    Transfer::insert(transfer).execute(&db).await?;

    // One statement for all kinds, by what they have in common.
    let dear = Payment::find().filter(Payment::CENTS.ge(500));
    for payment in dear.order_by(Payment::ID).all(&db).await? {
        match payment {
            Payment::Card(card) => println!("{} by {}'s card", card.cents, card.holder),
            Payment::Transfer(transfer) => println!("{} from {}", transfer.cents, transfer.iban),
        }
    }
    println!("cards: {}", Card::find().count(&db).await?);
    Card::delete().all_rows().execute(&db).await?;
    println!("left without cards: {}", Payment::find().count(&db).await?);
    Transfer::delete().all_rows().execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
