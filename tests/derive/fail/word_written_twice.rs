use ormcore::Entity;

#[derive(Entity)]
#[orm(table = "users", table = "people")]
struct User {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    #[orm(unique)]
    email: String,
}

fn main() {}
