use ormcore::value::Interval;
use ormcore::{Entity, Value};

#[derive(Value, Debug, Clone)]
struct Age(Interval);

#[derive(Value, Debug)]
struct Uncloned(i64);

#[derive(Entity)]
struct Cheese {
    #[orm(primary_key)]
    age: Age,
}

#[derive(Entity)]
struct Letter {
    #[orm(primary_key)]
    id: Uncloned,
}

fn main() {}
