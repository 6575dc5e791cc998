use ormcore::Entity;

#[derive(Entity)]
#[orm(insert(UserData), patch(UserData))]
struct User {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

fn main() {}
