use ormcore::Entity;

#[derive(Entity)]
struct User {
    #[orm = "primary_key"]
    id: i64,
}

fn main() {}
