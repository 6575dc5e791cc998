//! NOTIFY: a word to those who listen.

use super::raw::sql;
use crate::db::{Db, Executor, Savepoint, Transaction};
use crate::error::{Error, Result};
use std::panic::Location;

/// PostgreSQL's limit, in bytes.
const LONGEST_PAYLOAD: usize = 7999;

impl Db {
    /// Says something to everybody who [listens](Self::listen) to a channel now.
    ///
    /// The payload may be empty, and is best the key of what changed. Nobody is told whether somebody heard it.
    ///
    /// # Errors
    /// When the channel's name is empty or longer than 63 bytes, or the payload is longer than 7999 bytes.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Result};
    /// # async fn run(db: &Db) -> Result<()> {
    /// db.notify("posts", "42").await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn notify<'a>(
        &'a self,
        channel: &'a str,
        payload: &'a str,
    ) -> impl Future<Output = Result<()>> + Send + 'a {
        notify(self, channel, payload, Location::caller())
    }
}

impl Transaction {
    /// Says something to everybody who [listens](Db::listen) to a channel when the transaction is committed, and nothing
    /// when it is not. What was said twice with the same words is heard once.
    ///
    /// # Errors
    /// Those of [`Db::notify`].
    #[track_caller]
    pub fn notify<'a>(
        &'a self,
        channel: &'a str,
        payload: &'a str,
    ) -> impl Future<Output = Result<()>> + Send + 'a {
        notify(self, channel, payload, Location::caller())
    }
}

impl Savepoint<'_> {
    /// The same as [`Transaction::notify`]: nothing is heard if the savepoint is undone.
    ///
    /// # Errors
    /// Those of [`Db::notify`].
    #[track_caller]
    pub fn notify<'a>(
        &'a self,
        channel: &'a str,
        payload: &'a str,
    ) -> impl Future<Output = Result<()>> + Send + 'a {
        notify(self, channel, payload, Location::caller())
    }
}

fn notify<'a>(
    executor: &'a impl Executor,
    channel: &'a str,
    payload: &'a str,
    caller: &'static Location<'static>,
) -> impl Future<Output = Result<()>> + Send + 'a {
    let length = payload.len();
    let statement = (length <= LONGEST_PAYLOAD).then(|| {
        let statement = sql("SELECT pg_notify($1, $2)").summary("NOTIFY");
        statement.bind(channel.to_owned()).bind(payload.to_owned())
    });
    async move {
        let Some(statement) = statement else {
            let message = format!(
                "a payload has at most {LONGEST_PAYLOAD} bytes, and this one {length}: store it, and send its key"
            );
            return Err(Error::usage(message).at(caller));
        };
        statement.execute_at(executor, caller).await?;
        Ok(())
    }
}
