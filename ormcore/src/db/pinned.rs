//! One connection that is kept without a transaction.

use super::hold::Hold;
use super::pool::Db;
use crate::error::Result;
use std::fmt;
use std::panic::Location;

/// One connection of the pool, which all statements on it go to until it is dropped: [`Db::pin`].
///
/// It is for what lives in a session: temporary tables, `SET`, locks of a session, functions such as `lastval()`. Nobody else
/// has the connection meanwhile. When it is dropped it goes back to the pool if it is as it was, and is closed if something
/// was changed that outlasts a statement, as far as the text of the statements shows: what a function of yours changes
/// inside is not seen. With a statement that was given up it is brought to rest first, or closed.
///
/// When the connection ends, what was kept in its session is gone: no statement is sent again on another one.
///
/// Each statement stands for itself. Several that are done together or not at all are for [`Db::begin`], whose transaction
/// has a connection of its own too: BEGIN and COMMIT as SQL are refused here.
#[must_use = "the connection goes back when this is dropped"]
pub struct Pinned<'d> {
    pub(super) hold: Hold<'d>,
}

impl Db {
    /// Takes a connection for as long as the guard lives, without a transaction.
    ///
    /// ```no_run
    /// # use ormcore::{Db, Result, sql};
    /// # async fn run(db: &Db) -> Result<()> {
    /// let one = db.pin().await?;
    /// sql("CREATE TEMP TABLE seen (id bigint)").execute(&one).await?;
    /// sql("INSERT INTO seen SELECT id FROM orders").execute(&one).await?;
    /// let seen: i64 = sql("SELECT count(*) FROM seen").scalar(&one).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When no connection is to be had.
    #[track_caller]
    pub fn pin(&self) -> impl Future<Output = Result<Pinned<'_>>> + Send + '_ {
        let caller = Location::caller();
        async move {
            let hold = Hold::pinned(self, caller).await;
            let hold = hold.map_err(|error| error.at(caller))?;
            Ok(Pinned { hold })
        }
    }
}

impl fmt::Debug for Pinned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pinned")
            .field("db", self.hold.db())
            .finish_non_exhaustive()
    }
}
