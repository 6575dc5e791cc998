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
    author_id: i32,
    editor_id: Option<String>,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
    #[orm(belongs_to(key = editor_id))]
    editor: One<Option<User>>,
}

fn main() {}
