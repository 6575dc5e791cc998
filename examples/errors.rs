//! What can go wrong, and what the error knows about it.
//! Run it with `cargo run --example errors`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, Error, ErrorKind, entities, sql};

#[derive(Entity, Debug)]
#[orm(table = "example_accounts", insert(NewAccount))]
struct Account {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    email: String,
    #[orm(constraint = "grown_up")]
    age: i32,
    #[orm(references(Account))]
    invited_by: Option<i64>,
}

/// The same table, by somebody who thinks that everybody was invited.
#[derive(Entity, Debug)]
#[orm(table = "example_accounts")]
struct Invited {
    #[orm(primary_key)]
    id: i64,
    invited_by: i64,
}

/// What to tell who filled in the form.
fn told(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::UniqueViolation if error.is_unique_violation_of(Account::EMAIL) => {
            "that address is taken"
        }
        ErrorKind::CheckViolation if error.is_violation_of(Account::AGE) => "you are too young",
        ErrorKind::ForeignKeyViolation => "whoever invited you is gone",
        _ if error.is_retryable() => "try again",
        _ => "that did not work",
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Account]).await?;
    let check = "ALTER TABLE example_accounts DROP CONSTRAINT IF EXISTS grown_up,
                 ADD CONSTRAINT grown_up CHECK (age >= 18)";
    sql(check).execute(&db).await?;

    let account = |email: &str, age, invited_by| NewAccount {
        email: email.to_owned(),
        age,
        invited_by,
    };
    let ada = Account::insert(account("ada@example.org", 36, None));
    let Account {
        id,
        email,
        age,
        invited_by,
    } = ada.one(&db).await?;
    println!("{email}, {age} years old, invited by {invited_by:?}");
    for wrong in [
        account("ada@example.org", 20, None),
        account("bob@example.org", 12, Some(id)),
        account("bob@example.org", 20, Some(-1)),
    ] {
        match Account::insert(wrong).execute(&db).await {
            Ok(_) => return Err("it was stored".into()),
            // The statement and the line of this file, never the address.
            Err(error) => println!("{}\n  {error}", told(&error)),
        }
    }
    match Account::get(-1).one(&db).await {
        Err(error) if error.is_not_found() => println!("there is no such account"),
        other => println!("{:?}", other?),
    }
    match Invited::get(id).one(&db).await {
        Err(error) if error.kind() == ErrorKind::Decode => println!("{error}"),
        other => println!("invited by {}", other?.invited_by),
    }
    Account::delete().key(id).execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
