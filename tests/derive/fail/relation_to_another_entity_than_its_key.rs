use ormcore::{Entity, One};

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
}

#[derive(Entity)]
struct Team {
    #[orm(primary_key, generated)]
    id: i64,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User))]
    author_id: i64,
    #[orm(belongs_to(key = author_id))]
    author: One<Team>,
}

fn main() {}
