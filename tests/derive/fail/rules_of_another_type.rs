use ormcore::Entity;

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(validate(email))]
    age: i32,
    #[orm(validate(length(max = 3)))]
    wide: Option<i64>,
    #[orm(validate(range(min = 0.5)))]
    count: i32,
    #[orm(validate(custom = is_even))]
    name: String,
    #[orm(validate(custom = is_right))]
    nick: String,
    #[orm(validate(custom = is_nowhere))]
    text: String,
}

fn is_even(_: &i64) -> Result<(), &'static str> {
    Ok(())
}

fn is_right(_: &str) -> bool {
    true
}

fn main() {}
