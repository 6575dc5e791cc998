use ormcore::Entity;

#[derive(Entity)]
struct User {
    #[orm(primry_key, generated)]
    id: i64,
    #[orm(banana)]
    name: String,
}

fn main() {}
