use ormcore::Value;

#[derive(Value)]
enum Mood {
    Fine,
}

fn main() {}
