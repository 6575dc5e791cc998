use ormcore::Entity;

#[derive(Entity)]
struct Page<T> {
    #[orm(primary_key)]
    id: i64,
    content: T,
}

fn main() {}
