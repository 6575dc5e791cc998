//! What became of a transaction.

use super::executor::Source;
use super::plan::{Reader, Reads};
use super::pool::Db;
use super::run::{Request, run};
use super::wire::Row;
use crate::error::{Result, TransactionId};
use crate::sql::Raw;
use crate::telemetry::Page;
use crate::value::Value as _;
use std::panic::Location;

/// What became of a transaction, as far as the server knows: [`Db::transaction_status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransactionStatus {
    /// It was committed.
    Committed,
    /// It was rolled back, or its session ended before it was committed.
    Aborted,
    /// It still runs: its session has not noticed that nobody is there any more. Ask again.
    InProgress,
    /// The server does not know: it was too long ago, or on another server.
    Unknown,
}

/// "transaction ID is in the future": of another server than this one, or of this one before it was restored.
const NEVER_HEARD_OF: &str = "22023";

impl Db {
    /// What became of a transaction whose COMMIT was not answered: see [`Begin::traceable`](crate::Begin::traceable).
    ///
    /// Only the server that ran it knows, not one that has taken over from it. It remembers for a long time: until
    /// its oldest transaction numbers are cleaned up.
    ///
    /// # Errors
    /// When the server cannot be asked.
    #[track_caller]
    pub fn transaction_status(
        &self,
        id: TransactionId,
    ) -> impl Future<Output = Result<TransactionStatus>> + Send + '_ {
        let caller = Location::caller();
        async move { status(self, id, caller).await }
    }
}

async fn status(
    db: &Db,
    id: TransactionId,
    caller: &'static Location<'static>,
) -> Result<TransactionStatus> {
    let statement = Raw {
        sql: "SELECT pg_xact_status($1::text::xid8)".into(),
        params: vec![id.to_string().into_param()],
        summary: Some("SELECT pg_xact_status".into()),
        repeatable: true,
    };
    let request = Request {
        statement: &statement,
        reads: Reads::Each([Reader::of::<Option<String>>()].into()),
        page: Page::default(),
        writes: false,
        caller,
    };
    let mut status = TransactionStatus::Unknown;
    let mut read = |row: Row<'_>| {
        status = match row.maybe_text(0)? {
            Some("committed") => TransactionStatus::Committed,
            Some("aborted") => TransactionStatus::Aborted,
            Some("in progress") => TransactionStatus::InProgress,
            _ => TransactionStatus::Unknown,
        };
        Ok(())
    };
    match run(Source::Pool(db), request, &mut read).await {
        Err(error) if error.code() == Some(NEVER_HEARD_OF) => Ok(TransactionStatus::Unknown),
        Err(error) => Err(error),
        Ok(_) => Ok(status),
    }
}
