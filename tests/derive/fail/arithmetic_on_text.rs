use ormcore::{Db, Entity, Result};

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    age: Option<i32>,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    author_id: i64,
    title: String,
}

async fn run(db: &Db) -> Result<()> {
    User::find().filter((User::NAME + 1).gt(2)).all(db).await?;
    Ok(())
}

fn main() {}
