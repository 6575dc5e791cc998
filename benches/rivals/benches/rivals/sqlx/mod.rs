//! sqlx: SQL by hand, rows into structs by `FromRow`.

mod reads;
mod writes;

use crate::case::Case;
use crate::rival::{Rival, failed};
use crate::sum::{self, Seen};
use crate::{Outcome, POOL};
use ::sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgSslMode};
use ::sqlx::{ConnectOptions, FromRow, Result};
use chrono::{DateTime, Utc};
use std::str::FromStr;
use tokio::sync::Mutex;

#[derive(FromRow)]
struct Person {
    id: i64,
    name: String,
    email: String,
    age: Option<i32>,
    active: bool,
    created_at: DateTime<Utc>,
}

impl sum::Person for Person {
    fn seen(&self) -> Seen<'_> {
        Seen {
            id: self.id,
            name: &self.name,
            email: &self.email,
            age: self.age,
            active: self.active,
            created_at: self.created_at.timestamp_micros(),
        }
    }
}

pub(crate) struct Sqlx {
    held: Mutex<PgConnection>,
    pool: PgPool,
}

impl Sqlx {
    pub(crate) async fn connect(url: &str) -> Outcome<Self> {
        let failed = |error| failed("sqlx", error);
        let options = PgConnectOptions::from_str(url)
            .map_err(failed)?
            .ssl_mode(PgSslMode::Disable)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .min_connections(POOL.into())
            .max_connections(POOL.into())
            .test_before_acquire(false)
            .connect_with(options.clone());
        let pool = pool.await.map_err(failed)?;
        open(&pool).await.map_err(failed)?;
        Ok(Self {
            pool,
            held: Mutex::new(options.connect().await.map_err(failed)?),
        })
    }

    /// The same on one connection and through the pool.
    fn both<'w>(
        &'w self,
        case: Case<'w>,
        task: impl AsyncFn(&mut PgConnection, usize) -> Result<u64> + Copy + 'w,
    ) -> Case<'w> {
        self.built(case, |n| n, task)
    }

    /// The same, with something that is built before the clock runs.
    fn built<'w, I: 'w>(
        &'w self,
        case: Case<'w>,
        build: impl Fn(usize) -> I + Copy + 'w,
        task: impl AsyncFn(&mut PgConnection, I) -> Result<u64> + Copy + 'w,
    ) -> Case<'w> {
        case.way("sqlx, held", move |n| {
            let input = build(n);
            async move {
                let mut on = self.held.lock().await;
                task(&mut on, input)
                    .await
                    .map_err(|error| failed("sqlx, held", error))
            }
        })
        .way("sqlx, pool", move |n| {
            let input = build(n);
            async move {
                let failed = |error| failed("sqlx, pool", error);
                let mut on = self.pool.acquire().await.map_err(failed)?;
                task(&mut on, input).await.map_err(failed)
            }
        })
    }
}

/// Opens all connections of a pool.
pub(crate) async fn open(pool: &PgPool) -> Result<()> {
    let mut held = Vec::new();
    for _ in 0..POOL {
        held.push(pool.acquire().await?);
    }
    Ok(())
}

impl Rival for Sqlx {
    fn crates(&self) -> &'static [&'static str] {
        &["sqlx"]
    }

    fn configuration(&self) -> &'static str {
        "one connection held, and its pool with `test_before_acquire(false)`; no TLS, no statement log, its statement cache as \
         it comes (100). Structs by `FromRow`; bulk by `unnest` of a `Vec` of structs taken apart, 100 000 rows by \
         `copy_in_raw` of CSV written by hand, posts by a join, three levels by `= ANY` and HashMaps."
    }

    fn lacks(&self) -> &'static [(&'static str, &'static str)] {
        &[(
            "flush of 1 000 dirty rows",
            "it keeps no rows, so nothing knows which have changed",
        )]
    }
}
