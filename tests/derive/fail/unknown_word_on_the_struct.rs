use ormcore::Entity;

#[derive(Entity)]
#[orm(tabel = "users")]
struct User {
    #[orm(primary_key)]
    id: i64,
}

fn main() {}
