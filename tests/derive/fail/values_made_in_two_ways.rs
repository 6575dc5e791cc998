use ormcore::Entity;

#[derive(Entity)]
#[orm(insert(NewLine))]
struct Line {
    #[orm(primary_key, generated = "a + b")]
    id: i64,
    #[orm(generated = "", default = "1")]
    a: i64,
    #[orm(generated = "a + 1", default = "1")]
    b: i64,
    #[orm(generated = true)]
    c: i64,
    #[orm(default_with = zero, default = "0")]
    d: i64,
    #[orm(default_with = zero, generated)]
    e: i64,
    #[orm(default_with = "zero")]
    f: i64,
    #[orm(default_factory = zero)]
    g: i64,
    #[orm(computed = "a")]
    h: i64,
    #[orm(generated = "a", references(Line, on_delete = "cascade"))]
    i: i64,
    #[orm(version, default_with = zero)]
    j: i64,
}

#[derive(Entity)]
#[orm(insert(NewPage))]
struct Page {
    #[orm(primary_key, default_with = zero)]
    id: String,
    #[orm(default_with = nothing)]
    text: String,
}

fn zero() -> i64 {
    0
}

fn main() {}
