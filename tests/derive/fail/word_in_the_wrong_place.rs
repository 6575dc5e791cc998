use ormcore::Entity;

#[derive(Entity)]
#[orm(primary_key)]
struct User {
    #[orm(primary_key, table = "users")]
    id: i64,
}

fn main() {}
