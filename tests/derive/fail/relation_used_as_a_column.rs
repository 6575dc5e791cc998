use ormcore::{Db, Entity, Many, One, Result};

#[derive(Entity)]
struct User {
    #[orm(primary_key)]
    id: i64,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key)]
    id: i64,
    author_id: i64,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
}

async fn run(db: &Db, users: Vec<i64>) -> Result<()> {
    Post::find().filter(Post::AUTHOR.eq(1)).all(db).await?;
    Post::find().filter(Post::AUTHOR.in_(users)).all(db).await?;
    User::find().filter(User::POSTS.ne("Ada")).all(db).await?;
    Ok(())
}

fn main() {}
