use ormcore::Entity;

#[derive(Entity)]
struct Reading {
    #[orm(primary_key)]
    value: f64,
}

fn main() {}
