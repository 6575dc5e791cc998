use ormcore::Entity;

#[derive(Entity)]
#[allow(non_snake_case)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    home_page: String,
    homePage: String,
}

fn main() {}
