use ormcore::Value;

#[derive(Value, Debug)]
struct Age(Option<i32>);

fn main() {}
