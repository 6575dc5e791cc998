//! Many rows on their way in. All ways begin with the same rows in a `Vec` of their own, built before the clock runs.

use crate::Outcome;
use crate::case::Case;
use crate::data::{NewPerson, Person, World};
use crate::writes::new_person;
use tokio_postgres::types::ToSql;

/// So many rows of five values each are below the protocol's bound of 65 535 parameters.
const CHUNK: usize = 10_000;

pub(crate) async fn insert_1_000(world: &World) -> Outcome<Case<'_>> {
    const ROWS: usize = 1_000;
    let text = multi_values(ROWS);
    let plain = world.bare.prepare(&text).await?;
    let returning = world.bare.prepare(&(text + " RETURNING id")).await?;
    Ok(Case::new(
        "insert 1 000 rows",
        "tokio-postgres, prepared multi-VALUES",
        5,
    )
    .tidy(move |_| clear(world))
    .built_aside()
    .way("tokio-postgres, prepared multi-VALUES", move |n| {
        let (statement, people) = (plain.clone(), new_people(n, ROWS));
        async move { Ok(world.bare.execute_raw(&statement, flat(&people)).await?) }
    })
    .way("ormcore, insert_many", move |n| {
        let people = new_people(n, ROWS);
        async move { Ok(Person::insert_many(people).execute(&world.db).await?) }
    })
    .way("ormcore, copy_in", move |n| {
        let people = new_people(n, ROWS);
        async move { Ok(Person::copy_in(people).execute(&world.db).await?) }
    })
    .way("tokio-postgres, the same returning ids", move |n| {
        let (statement, people) = (returning.clone(), new_people(n, ROWS));
        async move {
            let values: Vec<&(dyn ToSql + Sync)> = flat(&people).collect();
            let rows = world.bare.query(&statement, &values).await?;
            let ids: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
            Ok(ids.len() as u64)
        }
    })
    .way("ormcore, insert_many returning keys in order", move |n| {
        let people = new_people(n, ROWS);
        async move {
            let keys: Vec<i64> = Person::insert_many(people).keys(&world.db).await?;
            Ok(keys.len() as u64)
        }
    })
    .way("ormcore, insert_many returning rows in order", move |n| {
        let people = new_people(n, ROWS);
        async move { Ok(Person::insert_many(people).all(&world.db).await?.len() as u64) }
    }))
}

pub(crate) async fn insert_100_000(world: &World) -> Outcome<Case<'_>> {
    const ROWS: usize = 100_000;
    let statement = world.bare.prepare(&multi_values(CHUNK)).await?;
    Ok(Case::new(
        "insert 100 000 rows",
        "tokio-postgres, prepared multi-VALUES of 10 000 rows",
        1,
    )
    .at_most(15)
    .tidy(move |_| clear(world))
    .built_aside()
    .way(
        "tokio-postgres, prepared multi-VALUES of 10 000 rows",
        move |n| {
            let (statement, people) = (statement.clone(), new_people(n, ROWS));
            async move {
                let mut written = 0;
                for chunk in people.chunks(CHUNK) {
                    written += world.bare.execute_raw(&statement, flat(chunk)).await?;
                }
                Ok(written)
            }
        },
    )
    .way("ormcore, insert_many", move |n| {
        let people = new_people(n, ROWS);
        async move { Ok(Person::insert_many(people).execute(&world.db).await?) }
    })
    .way("ormcore, copy_in", move |n| {
        let people = new_people(n, ROWS);
        async move { Ok(Person::copy_in(people).execute(&world.db).await?) }
    }))
}

fn multi_values(rows: usize) -> String {
    let row = |row: usize| {
        let at = row * 5;
        format!(
            "(${}, ${}, ${}, ${}, ${})",
            at + 1,
            at + 2,
            at + 3,
            at + 4,
            at + 5
        )
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!(
        "INSERT INTO people (name, email, age, active, created_at) VALUES {}",
        rows.join(", ")
    )
}

/// Takes away what was inserted; the first ten thousand stay, for the other cases.
async fn clear(world: &World) -> Outcome<u64> {
    let statements = "DELETE FROM people WHERE id > 10000; VACUUM people";
    for statement in statements.split("; ") {
        world.bare.batch_execute(statement).await?;
    }
    Ok(0)
}

fn new_people(from: usize, count: usize) -> Vec<NewPerson> {
    (from..from + count).map(new_person).collect()
}

fn flat(people: &[NewPerson]) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync)> {
    let values = people.iter().flat_map(|new| {
        [
            &new.name as &(dyn ToSql + Sync),
            &new.email,
            &new.age,
            &new.active,
            &new.created_at,
        ]
    });
    values.collect::<Vec<_>>().into_iter()
}
