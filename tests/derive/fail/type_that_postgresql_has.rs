use ormcore::Value;

#[derive(Value, Debug)]
struct Point {
    x: i32,
    y: i32,
}

#[derive(Value, Debug)]
enum Interval {
    Daily,
    Weekly,
}

#[derive(Value, Debug)]
#[orm(domain = "money")]
struct Price(i64);

#[derive(Value, Debug)]
#[orm(type = "pg_lsn")]
enum Mood {
    Fine,
}

#[derive(Value, Debug)]
#[orm(schema = "shop")]
enum Date {
    Today,
}

fn main() {}
