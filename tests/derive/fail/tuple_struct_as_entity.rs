use ormcore::Entity;

#[derive(Entity)]
struct Point(i32, i32);

fn main() {}
