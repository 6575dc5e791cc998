use ormcore::Entity;

#[derive(Entity)]
enum Color {
    Red,
    Green,
}

fn main() {}
