//! Rows on their way in.

use super::DieselAsync;
use super::model::{NewPerson, Person, people};
use crate::bulk::CHUNK;
use crate::case::Case;
use crate::rival::Writes;
use crate::sum::{self, Input};
use ::diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use diesel::{ExpressionMethods, QueryDsl, QueryResult, SelectableHelper};

impl Writes for DieselAsync {
    fn insert_one<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |on, n| {
            let person = diesel::insert_into(people::table)
                .values(NewPerson::from(Input::new(n)))
                .returning(Person::as_returning())
                .get_result(on);
            Ok(sum::written(&person.await?))
        })
    }

    fn update_one<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, update)
    }

    fn transaction<'w>(&'w self, case: Case<'w>, updates: usize) -> Case<'w> {
        self.pooled(case, async move |on, n| {
            let all = async move |on: &mut AsyncPgConnection| {
                let mut rows = 0;
                for n in n..n + updates {
                    rows += update(on, n).await?;
                }
                QueryResult::Ok(rows)
            };
            on.transaction(all).await
        })
    }

    fn insert_many<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let build = |n| new_people(n, 1_000);
        self.built(case, build, async |on, people| {
            let insert = diesel::insert_into(people::table).values(people);
            Ok(insert.execute(on).await? as u64)
        })
    }

    fn insert_with_ids<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let build = |n| new_people(n, 1_000);
        self.built(case, build, async |on, people| {
            let insert = diesel::insert_into(people::table).values(people);
            let ids: Vec<i64> = insert.returning(people::id).get_results(on).await?;
            Ok(ids.len() as u64)
        })
    }

    fn insert_100_000<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let build = |n| new_people(n, 100_000);
        self.built(case, build, async |on, people| {
            let mut written = 0;
            for chunk in people.chunks(CHUNK) {
                let insert = diesel::insert_into(people::table).values(chunk);
                written += insert.execute(on).await? as u64;
            }
            Ok(written)
        })
    }
}

async fn update(on: &mut AsyncPgConnection, n: usize) -> QueryResult<u64> {
    let update = diesel::update(people::table.find(crate::find::key(n)));
    let rows = update.set(people::age.eq(n as i32)).execute(on).await?;
    Ok(rows as u64)
}

fn new_people(from: usize, count: usize) -> Vec<NewPerson> {
    let people = Input::many(from, count).into_iter();
    people.map(NewPerson::from).collect()
}
