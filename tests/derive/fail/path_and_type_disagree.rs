use ormcore::{Entity, Many};

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
}

#[derive(Entity)]
struct Team {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(has_many(Post, key = team_id))]
    members: Many<User>,
}

fn main() {}
