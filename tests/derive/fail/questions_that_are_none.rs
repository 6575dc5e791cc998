use ormcore::{Db, Entity, Many, One, Result};

#[derive(Entity)]
#[orm(insert(NewUser))]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    age: Option<i32>,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User))]
    author_id: i64,
    title: String,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
}

async fn run(db: &Db, owned: Db) -> Result<()> {
    User::find().all(owned).await?;
    User::find().with(User::NAME).all(db).await?;
    User::find().select("name").all(db).await?;
    User::find().order_by(User::POSTS).all(db).await?;
    User::insert(User::get(1).one(db).await?).execute(db).await?;
    Ok(())
}

fn main() {}
