use ormcore::Entity;
use ormcore::value::Range;

#[derive(Entity)]
struct Shelf {
    #[orm(primary_key)]
    id: i64,
    titles: Range<String>,
}

fn main() {}
