use ormcore::{Entity, One};

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User))]
    editor_id: Option<i64>,
    #[orm(belongs_to(key = editor_id))]
    editor: One<User>,
}

fn main() {}
