use ormcore::Entity;

#[derive(Entity)]
#[orm(insert, patch(derive(Debug)))]
struct User {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

fn main() {}
