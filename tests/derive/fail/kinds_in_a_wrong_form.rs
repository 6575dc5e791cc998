use ormcore::Entity;

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method", value = "card"))]
struct Card {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method", value = "iban"))]
struct Transfer {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
#[orm(table = "payments")]
enum OfATable {
    Card(Card),
    Transfer(Transfer),
}

#[derive(Entity)]
enum WithWords {
    #[orm(kind = "card")]
    Card(Card),
    Transfer(Transfer),
}

#[derive(Entity)]
enum OfFields {
    Card { card: Card },
    Transfer(Transfer),
    Cash,
}

#[derive(Entity)]
#[orm(columns(id))]
enum WithoutTypes {
    Card(Card),
}

#[derive(Entity)]
#[orm(colums(id: i64))]
enum Misspelt {
    Card(Card),
}

#[derive(Entity)]
#[orm(columns(id: i64, id: i64))]
enum Twice {
    Card(Card),
}

#[derive(Entity)]
#[orm(columns(id: i64), belongs_to(id: One<Card>, order: Card, "other"))]
enum OfRelations {
    Card(Card),
}

#[derive(Entity)]
#[orm(columns(id: i64), belongs_to(order: Card))]
enum OfNoRelation {
    Card(Card),
    Other(Card),
}

fn main() {}
