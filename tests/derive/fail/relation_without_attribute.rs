use ormcore::{Entity, Many, One};

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
    author: One<User>,
    comments: Many<User>,
}

fn main() {}
