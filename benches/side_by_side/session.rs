//! A session beside what it stands for.

use crate::Outcome;
use crate::case::{Case, Checksum, Clock};
use crate::data::{Person, World, sum_of};

const ROWS: u32 = 1_000;

/// What it costs that a session keeps the rows.
pub(crate) async fn load(world: &World) -> Outcome<Case<'_>> {
    let question = || Person::find().order_by(Person::ID).limit(ROWS);
    Ok(Case::new("session load 1 000 rows", "ormcore, all()", 20)
        .way("ormcore, all()", move |_| async move {
            Ok(sum_of(&question().all(&world.db).await?))
        })
        .way("ormcore, session", move |_| async move {
            let mut session = world.db.session();
            let people = session.all(question()).await?;
            let mut sum = Checksum::default();
            people.iter().for_each(|row| session[*row].sum(&mut sum));
            Ok(sum.sum())
        }))
}

/// What it saves that a session writes them together. The rows are read before, and that is not measured.
pub(crate) async fn flush(world: &World) -> Outcome<Case<'_>> {
    let question = || Person::find().order_by(Person::ID).limit(ROWS);
    let clock = Clock::new();
    let (apart, after, together) = (clock.clone(), clock.clone(), clock.clone());
    let name = "flush of 1 000 dirty rows";
    Ok(Case::new(
        name,
        "ormcore, one update after the other in a transaction",
        1,
    )
    .at_most(30)
    .timed_by(&clock)
    // Thousands of dead rows would be in everybody's way.
    .tidy(move |_| async move {
        world.bare.batch_execute("VACUUM people").await?;
        Ok(0)
    })
    .way(
        "ormcore, one update after the other in a transaction",
        move |n| {
            let clock = after.clone();
            async move {
                let people = question().all(&world.db).await?;
                clock.start();
                let tx = world.db.begin().await?;
                for person in &people {
                    let update = Person::update(person.id).set(Person::AGE, n as i32);
                    update.execute(&tx).await?;
                }
                tx.commit().await?;
                Ok(people.len() as u64)
            }
        },
    )
    .way("ormcore, one update after the other", move |n| {
        let clock = apart.clone();
        async move {
            let people = question().all(&world.db).await?;
            clock.start();
            for person in &people {
                let update = Person::update(person.id).set(Person::AGE, n as i32 + 200);
                update.execute(&world.db).await?;
            }
            Ok(people.len() as u64)
        }
    })
    .way("ormcore, session", move |n| {
        let clock = together.clone();
        async move {
            let mut session = world.db.session();
            let people = session.all(question()).await?;
            clock.start();
            for person in &people {
                // Another age each time, and so a row that has changed.
                session[*person].age = Some(n as i32 + 100);
            }
            session.commit().await?;
            Ok(people.len() as u64)
        }
    }))
}
