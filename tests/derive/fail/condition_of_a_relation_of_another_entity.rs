use ormcore::{Condition, Entity, Many, One};

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    live: bool,
    #[orm(has_many(Post, key = author_id, when = is_live))]
    posts: Many<Post>,
    #[orm(has_many(Post, key = author_id, when = "live"))]
    quoted: Many<Post>,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    author_id: i64,
    #[orm(belongs_to(key = author_id, when = is_live))]
    author: One<User>,
}

fn is_live() -> Condition<User> {
    User::LIVE.eq(true)
}

fn main() {}
