//! sea-orm: active records over sqlx.

mod model;
mod reads;
mod writes;

use crate::case::Case;
use crate::rival::{Rival, failed};
use crate::{Outcome, POOL};
use ::sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

pub(crate) struct SeaOrm {
    db: DatabaseConnection,
}

impl SeaOrm {
    pub(crate) async fn connect(url: &str) -> Outcome<Self> {
        let mut options = ConnectOptions::new(url);
        options
            .min_connections(POOL.into())
            .max_connections(POOL.into())
            .test_before_acquire(false)
            .sqlx_logging(false);
        let db = Database::connect(options)
            .await
            .map_err(|error| failed("sea-orm", error))?;
        crate::sqlx::open(db.get_postgres_connection_pool())
            .await
            .map_err(|error| failed("sea-orm", error))?;
        Ok(Self { db })
    }

    fn pooled<'w>(
        &'w self,
        case: Case<'w>,
        task: impl AsyncFn(&DatabaseConnection, usize) -> Result<u64, DbErr> + Copy + 'w,
    ) -> Case<'w> {
        self.built(case, |n| n, task)
    }

    /// The same, with something that is built before the clock runs.
    fn built<'w, I: 'w>(
        &'w self,
        case: Case<'w>,
        build: impl Fn(usize) -> I + 'w,
        task: impl AsyncFn(&DatabaseConnection, I) -> Result<u64, DbErr> + Copy + 'w,
    ) -> Case<'w> {
        case.way("sea-orm, pool", move |n| {
            let input = build(n);
            async move {
                task(&self.db, input)
                    .await
                    .map_err(|error| failed("sea-orm", error))
            }
        })
    }
}

impl Rival for SeaOrm {
    fn crates(&self) -> &'static [&'static str] {
        &["sea-orm"]
    }

    fn configuration(&self) -> &'static str {
        "sqlx's pool with `test_before_acquire(false)` and `sqlx_logging(false)`; the statement cache of sqlx (100). An update \
         by `update_many` with a filter, which reads nothing back; bulk by `insert_many`, 100 000 rows in ten of them; changed \
         rows by `ActiveModel::update`, each on its own, in a transaction; posts by `find_also_related` (a join), three levels \
         by `load_many`."
    }

    fn lacks(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
}
