use ormcore::{Db, Entity, Result};

#[derive(Entity)]
#[orm(insert(NewUser), patch(UserPatch))]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
}

#[derive(Entity)]
#[orm(insert(NewPost), patch(PostPatch))]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    tenant_id: i64,
    title: String,
}

#[derive(Entity)]
struct Price {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    tenant: f64,
}

async fn run(db: &Db) -> Result<()> {
    User::find().scope(1).all(db).await?;
    Post::find().scope("a").all(db).await?;
    Post::insert(NewPost { title: String::new(), tenant_id: 1 }).one(db).await?;
    Post::update(1).patch(PostPatch { tenant_id: Some(1), title: None }).one(db).await?;
    db.scope(Some(1_i64));
    Ok(())
}

fn main() {}
