use ormcore::Entity;

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated, validate(range(min = 1)))]
    id: i64,
    #[orm(validate(emial, length, length(max = 3)))]
    email: String,
    #[orm(validate)]
    name: String,
    #[orm(validate())]
    nick: String,
    #[orm(validate(pattern = "[a-z]+", required, banana))]
    slug: String,
    #[orm(validate(length(min = 9, max = 3), range(), not_empty(1)))]
    text: String,
    #[orm(validate(length(min = "1", most = 3)))]
    short: String,
    #[orm(validate(email, email, custom = "is_right"))]
    site: String,
    #[orm(validate(range(max = )))]
    age: i32,
    #[orm(max_length = 3)]
    code: String,
    #[orm(version, validate(range(min = 1)))]
    version: i32,
}

fn main() {}
