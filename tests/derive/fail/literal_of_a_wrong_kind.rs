use ormcore::Entity;

#[derive(Entity)]
#[orm(table = 5)]
struct User {
    #[orm(primary_key = true)]
    id: i64,
    #[orm(default = false)]
    active: bool,
    #[orm(rename)]
    name: String,
    #[orm(type = "")]
    email: String,
}

fn main() {}
