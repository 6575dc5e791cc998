use ormcore::Entity;

#[derive(Debug, Clone)]
struct Point;

#[derive(Entity)]
#[orm(insert(NewUser), patch(UserPatch))]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    home: Point,
}

fn main() {}
