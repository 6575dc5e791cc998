use ormcore::Value;

#[derive(Debug)]
struct Point;

#[derive(Value, Debug)]
struct Place {
    name: String,
    at: Point,
}

#[derive(Value, Debug)]
struct Home(Point);

fn main() {}
