use ormcore::Entity;

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references = "users")]
    author_id: i64,
    #[orm(references(on_delete = "cascade"))]
    editor_id: i64,
}

fn main() {}
