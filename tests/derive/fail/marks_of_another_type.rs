use ormcore::Entity;

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(version)]
    version: String,
    #[orm(updated)]
    updated_at: i64,
    #[orm(soft_delete)]
    deleted: Option<bool>,
}

fn main() {}
