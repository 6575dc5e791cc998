use ormcore::{Entity, Many};

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(many_to_many(Tag, through = PostTag))]
    tags: Many<Tag>,
}

#[derive(Entity)]
struct Tag {
    #[orm(primary_key, generated)]
    id: i64,
}

#[derive(Entity)]
struct PostTag {
    #[orm(primary_key)]
    post_id: i32,
    #[orm(primary_key)]
    tag_id: String,
}

fn main() {}
