use ormcore::{Entity, Many, One};

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(has_one(Profile, key = user_id))]
    profile: One<Profile>,
    #[orm(has_one(Profile, key = user_id))]
    profiles: Many<Profile>,
    #[orm(has_one(Profile, key = user_id))]
    plain: i64,
    #[orm(has_one(Profile, key = user_id), belongs_to(key = id))]
    both: One<Option<Profile>>,
    #[orm(has_one(Profile))]
    keyless: One<Option<Profile>>,
}

#[derive(Entity)]
struct Profile {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    user_id: i64,
}

fn main() {}
