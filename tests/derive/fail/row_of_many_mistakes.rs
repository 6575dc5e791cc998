//! A row is a struct with named fields, one for each column.

use ormcore::{Entity, One, Row};

#[derive(Entity)]
struct User {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Row)]
struct Generic<T> {
    value: T,
}

#[derive(Row)]
struct Tuple(i64, String);

#[derive(Row)]
enum Choice {
    One,
}

#[derive(Row)]
#[orm(table = "users")]
struct Related {
    id: i64,
    author: One<User>,
}

#[derive(Row)]
struct Twice {
    id: i64,
    #[orm(rename = "id")]
    number: i64,
    #[orm(primary_key)]
    key: i64,
}

#[derive(Row)]
struct Unreadable {
    id: i64,
    started: std::time::Instant,
}

fn main() {}
