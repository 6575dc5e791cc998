use ormcore::Entity;

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(version)]
    version: Option<i32>,
    #[orm(version)]
    revision: i32,
    #[orm(soft_delete)]
    deleted_at: chrono::DateTime<chrono::Utc>,
    #[orm(updated, version)]
    changed: i64,
    #[orm(updated_at)]
    changed_at: chrono::DateTime<chrono::Utc>,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, version)]
    id: i64,
}

fn main() {}
