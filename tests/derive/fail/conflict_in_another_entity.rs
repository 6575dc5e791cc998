use ormcore::{Db, Entity, Result};

#[derive(Entity)]
#[orm(insert(NewUser))]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    name: String,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    title: String,
}

async fn run(db: &Db, new: NewUser) -> Result<()> {
    let upsert = User::upsert(new).on_conflict(Post::TITLE);
    upsert.update(User::NAME).one(db).await?;
    Ok(())
}

fn main() {}
