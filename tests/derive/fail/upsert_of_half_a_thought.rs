use ormcore::{Db, Entity, Result};

#[derive(Entity)]
#[orm(insert(NewUser))]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    name: String,
}

async fn run(db: &Db, new: NewUser) -> Result<()> {
    User::upsert(new).on_conflict(User::NAME).one(db).await?;
    Ok(())
}

fn main() {}
