use ormcore::Entity;

#[derive(Entity)]
#[orm(table = "blog.users")]
struct User {
    #[orm(primary_key)]
    id: i64,
}

fn main() {}
