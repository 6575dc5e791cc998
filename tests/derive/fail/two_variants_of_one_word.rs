use ormcore::Value;

#[derive(Value, Debug)]
#[orm(rename_all = "lowercase")]
enum Mood {
    SoSo,
    Soso,
    #[orm(rename = "a word that is longer than the sixty-three bytes that PostgreSQL has for it")]
    Long,
}

fn main() {}
