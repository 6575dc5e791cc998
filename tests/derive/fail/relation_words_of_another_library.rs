use ormcore::{Entity, Many, One};

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(has_many(Post, key = author_id, back_populates = "author"))]
    posts: Many<Post>,
    #[orm(has_many(Post, key = author_id, order_by = "id"))]
    ordered: Many<Post>,
    #[orm(has_many(Post, foreign_key = author_id))]
    by_key: Many<Post>,
    #[orm(has_many(Post, key = author_id, lazy = "joined"))]
    joined: Many<Post>,
    #[orm(has_many(Post, key = author_id, lazy = "noload"))]
    never: Many<Post>,
    #[orm(has_many(Post, key = author_id, cascade))]
    owned: Many<Post>,
    #[orm(many_to_many(Post, through = "favourites", filter = is_live))]
    live: Many<Post>,
    #[orm(has_many(Post, key = author_id, when = Post::is_live()))]
    called: Many<Post>,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    author_id: i64,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
}

fn main() {}
