use ormcore::{Db, Entity, Many, Result};

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(many_to_many(Tag, through = "post_tags"))]
    tags: Many<Tag>,
}

#[derive(Entity)]
struct Tag {
    #[orm(primary_key, generated)]
    id: i64,
}

async fn run(db: &Db, post: &Post) -> Result<u64> {
    Post::TAGS.of(post).add(db, ["rust"]).await
}

fn main() {}
