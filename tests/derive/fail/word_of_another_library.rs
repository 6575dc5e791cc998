use ormcore::Entity;

#[derive(Entity)]
struct User {
    #[orm(primary_key, auto_increment)]
    id: i64,
    #[orm(nullable)]
    age: i32,
    #[orm(column = "e_mail")]
    email: String,
}

fn main() {}
