use ormcore::{Entity, Many};

#[derive(Entity)]
struct Part {
    #[orm(primary_key, generated)]
    id: i64,
    order_id: i64,
}

#[derive(Entity)]
struct Line {
    #[orm(primary_key)]
    order_id: i64,
    #[orm(primary_key)]
    number: i32,
    #[orm(has_many(Part, key = order_id))]
    parts: Many<Part>,
}

fn main() {}
