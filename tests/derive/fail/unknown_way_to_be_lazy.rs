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
    author_id: i64,
    #[orm(belongs_to(key = author_id, lazy = "peer"))]
    author: One<User>,
    #[orm(belongs_to(key = author_id, lazy = "select"))]
    editor: One<User>,
    #[orm(belongs_to(key = author_id, lasy = "peers"))]
    owner: One<User>,
}

fn main() {}
