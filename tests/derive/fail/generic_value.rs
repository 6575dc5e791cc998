use ormcore::Value;

#[derive(Value, Debug)]
struct Wrapped<T>(T);

fn main() {}
