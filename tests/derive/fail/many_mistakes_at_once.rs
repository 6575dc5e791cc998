use ormcore::Entity;

#[derive(Entity)]
#[orm(tabel = "users")]
struct User {
    #[orm(primary_key, generated, generated)]
    id: i64,
    #[orm(uniqe)]
    email: String,
    #[orm(rename = "email")]
    mail: String,
}

fn the_rest_still_compiles() {
    let _ = User::find();
    let _ = User::EMAIL;
}

fn main() {}
