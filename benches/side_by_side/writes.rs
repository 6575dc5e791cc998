//! Rows on their way in.

use crate::Outcome;
use crate::case::{Case, Checksum};
use crate::data::{NewPerson, Person, World, person};
use crate::find::key;
use chrono::{DateTime, Utc};
use tokio_postgres::types::ToSql;

const INSERT: &str =
    "INSERT INTO people (name, email, age, active, created_at) VALUES ($1, $2, $3, $4, $5)
                      RETURNING id, name, email, age, active, created_at";

pub(crate) async fn insert_one(world: &World) -> Outcome<Case<'_>> {
    let statement = world.bare.prepare(INSERT).await?;
    Ok(Case::new(
        "insert one row, returning it",
        "tokio-postgres, prepared",
        200,
    )
    .way("tokio-postgres, prepared", move |n| {
        let statement = statement.clone();
        async move {
            let new = new_person(n);
            let values: [&(dyn ToSql + Sync); 5] = [
                &new.name,
                &new.email,
                &new.age,
                &new.active,
                &new.created_at,
            ];
            Ok(sum_without_id(&person(
                &world.bare.query_one(&statement, &values).await?,
            )))
        }
    })
    .ours("ormcore", world, move |db, n| async move {
        Ok(sum_without_id(
            &Person::insert(new_person(n)).one(db).await?,
        ))
    }))
}

pub(crate) async fn update_one(world: &World) -> Outcome<Case<'_>> {
    let statement = world
        .bare
        .prepare("UPDATE people SET age = $1 WHERE id = $2")
        .await?;
    Ok(Case::new("update one row", "tokio-postgres, prepared", 200)
        .way("tokio-postgres, prepared", move |n| {
            let statement = statement.clone();
            async move {
                Ok(world
                    .bare
                    .execute(&statement, &[&(n as i32), &key(n)])
                    .await?)
            }
        })
        .ours("ormcore", world, move |db, n| async move {
            Ok(Person::update(key(n))
                .set(Person::AGE, n as i32)
                .execute(db)
                .await?)
        }))
}

/// So many updates, one after the other, in one transaction.
pub(crate) async fn transaction(world: &World, updates: usize) -> Outcome<Case<'_>> {
    let statement = world
        .bare
        .prepare("UPDATE people SET age = $1 WHERE id = $2")
        .await?;
    let (name, repeat) = match updates {
        1 => ("transaction with one update", 100),
        _ => ("transaction with ten updates", 20),
    };
    let floor = "tokio-postgres, BEGIN, each update, COMMIT";
    Ok(Case::new(name, floor, repeat)
        .way(floor, move |n| {
            let statement = statement.clone();
            async move {
                let mut rows = 0;
                world.bare.batch_execute("BEGIN").await?;
                for n in n..n + updates {
                    let (age, key) = (n as i32, key(n));
                    rows += world.bare.execute(&statement, &[&age, &key]).await?;
                }
                world.bare.batch_execute("COMMIT").await?;
                Ok(rows)
            }
        })
        .ours("ormcore", world, move |db, n| async move {
            let mut rows = 0;
            let transaction = db.begin().await?;
            for n in n..n + updates {
                let update = Person::update(key(n)).set(Person::AGE, n as i32);
                rows += update.execute(&transaction).await?;
            }
            transaction.commit().await?;
            Ok(rows)
        }))
}

pub(crate) fn new_person(n: usize) -> NewPerson {
    NewPerson {
        name: format!("new {n}"),
        email: format!("new{n}@example.org"),
        age: (!n.is_multiple_of(3)).then_some(n as i32 % 90),
        active: n.is_multiple_of(2),
        created_at: DateTime::<Utc>::from_timestamp_micros(1_767_225_600_000_000 + n as i64)
            .unwrap_or_default(),
    }
}

fn sum_without_id(person: &Person) -> u64 {
    let mut sum = Checksum::default();
    sum.text(&person.name);
    sum.text(&person.email);
    sum.add(person.age.map_or(-1, i64::from));
    sum.add(person.created_at.timestamp_micros());
    sum.sum()
}
