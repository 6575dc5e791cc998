use ormcore::Entity;

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    email: String,
    #[orm(rename = "email")]
    mail: String,
}

fn main() {}
