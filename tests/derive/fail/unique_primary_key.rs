use ormcore::Entity;

#[derive(Entity)]
struct User {
    #[orm(primary_key, unique)]
    id: i64,
}

fn main() {}
