//! A key of two columns, and relations both ways that go by it.

use ormcore::{Entity, Many, One};

#[derive(Entity)]
#[orm(insert(NewLine))]
pub struct Line {
    #[orm(primary_key)]
    pub order_id: i64,
    #[orm(primary_key)]
    pub number: i32,
    pub text: String,
    #[orm(has_many(Part, key = (order_id, line)))]
    pub parts: Many<Part>,
}

#[derive(Entity)]
pub struct Part {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub order_id: i64,
    pub line: i32,
    pub spare_order_id: Option<i64>,
    pub spare_line: Option<i32>,
    #[orm(belongs_to(key = (order_id, line)))]
    pub of: One<Line>,
    #[orm(belongs_to(key = (spare_order_id, spare_line)))]
    pub spare_of: One<Option<Line>>,
}

fn main() {
    let _ = Line::get((1, 2));
    let key: Vec<&str> = <Line as Entity>::TABLE
        .key
        .iter()
        .map(|column| column.name)
        .collect();
    assert_eq!(key, ["order_id", "number"]);
}
