use ormcore::{Db, Entity, Result};

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
}

async fn run(db: &Db) -> Result<()> {
    User::update(1).version(1).set(User::NAME, "x").one(db).await?;
    User::find().with_deleted().all(db).await?;
    User::delete().hard().all_rows().execute(db).await?;
    Ok(())
}

fn main() {}
