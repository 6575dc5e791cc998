//! What can go wrong, and what the error knows about it.
//! Run it with `cargo run --example errors`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, Error, ErrorKind, entities, sql};

#[derive(Entity, Debug)]
#[orm(table = "example_accounts", insert(NewAccount, derive(Clone)))]
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

/// Who refers to a row is known before it is deleted, and keeps it from being.
async fn before_a_delete(db: &Db, id: i64) -> ormcore::Result<()> {
    let account = |email: &str| NewAccount {
        email: email.to_owned(),
        age: 20,
        invited_by: Some(id),
    };
    let invited = vec![account("cid@example.org"), account("dot@example.org")];
    Account::insert_many(invited).execute(db).await?;
    let tx = db.begin().await?;
    // Locked, so that nobody is invited meanwhile.
    let ada = || Account::find().filter(Account::ID.eq(id)).for_update();
    let referrers = ada().referrers(entities![Account], &tx).await?;
    let told: Vec<_> = referrers.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["2 by Account::invited_by (no action)"]);
    assert!(referrers[0].is_in_the_way());
    let invited = Account::delete().filter(Account::INVITED_BY.eq(id));
    assert_eq!(invited.execute(&tx).await?, 2);
    assert!(ada().referrers(entities![Account], &tx).await?.is_empty());
    tx.commit().await
}

/// Of many rows some are wrong: they are told, and the others stored.
async fn of_many(db: &Db, id: i64) -> ormcore::Result<()> {
    let rows = ["eve", "ada", "flo", "gil"].map(|name| NewAccount {
        email: format!("{name}@example.org"),
        age: if name == "gil" { 7 } else { 20 },
        invited_by: Some(id),
    });
    let mut tx = db.begin().await?;
    let pieces = tx
        .attempt_each(&rows, async |part, rows| {
            Account::insert_many(rows.to_vec()).keys(part).await
        })
        .await?;
    let (mut stored, mut refused) = (Vec::new(), Vec::new());
    for (which, done) in pieces {
        match done {
            Ok(keys) => stored.extend(keys),
            Err(error) => refused.push((rows[which.start].email.as_str(), told(&error))),
        }
    }
    tx.commit().await?;
    let expected = [
        ("ada@example.org", "that address is taken"),
        ("gil@example.org", "you are too young"),
    ];
    assert_eq!(refused, expected);
    let stored = Account::delete().filter(Account::ID.in_(stored));
    assert_eq!(stored.execute(db).await?, 2);
    Ok(())
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
    for (wrong, expected) in [
        (
            account("ada@example.org", 20, None),
            "that address is taken",
        ),
        (
            account("bob@example.org", 12, Some(id)),
            "you are too young",
        ),
        (
            account("bob@example.org", 20, Some(-1)),
            "whoever invited you is gone",
        ),
    ] {
        let Err(error) = Account::insert(wrong).execute(&db).await else {
            return Err("it was stored".into());
        };
        assert_eq!(told(&error), expected);
        // The statement and the line of this file, never the address.
        println!("{expected}\n  {error}");
        assert!(!error.to_string().contains("@example.org"), "{error}");
    }
    // What is not there is told with the statement that looked for it.
    let Err(error) = Account::get(-1).one(&db).await else {
        return Err("it was found".into());
    };
    assert!(error.is_not_found() && told(&error) == "that did not work");
    let text = error.statement().unwrap_or_default();
    assert!(text.ends_with(r#"WHERE "id" = $1"#), "{error}");
    match Invited::get(id).one(&db).await {
        Err(error) if error.kind() == ErrorKind::Decode => println!("{error}"),
        other => return Err(format!("invited by {}", other?.invited_by).into()),
    }
    before_a_delete(&db, id).await?;
    of_many(&db, id).await?;
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
