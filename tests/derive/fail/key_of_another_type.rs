use ormcore::{Entity, Many};

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    author_id: i32,
}

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
}

fn main() {}
