//! diesel-async: diesel's typed queries over tokio-postgres.

mod model;
mod reads;
mod writes;

use crate::case::Case;
use crate::rival::{Rival, failed};
use crate::{Outcome, POOL};
use ::diesel_async::AsyncPgConnection;
use ::diesel_async::pooled_connection::deadpool::Pool;
use ::diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use deadpool::managed::QueueMode;
use diesel::QueryResult;

pub(crate) struct DieselAsync {
    pool: Pool<AsyncPgConnection>,
}

impl DieselAsync {
    pub(crate) async fn connect(url: &str) -> Outcome<Self> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        let pool = Pool::builder(manager)
            .max_size(POOL.into())
            .queue_mode(QueueMode::Lifo)
            .build();
        let pool: Pool<AsyncPgConnection> = pool.map_err(|error| failed("diesel-async", error))?;
        let mut held = Vec::new();
        for _ in 0..POOL {
            held.push(
                pool.get()
                    .await
                    .map_err(|error| failed("diesel-async", error))?,
            );
        }
        drop(held);
        Ok(Self { pool })
    }

    fn pooled<'w>(
        &'w self,
        case: Case<'w>,
        task: impl AsyncFn(&mut AsyncPgConnection, usize) -> QueryResult<u64> + Copy + 'w,
    ) -> Case<'w> {
        self.built(case, |n| n, task)
    }

    /// The same, with something that is built before the clock runs.
    fn built<'w, I: 'w>(
        &'w self,
        case: Case<'w>,
        build: impl Fn(usize) -> I + 'w,
        task: impl AsyncFn(&mut AsyncPgConnection, I) -> QueryResult<u64> + Copy + 'w,
    ) -> Case<'w> {
        case.way("diesel-async, pool", move |n| {
            let input = build(n);
            async move {
                let on = self.pool.get().await;
                let mut on = on.map_err(|error| failed("diesel-async", error))?;
                task(&mut on, input)
                    .await
                    .map_err(|error| failed("diesel-async", error))
            }
        })
    }
}

impl Rival for DieselAsync {
    fn crates(&self) -> &'static [&'static str] {
        &["diesel-async", "diesel"]
    }

    fn configuration(&self) -> &'static str {
        "its deadpool with `RecyclingMethod::Fast` and `QueueMode::Lifo`; its statement cache as it comes (unbounded). \
         `treat_none_as_default_value = false`, so that an insert of one row is kept prepared; bulk by a `Vec` of values, \
         100 000 rows in ten of them, posts by `inner_join`, three levels by `belonging_to` and `grouped_by`."
    }

    fn lacks(&self) -> &'static [(&'static str, &'static str)] {
        &[(
            "flush of 1 000 dirty rows",
            "it keeps no rows, so nothing knows which have changed",
        )]
    }
}
