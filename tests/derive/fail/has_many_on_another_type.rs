use ormcore::{Entity, One};

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
}

#[derive(Entity)]
struct Team {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(has_many(User, key = team_id))]
    members: Vec<User>,
    #[orm(has_many(User, key = team_id))]
    leaders: One<User>,
}

fn main() {}
