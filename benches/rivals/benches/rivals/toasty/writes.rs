//! Rows on their way in.

use super::Toasty;
use super::model::{Person, timestamp};
use crate::bulk::CHUNK;
use crate::case::Case;
use crate::rival::{Writes, failed};
use crate::sum::{self, Input};
use ::toasty::Executor;
use ::toasty::stmt::CreateMany;

impl Writes for Toasty {
    fn insert_one<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let new = Input::new(n);
            let person = Person::create()
                .created_at(timestamp(&new))
                .name(new.name)
                .email(new.email)
                .age(new.age)
                .active(new.active)
                .exec(db);
            Ok(sum::written(&person.await?))
        })
    }

    fn update_one<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| update(db, n).await)
    }

    fn transaction<'w>(&'w self, case: Case<'w>, updates: usize) -> Case<'w> {
        self.pooled(case, async move |db, n| {
            let (mut rows, mut transaction) = (0, db.transaction().await?);
            for n in n..n + updates {
                rows += update(&mut transaction, n).await?;
            }
            transaction.commit().await?;
            Ok(rows)
        })
    }

    fn insert_many<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let build = |n| new_people(n, 1_000);
        self.built(case, build, async |db, people| {
            Ok(people.exec(db).await?.len() as u64)
        })
    }

    fn insert_with_ids<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let build = |n| new_people(n, 1_000);
        self.built(case, build, async |db, people| {
            let people = people.exec(db).await?;
            let ids: Vec<i64> = people.iter().map(|person| person.id).collect();
            Ok(ids.len() as u64)
        })
    }

    fn insert_100_000<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let build = |n| {
            let chunks = (n..n + 100_000).step_by(CHUNK);
            chunks.map(|n| new_people(n, CHUNK)).collect::<Vec<_>>()
        };
        self.built(case, build, async |db, chunks| {
            let mut written = 0;
            for chunk in chunks {
                written += chunk.exec(db).await?.len() as u64;
            }
            Ok(written)
        })
    }

    fn flush<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let clock = case.clock();
        case.way("toasty, pool", move |n| {
            let clock = clock.clone();
            async move {
                let all = async {
                    let mut db = self.db.clone();
                    let people = Person::all()
                        .order_by(Person::fields().id().asc())
                        .limit(1_000)
                        .exec(&mut db)
                        .await?;
                    clock.start();
                    let (mut written, mut transaction) = (0, db.transaction().await?);
                    for mut person in people {
                        let update = person.update().age(20_000 + n as i32);
                        update.exec(&mut transaction).await?;
                        written += 1;
                    }
                    transaction.commit().await?;
                    Ok(written)
                };
                all.await
                    .map_err(|error: ::toasty::Error| failed("toasty", error))
            }
        })
    }
}

/// It does not say how many rows it found.
async fn update(on: &mut dyn Executor, n: usize) -> ::toasty::Result<u64> {
    let update = Person::filter_by_id(crate::find::key(n)).update();
    update.age(n as i32).exec(on).await?;
    Ok(1)
}

fn new_people(from: usize, count: usize) -> CreateMany<Person> {
    let mut people = Person::create_many();
    for new in Input::many(from, count) {
        people = people.item(
            Person::create()
                .created_at(timestamp(&new))
                .name(new.name)
                .email(new.email)
                .age(new.age)
                .active(new.active),
        );
    }
    people
}
