//! A selection is read as a row whose fields have its types, in their order.

use ormcore::{Db, Entity, Row, count};

#[derive(Entity)]
struct Post {
    #[orm(primary_key)]
    id: i64,
    author_id: i64,
    title: String,
}

#[derive(Row)]
struct Busy {
    author_id: i64,
    posts: i64,
}

async fn run(db: &Db) -> ormcore::Result<()> {
    let groups = Post::find().select((Post::TITLE, count())).group_by(Post::TITLE);
    let busy: Vec<Busy> = groups.rows().all(db).await?;
    Ok(())
}

fn main() {}
