use ormcore::Entity;

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: Option<i64>,
}

fn main() {}
