//! toasty: models compiled to SQL at every call, over tokio-postgres.

mod model;
mod reads;
mod writes;

use crate::case::Case;
use crate::rival::{Rival, failed};
use crate::{Outcome, POOL};
use ::toasty::Db;
use model::{Author, Comment, Person, Post};

pub(crate) struct Toasty {
    db: Db,
}

impl Toasty {
    pub(crate) async fn connect(url: &str) -> Outcome<Self> {
        let failed = |error| failed("toasty", error);
        let db = Db::builder()
            .models(::toasty::models!(Person, Author, Post, Comment))
            .max_pool_size(POOL.into())
            .pool_health_check_interval(None)
            .connect(url)
            .await
            .map_err(failed)?;
        let mut held = Vec::new();
        for _ in 0..POOL {
            held.push(db.connection().await.map_err(failed)?);
        }
        drop(held);
        Ok(Self { db })
    }

    fn pooled<'w>(
        &'w self,
        case: Case<'w>,
        task: impl AsyncFn(&mut Db, usize) -> ::toasty::Result<u64> + Copy + 'w,
    ) -> Case<'w> {
        self.built(case, |n| n, task)
    }

    /// The same, with something that is built before the clock runs.
    fn built<'w, I: 'w>(
        &'w self,
        case: Case<'w>,
        build: impl Fn(usize) -> I + 'w,
        task: impl AsyncFn(&mut Db, I) -> ::toasty::Result<u64> + Copy + 'w,
    ) -> Case<'w> {
        case.way("toasty, pool", move |n| {
            let input = build(n);
            async move {
                let mut db = self.db.clone();
                task(&mut db, input)
                    .await
                    .map_err(|error| failed("toasty", error))
            }
        })
    }
}

impl Rival for Toasty {
    fn crates(&self) -> &'static [&'static str] {
        &["toasty"]
    }

    fn configuration(&self) -> &'static str {
        "its pool, which pings neither when a connection is taken nor, here, in the background; its statement cache as it \
         comes. Bulk by `create_many`, 100 000 rows in ten of them; changed rows by `update`, each on its own, in a \
         transaction; posts and three levels by `include`."
    }

    fn lacks(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
}
