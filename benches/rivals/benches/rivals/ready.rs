//! What happens before the clock runs.

use crate::case::Case;
use crate::{Outcome, POOL};
use ormcore::Db;

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
/// them, which it does after five executions. Of a task that takes long once is enough.
pub(crate) async fn warm(case: &Case<'_>) -> Outcome<()> {
    let times = match case.rounds(usize::MAX) {
        usize::MAX => 6 * usize::from(POOL),
        _ => 1,
    };
    for way in case.names() {
        case.repeat(way, times).await?;
    }
    Ok(())
}
