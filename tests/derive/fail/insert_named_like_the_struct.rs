use ormcore::Entity;

#[derive(Entity)]
#[orm(insert(User))]
struct User {
    #[orm(primary_key)]
    id: i64,
}

fn main() {}
