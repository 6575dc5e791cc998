use ormcore::Entity;

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method", value = "card"))]
struct Card {
    #[orm(primary_key)]
    id: i64,
    cents: i64,
}

#[derive(Entity)]
#[orm(table = "payments")]
struct NoKind {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
#[orm(table = "animals", kind(column = "method", value = "cat"))]
struct OfAnotherTable {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
#[orm(table = "payments", kind(column = "type", value = "cat"))]
struct ByAnotherColumn {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method", value = "card"))]
struct SameKind {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method", value = "other"))]
struct OtherKey {
    #[orm(primary_key)]
    id: i32,
}

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method", value = "other"))]
struct OtherType {
    #[orm(primary_key)]
    id: i64,
    cents: String,
}

struct NoEntity;

#[derive(Entity)]
enum One {
    Card(Card),
    Other(NoKind),
}

#[derive(Entity)]
enum Two {
    Card(Card),
    Other(OfAnotherTable),
}

#[derive(Entity)]
enum Three {
    Card(Card),
    Other(ByAnotherColumn),
}

#[derive(Entity)]
enum Four {
    Card(Card),
    Other(SameKind),
}

#[derive(Entity)]
enum Five {
    Card(Card),
    Other(OtherKey),
}

#[derive(Entity)]
enum Six {
    Card(Card),
    Other(OtherType),
}

#[derive(Entity)]
enum Seven {
    Card(Card),
    Other(NoEntity),
}

fn main() {}
