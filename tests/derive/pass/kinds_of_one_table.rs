//! An enum of entities, one of them from another module, with every word it may have.

mod cards {
    use ormcore::Entity;

    #[derive(Entity, Debug)]
    #[orm(table = "payments", schema = "shop", kind(column = "type", value = "card", type = "text"), insert(NewCard))]
    pub struct Card {
        #[orm(primary_key, generated)]
        pub id: i64,
        pub r#type_name: String,
        pub cents: Option<i64>,
    }
}

#[derive(ormcore::Entity, Debug)]
#[orm(table = "payments", schema = "shop", kind(column = "type", value = "iban", type = "text"))]
struct Transfer {
    #[orm(primary_key, generated)]
    id: i64,
    cents: Option<i64>,
    kind: i32,
}

/// What was paid.
#[derive(ormcore::Entity, Debug)]
#[orm(columns(id: i64, cents: Option<i64>))]
pub enum Payment {
    Card(cards::Card),
    #[allow(private_interfaces)]
    Transfer(Transfer),
}

fn main() {
    let _ = Payment::find().filter(Payment::CENTS.is_null()).order_by(Payment::ID);
    let _ = cards::NewCard {
        type_name: String::new(),
        cents: None,
    };
    let _ = Transfer::KIND;
    let row = Transfer {
        id: 1,
        cents: None,
        kind: 1,
    };
    assert_eq!(ormcore::Entity::key(&Payment::Transfer(row)), 1);
}
