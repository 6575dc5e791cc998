//! Declares an entity, adds rows and finds them again.
//! Run it with `cargo run --example quickstart`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, entities};

#[derive(Entity, Debug)]
#[orm(table = "quickstart_users", insert(NewUser), patch(UserPatch))]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    age: Option<i32>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![User]).await?;

    let new = |name: &str, age| NewUser {
        name: name.to_owned(),
        age,
    };
    let ada = User::insert(new("Ada", Some(36))).one(&db).await?;
    println!("inserted {} with the key {}", ada.name, ada.id);
    assert_eq!((&*ada.name, ada.age), ("Ada", Some(36)));
    let more = vec![new("Alan", None), new("Grace", Some(85))];
    let added = User::insert_many(more).execute(&db).await?;
    println!("inserted {added} more in one statement");
    assert_eq!(added, 2);

    let found = User::find()
        .filter(User::NAME.ilike("a%").and(User::AGE.is_not_null()))
        .order_by(User::ID.desc())
        .all(&db)
        .await?;
    println!("found {}: {:?}", found.len(), found[0].name);
    assert_eq!((found.len(), found[0].id), (1, ada.id));

    let patch = UserPatch {
        age: Some(Some(37)),
        ..UserPatch::default()
    };
    let ada = User::update(ada.id).patch(patch).one(&db).await?;
    println!("{} is {:?} now", ada.name, ada.age);
    assert_eq!(ada.age, Some(37));

    let deleted = User::delete().all_rows().execute(&db).await?;
    println!("deleted all {deleted}");
    assert_eq!(deleted, 3);
    match User::get(ada.id).one(&db).await {
        Err(error) if error.is_not_found() => {
            println!("asked once more, for an error that says what and where: {error}");
            Ok(())
        }
        other => Err(format!("she is still there: {other:?}").into()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
