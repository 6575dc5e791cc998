//! Many rows on their way in. All ways begin with the same rows in a `Vec` of their own, built before the clock runs.

use crate::Outcome;
use crate::case::Case;
use crate::data::{NewPerson, Person, World};
use crate::writes::new_person;
use tokio_postgres::types::ToSql;

/// So many rows of five values each are below the protocol's bound of 65 535 parameters.
pub(crate) const CHUNK: usize = 10_000;

pub(crate) async fn insert_1_000(world: &World) -> Outcome<Case<'_>> {
    const ROWS: usize = 1_000;
    let statement = world.bare.prepare(&multi_values(ROWS)).await?;
    let floor = "tokio-postgres, prepared multi-VALUES";
    Ok(written(Case::new("insert 1 000 rows", floor, 5), world)
        .way(floor, move |n| {
            let (statement, people) = (statement.clone(), new_people(n, ROWS));
            async move { Ok(world.bare.execute_raw(&statement, flat(&people)).await?) }
        })
        .ours("ormcore, insert_many", world, move |db, n| {
            let people = new_people(n, ROWS);
            async move { Ok(Person::insert_many(people).execute(db).await?) }
        })
        .way("ormcore, copy_in", move |n| {
            let people = new_people(n, ROWS);
            async move { Ok(Person::copy_in(people).execute(&world.db).await?) }
        }))
}

/// The floor takes the ids as they come, which is in order as the server is made today; PostgreSQL does not promise it.
pub(crate) async fn insert_with_ids(world: &World) -> Outcome<Case<'_>> {
    const ROWS: usize = 1_000;
    let text = multi_values(ROWS) + " RETURNING id";
    let statement = world.bare.prepare(&text).await?;
    let floor = "tokio-postgres, prepared multi-VALUES, ids in any order";
    let case = Case::new("insert 1 000 rows, ids back", floor, 5);
    Ok(written(case, world)
        .way(floor, move |n| {
            let (statement, people) = (statement.clone(), new_people(n, ROWS));
            async move {
                let values: Vec<&(dyn ToSql + Sync)> = flat(&people).collect();
                let rows = world.bare.query(&statement, &values).await?;
                let ids: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
                Ok(ids.len() as u64)
            }
        })
        .ours("ormcore, ids in order", world, move |db, n| {
            let people = new_people(n, ROWS);
            async move {
                let ids: Vec<i64> = Person::insert_many(people).keys(db).await?;
                Ok(ascending(&ids))
            }
        })
        .way("ormcore, rows in order", move |n| {
            let people = new_people(n, ROWS);
            async move {
                let people = Person::insert_many(people).all(&world.db).await?;
                let ids: Vec<i64> = people.iter().map(|person| person.id).collect();
                Ok(ascending(&ids))
            }
        }))
}

pub(crate) async fn insert_100_000(world: &World) -> Outcome<Case<'_>> {
    const ROWS: usize = 100_000;
    let statement = world.bare.prepare(&multi_values(CHUNK)).await?;
    let floor = "tokio-postgres, prepared multi-VALUES of 10 000 rows";
    let case = Case::new("insert 100 000 rows", floor, 1).at_most(15);
    Ok(written(case, world)
        .way(floor, move |n| {
            let (statement, people) = (statement.clone(), new_people(n, ROWS));
            async move {
                let mut written = 0;
                for chunk in people.chunks(CHUNK) {
                    written += world.bare.execute_raw(&statement, flat(chunk)).await?;
                }
                Ok(written)
            }
        })
        .way("ormcore, copy_in", move |n| {
            let people = new_people(n, ROWS);
            async move { Ok(Person::copy_in(people).execute(&world.db).await?) }
        })
        .way("ormcore, insert_many", move |n| {
            let people = new_people(n, ROWS);
            async move { Ok(Person::insert_many(people).execute(&world.db).await?) }
        }))
}

/// Every way begins without the others' rows, and what it wrote is what the floor wrote.
fn written<'w>(case: Case<'w>, world: &'w World) -> Case<'w> {
    let case = case.built_aside().tidy(move |_| async move {
        world.settle().await?;
        Ok(0)
    });
    case.left(move |_| async move {
        let sum: i64 = world.bare.query_one(WRITTEN, &[]).await?.get(0);
        Ok(sum as u64)
    })
}

const WRITTEN: &str = "
    SELECT coalesce(sum(hashtextextended(concat_ws('|', name, email, age, active, created_at), 0) % 1000000007), 0)::bigint
    FROM people WHERE id > 10000";

/// So many, if they are in order.
pub(crate) fn ascending(ids: &[i64]) -> u64 {
    let pairs = ids.windows(2).filter(|pair| pair[0] < pair[1]);
    pairs.count() as u64 + 1
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

pub(crate) fn new_people(from: usize, count: usize) -> Vec<NewPerson> {
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
