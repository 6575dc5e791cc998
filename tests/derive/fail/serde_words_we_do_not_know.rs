use ormcore::Entity;

#[derive(Entity)]
#[orm(serialize)]
#[serde(tag = "kind", rename_all = "Title Case")]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[serde(rename = "words", serialize_with = "shortened")]
    body: String,
    #[serde(flatten)]
    rest: String,
    #[orm(deferred)]
    long: String,
}

#[derive(Entity)]
#[orm(serialize(ids = "number", keys = "string"))]
struct Tag {
    #[orm(primary_key, generated)]
    id: i64,
}

#[derive(Entity)]
#[orm(serialize)]
struct Note {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(serialize)]
    text: String,
}

fn main() {}
