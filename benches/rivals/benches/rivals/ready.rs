//! What happens before the clock runs.

use crate::case::Case;
use crate::{Outcome, POOL};
use ormcore::Db;
use tokio_postgres::Client;

/// Opens all connections of ormcore's pool, as the rivals open theirs.
pub(crate) async fn open(db: &Db) -> Outcome<()> {
    let mut held = Vec::new();
    for _ in 0..POOL {
        let transaction = db.begin().await?;
        ormcore::sql("SELECT 1").execute(&transaction).await?;
        held.push(transaction);
    }
    for transaction in held {
        transaction.commit().await?;
    }
    Ok(())
}

/// Runs every way until each connection of its pool has prepared its statements and the server has settled on a plan for
/// them, which it does after five executions. A bulk's count says little: what arrived is compared here.
pub(crate) async fn warm(case: &Case<'_>, bare: &Client) -> Outcome<()> {
    let mut floor = None;
    for way in case.measure(0).await? {
        case.repeat(way.name, 6 * usize::from(POOL)).await?;
        case.repeat(way.name, 1).await?;
        if case.name != "insert 1 000 rows" {
            continue;
        }
        let arrived: String = bare.query_one(LAST, &[]).await?.get(0);
        if *floor.get_or_insert_with(|| arrived.clone()) != arrived {
            return Err(format!("{} wrote other rows than the floor", way.name).into());
        }
    }
    Ok(())
}

const LAST: &str = "
    SELECT md5(string_agg(concat_ws('|', name, email, coalesce(age, -1), active, created_at), '|' ORDER BY name))
    FROM (SELECT * FROM people ORDER BY id DESC LIMIT 1000) AS last";
