//! The observation of one transaction.

use super::Telemetry;
use super::attributes::load_attributes;
use super::names::{SPAN_TRANSACTION, TRANSACTION_STATUS};
use super::span::Scope;
use crate::error::Error;
use std::borrow::Cow;
use std::time::{Duration, Instant};

/// Watches a transaction from BEGIN to its end.
pub(crate) struct TransactionSpan {
    started: Instant,
    scope: Scope,
}

impl Telemetry {
    pub(crate) fn transaction(&self) -> TransactionSpan {
        self.metrics.look();
        let attributes = || load_attributes(&self.settings, &[]);
        TransactionSpan {
            started: Instant::now(),
            scope: self.emitter.scope(SPAN_TRANSACTION, attributes, None),
        }
    }

    /// The end of a transaction, however it ended.
    pub(crate) fn transaction_ended(&self, status: &'static str, took: Duration) {
        self.metrics.transaction_ended(status, took);
    }
}

impl TransactionSpan {
    /// The span that the transaction's statements belong to.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(crate) fn committed(&mut self, telemetry: &Telemetry) {
        self.done("committed", telemetry);
    }

    pub(crate) fn rolled_back(&mut self, telemetry: &Telemetry) {
        self.done("rolled_back", telemetry);
    }

    /// It could not be ended as it was asked to.
    pub(crate) fn failed(&mut self, error: &Error, telemetry: &Telemetry) {
        self.scope
            .fail(error.type_name(), Cow::Borrowed(error.kind().name()));
        self.done("failed", telemetry);
    }

    fn done(&mut self, status: &'static str, telemetry: &Telemetry) {
        self.scope.set(TRANSACTION_STATUS, status);
        self.scope.end();
        telemetry.transaction_ended(status, self.started.elapsed());
    }
}
