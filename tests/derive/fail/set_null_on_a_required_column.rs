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
    #[orm(references(User, on_delete = "set null"))]
    author_id: i64,
    #[orm(references(User, on_delete = "set default"))]
    editor_id: i64,
}

fn main() {}
