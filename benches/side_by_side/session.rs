//! A session that writes what has changed, beside those who write it row by row.

use crate::Outcome;
use crate::case::{Case, Clock};
use crate::data::{Person, World, person};
use crate::rows::first;
use std::cell::Cell;
use std::rc::Rc;

const ROWS: u32 = 1_000;

/// The rows are read before, and that is not measured. Everybody is another age each time, so that every row changes.
pub(crate) async fn flush(world: &World) -> Outcome<Case<'_>> {
    let text = "SELECT id, name, email, age, active, created_at FROM people ORDER BY id LIMIT $1";
    let read = world.bare.prepare(text).await?;
    let update = world
        .bare
        .prepare("UPDATE people SET age = $1 WHERE id = $2")
        .await?;
    let (clock, ages) = (Clock::new(), Ages::default());
    let [bare, whole, each, after, apart] = [(); 5].map(|()| (clock.clone(), ages.clone()));
    let floor = "tokio-postgres, one by one in a transaction";
    Ok(Case::new("flush of 1 000 dirty rows", floor, 1)
        .at_most(30)
        .timed_by(&clock)
        // Thousands of dead rows would be in everybody's way.
        .tidy(move |_| async move {
            world.bare.batch_execute("VACUUM people").await?;
            Ok(0)
        })
        .way(floor, move |_| {
            let (read, update) = (read.clone(), update.clone());
            let (clock, age) = (bare.0.clone(), bare.1.next());
            async move {
                let rows = world.bare.query(&read, &[&i64::from(ROWS)]).await?;
                let people: Vec<Person> = rows.iter().map(person).collect();
                clock.start();
                let mut written = 0;
                world.bare.batch_execute("BEGIN").await?;
                for person in &people {
                    written += world.bare.execute(&update, &[&age, &person.id]).await?;
                }
                world.bare.batch_execute("COMMIT").await?;
                Ok(written)
            }
        })
        .ours("ormcore, session", world, move |db, _| {
            let (clock, age) = (whole.0.clone(), whole.1.next());
            async move {
                let mut session = db.session();
                let people = session.all(first(ROWS)).await?;
                clock.start();
                for person in &people {
                    session[*person].age = Some(age);
                }
                Ok(session.commit().await?.dirty as u64)
            }
        })
        .ours("ormcore, update_each", world, move |db, _| {
            let (clock, age) = (each.0.clone(), each.1.next());
            async move {
                let people = first(ROWS).all(db).await?;
                clock.start();
                let ages = people.iter().map(|person| (person.id, Some(age)));
                let update = Person::update_each(Person::AGE, ages);
                Ok(update.execute(db).await?)
            }
        })
        .way("ormcore, one by one in a transaction", move |_| {
            let (clock, age) = (after.0.clone(), after.1.next());
            async move {
                let people = first(ROWS).all(&world.db).await?;
                clock.start();
                let mut written = 0;
                let tx = world.db.begin().await?;
                for person in &people {
                    let update = Person::update(person.id).set(Person::AGE, age);
                    written += update.execute(&tx).await?;
                }
                tx.commit().await?;
                Ok(written)
            }
        })
        .way("ormcore, one by one", move |_| {
            let (clock, age) = (apart.0.clone(), apart.1.next());
            async move {
                let people = first(ROWS).all(&world.db).await?;
                clock.start();
                let mut written = 0;
                for person in &people {
                    let update = Person::update(person.id).set(Person::AGE, age);
                    written += update.execute(&world.db).await?;
                }
                Ok(written)
            }
        }))
}

/// Another one each time.
#[derive(Clone, Default)]
struct Ages(Rc<Cell<i32>>);

impl Ages {
    fn next(&self) -> i32 {
        self.0.set(self.0.get() + 1);
        // Nobody is as old in the beginning.
        1_000 + self.0.get()
    }
}
