//! PostgreSQL's own time limit, told from a request to cancel.
//!
//! Both end a statement with 57014, and only the words differ, which are in the language of the server. But a limit ends
//! nothing before it has passed; and a request that comes later finds nothing to end. So the limit is known, or learned when
//! the first connection is made, and the time tells the two apart. What cannot be known is a limit that was set where
//! nobody here sees it: for the role while connections are open, or inside of a function.

use super::executor::Source;
use super::pool::Db;
use super::refusal::CANCELLED;
use super::terms::Limit;
use super::transaction::Transaction;
use crate::error::{Error, ErrorKind};
use std::time::Duration;

/// How long PostgreSQL lets a statement run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeLimit {
    /// So many milliseconds; 0 is for ever.
    Known(i32),
    /// The caller's own SQL may have set it.
    Unknown,
}

impl TimeLimit {
    /// Whether a statement that took so long, until the answer came, may have come to it.
    fn is_over(self, took: Duration) -> bool {
        match self {
            Self::Known(0) => false,
            Self::Known(limit) => took.as_millis() >= u128::from(limit.unsigned_abs()),
            Self::Unknown => true,
        }
    }

    fn of(source: Source<'_>) -> Self {
        match source {
            Source::Pool(db) => db.time_limit(),
            Source::Held(hold) if hold.sets_limits() => Self::Unknown,
            Source::Held(hold) => hold.db().time_limit(),
            Source::Transaction(transaction) => transaction.time_limit(),
        }
    }
}

impl Transaction {
    pub(super) fn time_limit(&self) -> TimeLimit {
        if self.lock().sets_limits {
            return TimeLimit::Unknown;
        }
        let said = self.terms().statement_timeout.map(Limit::milliseconds);
        said.map_or(self.db().time_limit(), TimeLimit::Known)
    }
}

/// The same failure, after a statement took so long.
pub(super) fn told_apart(error: Error, source: Source<'_>, took: Duration) -> Error {
    if error.code() == Some(CANCELLED) && TimeLimit::of(source).is_over(took) {
        return error.with_kind(ErrorKind::Timeout);
    }
    error
}

impl Db {
    /// That of a new session.
    fn time_limit(&self) -> TimeLimit {
        self.default_limit()
            .map_or(TimeLimit::Unknown, TimeLimit::Known)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, TimeLimit};

    #[test]
    fn a_limit_ends_nothing_before_it_has_passed() {
        let over = |limit: TimeLimit, took| limit.is_over(Duration::from_millis(took));
        assert!(!over(TimeLimit::Known(20), 19));
        assert!(over(TimeLimit::Known(20), 20));
        assert!(!over(TimeLimit::Known(0), 1_000_000));
        assert!(over(TimeLimit::Unknown, 0));
    }
}
