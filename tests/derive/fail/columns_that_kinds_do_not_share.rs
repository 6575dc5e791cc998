use ormcore::{Entity, Many};

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method", value = "card"))]
struct Card {
    #[orm(primary_key)]
    id: i64,
    order_id: i64,
    number: String,
    note: String,
}

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method", value = "iban"))]
struct Transfer {
    #[orm(primary_key)]
    id: i64,
    order_id: i64,
    iban: String,
    note: Option<String>,
}

#[derive(Entity)]
#[orm(columns(id: i64, number: String, note: String))]
enum Payment {
    Card(Card),
    Transfer(Transfer),
}

#[derive(Entity)]
struct Order {
    #[orm(primary_key)]
    id: i64,
    #[orm(has_many(Payment, key = order_id))]
    payments: Many<Payment>,
}

fn main() {
    // Of one kind it may be asked; not of another table, nor the other way round.
    let _ = Payment::find().filter(Card::NUMBER.eq("4000"));
    let _ = Payment::find().filter(Order::ID.eq(1));
    let _ = Card::find().filter(Payment::ID.eq(1));
    let _ = Order::find().filter(Card::NUMBER.eq("4000").among_kinds());
    let _ = Payment::find().with(Order::PAYMENTS);
    let _ = Payment::find().with_deleted().scope(1);
    let _ = Payment::restore(1);
}
