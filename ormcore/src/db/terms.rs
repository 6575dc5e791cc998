//! What a transaction is to be like, and how that is said to the server.

use super::isolation::Isolation;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

/// What was asked for; the server's defaults for the rest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Terms {
    pub(super) isolation: Option<Isolation>,
    pub(super) read_only: bool,
    pub(super) deferrable: bool,
    pub(super) statement_timeout: Option<Limit>,
    pub(super) lock_timeout: Option<Limit>,
    pub(super) idle_timeout: Option<Limit>,
    /// Whether its number is asked for.
    pub(super) traceable: bool,
}

/// A time limit as PostgreSQL takes it: in milliseconds, and 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit(i32);

impl Limit {
    /// Rounded up: what is short is not to become no limit at all.
    pub(super) fn new(limit: Option<Duration>) -> Self {
        let milliseconds = limit.map_or(0, |limit| limit.as_nanos().div_ceil(1_000_000).max(1));
        Self(i32::try_from(milliseconds).unwrap_or(i32::MAX))
    }

    pub(super) fn milliseconds(self) -> i32 {
        self.0
    }
}

impl Terms {
    /// Everything in one message, and so in one round trip together with what follows.
    pub(super) fn begin(self) -> Cow<'static, str> {
        let mut sql = Cow::Borrowed("BEGIN");
        if let Some(isolation) = self.isolation {
            sql.to_mut().push_str(" ISOLATION LEVEL ");
            sql.to_mut().push_str(isolation.sql());
        }
        if self.read_only {
            sql.to_mut().push_str(" READ ONLY");
        }
        if self.deferrable {
            sql.to_mut().push_str(" DEFERRABLE");
        }
        let limits = [
            ("statement_timeout", self.statement_timeout),
            ("lock_timeout", self.lock_timeout),
            ("idle_in_transaction_session_timeout", self.idle_timeout),
        ];
        for (name, limit) in limits {
            if let Some(limit) = limit {
                // Writing to a String does not fail.
                let _ = write!(
                    sql.to_mut(),
                    "; SET LOCAL {name} = {}",
                    limit.milliseconds()
                );
            }
        }
        // Who only reads leaves nothing that could be unknown, and a number would have to be made first.
        if self.traceable && !self.read_only {
            sql.to_mut().push_str("; SELECT pg_current_xact_id()");
        }
        sql
    }
}

#[cfg(test)]
mod tests {
    use super::{Cow, Duration, Isolation, Limit, Terms};

    #[test]
    fn what_is_not_asked_for_is_not_said() {
        assert!(matches!(Terms::default().begin(), Cow::Borrowed("BEGIN")));
    }

    #[test]
    fn everything_goes_into_one_message() {
        let limit = |milliseconds| Some(Limit::new(Some(Duration::from_millis(milliseconds))));
        let terms = Terms {
            isolation: Some(Isolation::Serializable),
            read_only: true,
            deferrable: true,
            statement_timeout: limit(1500),
            lock_timeout: limit(20),
            idle_timeout: Some(Limit::new(None)),
            traceable: true,
        };
        assert_eq!(
            terms.begin(),
            "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE; SET LOCAL statement_timeout = 1500; \
             SET LOCAL lock_timeout = 20; SET LOCAL idle_in_transaction_session_timeout = 0"
        );
        let traceable = Terms {
            traceable: true,
            ..Terms::default()
        };
        assert_eq!(traceable.begin(), "BEGIN; SELECT pg_current_xact_id()");
    }

    #[test]
    fn a_short_limit_is_not_none_and_a_long_one_is_not_refused() {
        for (limit, expected) in [
            (None, 0),
            (Some(Duration::ZERO), 1),
            (Some(Duration::from_nanos(1)), 1),
            (Some(Duration::from_micros(1001)), 2),
            (Some(Duration::MAX), i32::MAX),
        ] {
            assert_eq!(Limit::new(limit).milliseconds(), expected);
        }
    }
}
