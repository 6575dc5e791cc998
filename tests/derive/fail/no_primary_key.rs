use ormcore::Entity;

#[derive(Entity)]
struct User {
    id: i64,
}

fn main() {}
