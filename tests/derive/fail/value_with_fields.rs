use ormcore::Value;

#[derive(Value, Debug)]
enum Event {
    Left,
    Clicked { x: i32, y: i32 },
    Typed(String),
}

fn main() {}
