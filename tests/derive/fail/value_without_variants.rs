use ormcore::Value;

#[derive(Value, Debug)]
enum Never {}

#[derive(Value, Debug)]
struct Nothing;

#[derive(Value, Debug)]
struct Empty {}

#[derive(Value, Debug)]
struct Pair(i32, i32);

#[derive(Value)]
union Either {
    left: i32,
    right: f32,
}

fn main() {}
