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
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
}

fn main() {
    let _ = Post::find().with(Post::AUTHOR.order_by(User::ID).limit(3));
}
