use ormcore::{Entity, One};

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(has_one(Profile, key = user_id))]
    profile: One<Option<Profile>>,
}

#[derive(Entity)]
struct Profile {
    #[orm(primary_key, generated)]
    id: i64,
    user_id: i64,
}

fn main() {}
