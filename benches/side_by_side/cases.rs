//! The cases by their names, which are in `names`.

use crate::Outcome;
use crate::case::Case;
use crate::data::World;
use crate::names::CASES;
use crate::{bulk, crowd, eager, find, rows, session, writes};

/// Its statements are prepared and its pools connected; what is not listed is not made.
pub(crate) async fn make<'w>(world: &'w World, name: &str) -> Outcome<Case<'w>> {
    let listed = CASES.iter().find(|(other, _)| *other == name);
    let (_, ways) = listed.ok_or_else(|| format!("there is no case {name}"))?;
    let case = match name {
        "find by key" => find::by_key(world).await?,
        "filter, order, limit 50" => find::page(world).await?,
        "1 000 rows" => rows::rows(world, 1_000).await?,
        "10 000 rows" => rows::rows(world, 10_000).await?,
        "100 posts with authors" => eager::authors(world).await?,
        "100 authors × 10 posts × 5 comments" => eager::three_levels(world).await?,
        "insert one row, returning it" => writes::insert_one(world).await?,
        "update one row" => writes::update_one(world).await?,
        "transaction with one update" => writes::transaction(world, 1).await?,
        "transaction with ten updates" => writes::transaction(world, 10).await?,
        "64 tasks on 8 connections" => crowd::crowd(world).await?,
        "insert 1 000 rows" => bulk::insert_1_000(world).await?,
        "insert 1 000 rows, ids back" => bulk::insert_with_ids(world).await?,
        "insert 100 000 rows" => bulk::insert_100_000(world).await?,
        "flush of 1 000 dirty rows" => session::flush(world).await?,
        _ => return Err(format!("{name} is listed, and nothing makes it").into()),
    };
    let mut ours = case.names();
    ours.retain(|way| way.starts_with("ormcore"));
    if case.name != name || ours != *ways {
        return Err(format!("{name} has the ways {ours:?}, and {ways:?} are listed").into());
    }
    Ok(case)
}
