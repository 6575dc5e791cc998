use ormcore::Entity;

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User, on_delete = "casacde", on_update = "explode"))]
    author_id: i64,
}

fn main() {}
