use ormcore::Entity;

#[derive(Entity)]
struct Borrowing<'a> {
    #[orm(primary_key)]
    id: i64,
    name: &'a str,
}

#[derive(Entity)]
struct Static {
    #[orm(primary_key)]
    id: i64,
    name: &'static str,
    nickname: Option<&'static str>,
    image: &'static [u8],
}

fn main() {}
