//! Many tasks, few connections.

use crate::Outcome;
use crate::case::Case;
use crate::data::{CONNECTIONS, Person, World, person, sum_of};
use crate::find::{BY_KEY, key};
use deadpool_postgres::{Pool, PoolConfig, Runtime};
use futures_util::future::try_join_all;
use ormcore::Config;
use tokio_postgres::NoTls;

const TASKS: usize = 64;
/// So many of them are shared by those who only read, where it is asked for.
const SHARED: usize = 2;
/// What each task does, one after the other.
const FINDS: usize = 10;

pub(crate) async fn crowd(world: &World) -> Outcome<Case<'_>> {
    let pool = pool(&world.url)?;
    let config = Config::new(&world.url)?.pool_size(CONNECTIONS - SHARED);
    let multiplexed = config.multiplexed_reads(SHARED).connect().await?;
    Ok(Case::new(
        "64 tasks on 8 connections",
        "deadpool-postgres, prepare_cached",
        1,
    )
    .way("deadpool-postgres, prepare_cached", move |n| {
        let pool = pool.clone();
        crowded(n, async move |n| {
            let client = pool.get().await?;
            let statement = client.prepare_cached(BY_KEY).await?;
            let row = client.query_one(&statement, &[&key(n)]).await?;
            Ok(sum_of(&[person(&row)]))
        })
    })
    .ours("ormcore", world, move |db, n| {
        crowded(n, async move |n| {
            Ok(sum_of(&[Person::get(key(n)).one(db).await?]))
        })
    })
    .way("ormcore, reads multiplexed", move |n| {
        let db = multiplexed.clone();
        crowded(n, async move |n| {
            Ok(sum_of(&[Person::get(key(n)).one(&db).await?]))
        })
    }))
}

/// Every task at once; the sum does not depend on which of them is done first.
pub(crate) async fn crowded(n: usize, find: impl AsyncFn(usize) -> Outcome<u64>) -> Outcome<u64> {
    let tasks = (0..TASKS).map(async |task| {
        let mut sum = 0_u64;
        for turn in 0..FINDS {
            sum = sum.wrapping_add(find(n + task * FINDS + turn).await?);
        }
        Outcome::Ok(sum)
    });
    let sums = try_join_all(tasks).await?;
    Ok(sums.into_iter().fold(0, u64::wrapping_add))
}

/// With its defaults, but for the size: first in, first out, and no question before a connection is handed out.
fn pool(url: &str) -> Outcome<Pool> {
    let config = deadpool_postgres::Config {
        url: Some(url.to_owned()),
        pool: Some(PoolConfig::new(CONNECTIONS)),
        ..deadpool_postgres::Config::default()
    };
    Ok(config.create_pool(Some(Runtime::Tokio1), NoTls)?)
}
