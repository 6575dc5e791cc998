//! One row by its key, and a page.

use crate::Outcome;
use crate::case::Case;
use crate::data::{Person, World, person, sum_of};

pub(crate) const BY_KEY: &str =
    "SELECT id, name, email, age, active, created_at FROM people WHERE id = $1";

pub(crate) async fn by_key(world: &World) -> Outcome<Case<'_>> {
    let statement = world.bare.prepare(BY_KEY).await?;
    Ok(Case::new("find by key", "tokio-postgres, prepared", 400)
        .way("tokio-postgres, prepared", move |n| {
            let statement = statement.clone();
            async move {
                let row = world.bare.query_one(&statement, &[&key(n)]).await?;
                Ok(sum_of(&[person(&row)]))
            }
        })
        .ours("ormcore", world, move |db, n| async move {
            Ok(sum_of(&[Person::get(key(n)).one(db).await?]))
        }))
}

pub(crate) async fn page(world: &World) -> Outcome<Case<'_>> {
    let text = "SELECT id, name, email, age, active, created_at FROM people
                WHERE age >= $1 AND active = $2 ORDER BY id DESC LIMIT $3";
    let statement = world.bare.prepare(text).await?;
    Ok(
        Case::new("filter, order, limit 50", "tokio-postgres, prepared", 60)
            .way("tokio-postgres, prepared", move |n| {
                let statement = statement.clone();
                async move {
                    let rows = world
                        .bare
                        .query(&statement, &[&age(n), &true, &50_i64])
                        .await?;
                    Ok(sum_of(&rows.iter().map(person).collect::<Vec<_>>()))
                }
            })
            .ours("ormcore", world, move |db, n| async move {
                let people = Person::find()
                    .filter(Person::AGE.ge(age(n)))
                    .filter(Person::ACTIVE.eq(true))
                    .order_by(Person::ID.desc())
                    .limit(50)
                    .all(db);
                Ok(sum_of(&people.await?))
            }),
    )
}

pub(crate) fn key(n: usize) -> i64 {
    (n as i64 * 7919) % 10_000 + 1
}

fn age(n: usize) -> i32 {
    n as i32 % 60
}
