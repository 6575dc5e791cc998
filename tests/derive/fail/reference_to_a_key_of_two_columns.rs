use ormcore::Entity;

#[derive(Entity)]
struct Line {
    #[orm(primary_key)]
    order_id: i64,
    #[orm(primary_key)]
    number: i32,
}

#[derive(Entity)]
struct Part {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Line))]
    line_id: i64,
}

fn main() {}
