//! A session beside what it stands for.

use crate::Outcome;
use crate::case::{Case, Checksum};
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

/// What it saves that a session writes them together. Both read the rows first.
pub(crate) async fn flush(world: &World) -> Outcome<Case<'_>> {
    let question = || Person::find().order_by(Person::ID).limit(ROWS);
    let name = "flush of 1 000 dirty rows";
    Ok(Case::new(name, "ormcore, one update after the other", 1)
        .at_most(30)
        // Thousands of dead rows would be in everybody's way.
        .tidy(move |_| async move {
            world.bare.batch_execute("VACUUM people").await?;
            Ok(0)
        })
        .way("ormcore, one update after the other", move |n| async move {
            let people = question().all(&world.db).await?;
            let tx = world.db.begin().await?;
            for person in &people {
                let update = Person::update(person.id).set(Person::AGE, n as i32);
                update.execute(&tx).await?;
            }
            tx.commit().await?;
            Ok(people.len() as u64)
        })
        .way("ormcore, session", move |n| async move {
            let mut session = world.db.session();
            let people = session.all(question()).await?;
            for person in &people {
                // Another age each time, and so a row that has changed.
                session[*person].age = Some(n as i32 + 100);
            }
            session.commit().await?;
            Ok(people.len() as u64)
        }))
}
