//! Many rows into structs.

use crate::Outcome;
use crate::case::{Case, Checksum};
use crate::data::{Person, World, person, sum_of};
use ormcore::Find;

pub(crate) async fn rows(world: &World, count: u32) -> Outcome<Case<'_>> {
    let text = "SELECT id, name, email, age, active, created_at FROM people ORDER BY id LIMIT $1";
    let statement = world.bare.prepare(text).await?;
    let (name, repeat) = match count {
        1_000 => ("1 000 rows", 10),
        10_000 => ("10 000 rows", 1),
        _ => ("rows", 1),
    };
    let mut case = Case::new(name, "tokio-postgres, prepared", repeat)
        .way("tokio-postgres, prepared", move |_| {
            let statement = statement.clone();
            async move {
                let rows = world.bare.query(&statement, &[&i64::from(count)]).await?;
                Ok(sum_of(&rows.iter().map(person).collect::<Vec<_>>()))
            }
        })
        .ours("ormcore", world, move |db, _| async move {
            Ok(sum_of(&first(count).all(db).await?))
        });
    if count == 1_000 {
        // What it costs that a session keeps the rows, and what they were.
        case = case.ours("ormcore, session", world, move |db, _| async move {
            let mut session = db.session();
            let people = session.all(first(count)).await?;
            let mut sum = Checksum::default();
            people.iter().for_each(|row| session[*row].sum(&mut sum));
            Ok(sum.sum())
        });
    }
    Ok(case
        .way("ormcore, stream", move |_| async move {
            let mut people = first(count).stream(&world.db);
            let mut sum = Checksum::default();
            while let Some(person) = people.next().await.transpose()? {
                person.sum(&mut sum);
            }
            Ok(sum.sum())
        })
        .way(
            "ormcore, for_each with borrowed text",
            move |_| async move {
                let mut sum = Checksum::default();
                let seen = first(count).for_each(&world.db, |person| {
                    sum.add(person.get(Person::ID)?);
                    sum.text(person.text(Person::NAME)?);
                    sum.text(person.text(Person::EMAIL)?);
                    sum.add(person.get(Person::AGE)?.map_or(-1, i64::from));
                    sum.add(person.get(Person::ACTIVE)?.into());
                    sum.add(person.get(Person::CREATED_AT)?.timestamp_micros());
                    Ok(())
                });
                seen.await?;
                Ok(sum.sum())
            },
        ))
}

/// So many of them, in order.
pub(crate) fn first(count: u32) -> Find<Person> {
    Person::find().order_by(Person::ID).limit(count)
}
