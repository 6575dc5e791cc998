use ormcore::{Entity, Many, One};

#[derive(Entity)]
struct Order {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
struct Refund {
    #[orm(primary_key)]
    id: i64,
    payment_id: i64,
}

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method", value = "card"))]
struct Card {
    #[orm(primary_key)]
    id: i64,
    order_id: i64,
    other_id: i64,
    #[orm(belongs_to(key = order_id))]
    order: One<Order>,
    #[orm(belongs_to(key = other_id))]
    other: One<Order>,
    #[orm(has_many(Refund, key = payment_id))]
    refunds: Many<Refund>,
}

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method", value = "iban"))]
struct Transfer {
    #[orm(primary_key)]
    id: i64,
    order_id: i64,
    another_id: i64,
    #[orm(belongs_to(key = another_id))]
    other: One<Order>,
}

#[derive(Entity)]
#[orm(belongs_to(order: One<Order>))]
enum One1 {
    Card(Card),
    Transfer(Transfer),
}

#[derive(Entity)]
#[orm(belongs_to(other: One<Order>))]
enum Two {
    Card(Card),
    Transfer(Transfer),
}

#[derive(Entity)]
#[orm(belongs_to(order: One<Refund>))]
enum Three {
    Card(Card),
}

fn main() {}
