use ormcore::Entity;

#[derive(Entity)]
#[orm(table = "payments", kind = "card")]
struct Named {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method"))]
struct Half {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
#[orm(table = "payments", kind(colum = "method", value = "card"))]
struct Misspelt {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
#[orm(table = "payments", kind(column = "method", value = "card"))]
struct Twice {
    #[orm(primary_key)]
    id: i64,
    method: String,
}

#[derive(Entity)]
struct Misplaced {
    #[orm(primary_key)]
    id: i64,
    #[orm(kind(column = "method", value = "card"))]
    method: String,
}

fn main() {}
