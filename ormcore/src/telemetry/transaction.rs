//! The observation of one transaction.

use super::Telemetry;
use super::attributes::{integer, load_attributes};
use super::names::{
    ERROR_TYPE, EVENT_RETRY, RETRY_ATTEMPT, RETRY_DELAY, SPAN_TRANSACTION, TRANSACTION_ATTEMPTS,
    TRANSACTION_STATUS,
};
use super::span::Scope;
use crate::error::{Error, ErrorKind};
use std::borrow::Cow;
use std::time::{Duration, Instant};

/// Watches a transaction from BEGIN to its end.
pub(crate) struct TransactionSpan {
    started: Instant,
    /// None, where the spans of something else tell of it.
    scope: Option<Scope>,
    /// How many times it was run.
    attempts: u32,
}

impl Telemetry {
    pub(crate) fn transaction(&self) -> TransactionSpan {
        let attributes = || load_attributes(&self.settings, &[]);
        TransactionSpan {
            started: Instant::now(),
            scope: Some(self.emitter.scope(SPAN_TRANSACTION, attributes, None)),
            attempts: 1,
        }
    }

    /// One that has no span of its own.
    pub(crate) fn silent_transaction(&self) -> TransactionSpan {
        TransactionSpan {
            started: Instant::now(),
            scope: None,
            attempts: 1,
        }
    }

    /// The end of a transaction, however it ended.
    pub(crate) fn transaction_ended(&self, status: &'static str, took: Duration) {
        self.metrics.transaction_ended(status, took);
    }
}

impl TransactionSpan {
    /// The span that the transaction's statements belong to.
    pub(crate) fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// It is run again after so many times, because of this, and after this pause.
    pub(crate) fn retried(
        &mut self,
        reason: ErrorKind,
        attempt: u32,
        pause: Duration,
        telemetry: &Telemetry,
    ) {
        let attributes = [
            (RETRY_ATTEMPT, integer(attempt.into()).into()),
            (RETRY_DELAY, pause.as_secs_f64().into()),
            (ERROR_TYPE, reason.name().into()),
        ];
        if let Some(scope) = &self.scope {
            scope.event(EVENT_RETRY, attributes);
        }
        self.attempts = attempt.saturating_add(1);
        telemetry.metrics.transaction_retried(reason.name());
    }

    pub(crate) fn committed(&mut self, telemetry: &Telemetry) {
        self.done("committed", telemetry);
    }

    pub(crate) fn rolled_back(&mut self, telemetry: &Telemetry) {
        self.done("rolled_back", telemetry);
    }

    /// It could not be ended as it was asked to.
    pub(crate) fn failed(&mut self, error: &Error, telemetry: &Telemetry) {
        if let Some(scope) = &self.scope {
            scope.fail(error.type_name(), Cow::Borrowed(error.kind().name()));
        }
        self.done("failed", telemetry);
    }

    fn done(&mut self, status: &'static str, telemetry: &Telemetry) {
        if let Some(scope) = &mut self.scope {
            scope.set(TRANSACTION_STATUS, status);
            if self.attempts > 1 {
                scope.set(TRANSACTION_ATTEMPTS, integer(self.attempts.into()));
            }
            scope.end();
        }
        telemetry.transaction_ended(status, self.started.elapsed());
    }
}
