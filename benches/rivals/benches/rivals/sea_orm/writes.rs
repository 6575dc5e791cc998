//! Rows on their way in.

use super::SeaOrm;
use super::model::people;
use crate::bulk::CHUNK;
use crate::case::Case;
use crate::rival::{Writes, failed};
use crate::sum::{self, Input};
use ::sea_orm::sea_query::Expr;
use ::sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
};

impl Writes for SeaOrm {
    fn insert_one<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let new = people::ActiveModel::from(Input::new(n));
            let person = people::Entity::insert(new).exec_with_returning(db);
            Ok(sum::written(&person.await?))
        })
    }

    fn update_one<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| update(db, n).await)
    }

    fn transaction<'w>(&'w self, case: Case<'w>, updates: usize) -> Case<'w> {
        self.pooled(case, async move |db, n| {
            let (mut rows, transaction) = (0, db.begin().await?);
            for n in n..n + updates {
                rows += update(&transaction, n).await?;
            }
            transaction.commit().await?;
            Ok(rows)
        })
    }

    fn insert_many<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let build = |n| new_people(n, 1_000);
        self.built(case, build, async |db, people| {
            let insert = people::Entity::insert_many(people);
            insert.exec_without_returning(db).await
        })
    }

    fn insert_with_ids<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let build = |n| new_people(n, 1_000);
        self.built(case, build, async |db, people| {
            let insert = people::Entity::insert_many(people);
            let ids: Vec<i64> = insert.exec_with_returning_keys(db).await?;
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
                let insert = people::Entity::insert_many(chunk);
                written += insert.exec_without_returning(db).await?;
            }
            Ok(written)
        })
    }

    fn flush<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let clock = case.clock();
        case.way("sea-orm, pool", move |n| {
            let clock = clock.clone();
            async move {
                let all = async {
                    let people = people::Entity::find()
                        .order_by_asc(people::Column::Id)
                        .limit(1_000)
                        .all(&self.db)
                        .await?;
                    clock.start();
                    let (mut written, transaction) = (0, self.db.begin().await?);
                    for person in people {
                        let mut person = person.into_active_model();
                        person.age = ActiveValue::Set(Some(10_000 + n as i32));
                        person.update(&transaction).await?;
                        written += 1;
                    }
                    transaction.commit().await?;
                    Ok(written)
                };
                all.await.map_err(|error: DbErr| failed("sea-orm", error))
            }
        })
    }
}

async fn update(on: &impl ConnectionTrait, n: usize) -> Result<u64, DbErr> {
    let update = people::Entity::update_many()
        .col_expr(people::Column::Age, Expr::value(n as i32))
        .filter(people::Column::Id.eq(crate::find::key(n)));
    Ok(update.exec(on).await?.rows_affected)
}

fn new_people(from: usize, count: usize) -> Vec<people::ActiveModel> {
    let people = Input::many(from, count).into_iter();
    people.map(people::ActiveModel::from).collect()
}
