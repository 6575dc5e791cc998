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

async fn run(db: &Db) -> Result<()> {
    db.transaction(|tx| async move { User::find().all(tx).await }).await?;
    db.transaction(async || User::find().count(db).await).await?;
    Ok(())
}

async fn kept(db: &Db) -> Result<()> {
    let mut kept = None;
    db.transaction(async |tx| {
        kept = Some(tx);
        Ok::<_, ormcore::Error>(())
    })
    .await
}

fn main() {}
