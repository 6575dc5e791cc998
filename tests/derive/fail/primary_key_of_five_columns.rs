use ormcore::Entity;

#[derive(Entity)]
struct Cell {
    #[orm(primary_key)]
    a: i64,
    #[orm(primary_key)]
    b: i64,
    #[orm(primary_key)]
    c: i64,
    #[orm(primary_key)]
    d: i64,
    #[orm(primary_key)]
    e: i64,
}

fn main() {}
