use ormcore::Value;

#[derive(Value, Debug)]
#[orm(name = "mood", rename_al = "lowercase", domain = "mood")]
enum Mood {
    #[orm(renmae = "fine")]
    Fine,
}

#[derive(Value, Debug)]
#[orm(text, rename_all = "Snake", type = "stage")]
enum Stage {
    Draft,
}

#[derive(Value, Debug)]
#[orm(check = "VALUE <> ''", text)]
struct Email(#[orm(type = "citext")] String);

#[derive(Value, Debug)]
#[orm(type = "text", domain = "blog.code")]
struct Code(String);

#[derive(Value, Debug)]
#[orm(type = "shop.address", check = "true")]
struct Address {
    #[orm(primary_key)]
    street: String,
}

fn main() {}
