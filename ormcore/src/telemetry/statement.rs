//! The observation of one statement.

use super::attributes::integer;
use super::names::{
    CANCELLED, DB_RESPONSE_RETURNED_ROWS, DB_RESPONSE_STATUS_CODE, DECODE_DURATION,
    POOL_WAIT_DURATION, RESULT_AFFECTED_ROWS, RESULT_COUNT, STATEMENT_CACHED,
};
use super::span::{ClientSpan, Scope};
use super::{Facts, Loan, Lookup, Telemetry};
use crate::error::Error;
use std::borrow::Cow;
use std::panic::Location;
use std::time::{Duration, Instant};

/// The numbers in a statement that differ from call to call, and give nothing away.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Page {
    pub(crate) limit: Option<i64>,
    pub(crate) offset: Option<i64>,
}

/// What became of a statement that was carried out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StatementOutcome {
    /// Rows that came back; `None` for a statement that returns none.
    pub(crate) returned: Option<u64>,
    /// Rows that were written; `None` for one that only reads.
    pub(crate) affected: Option<u64>,
    pub(crate) decode: Option<Duration>,
}

/// Watches one statement from its start to its outcome.
pub(crate) struct StatementSpan<'t> {
    telemetry: &'t Telemetry,
    facts: &'t Facts,
    started: Instant,
    took: Option<Duration>,
    loan: Option<Loan>,
    waited: Duration,
    span: ClientSpan,
    open: bool,
    /// Rows so far, for a reader who may stop at any of them.
    read: Option<u64>,
}

impl Telemetry {
    /// Starts to watch a statement; the caller is about to send it.
    pub(crate) fn statement<'t>(
        &'t self,
        facts: &'t Facts,
        page: Page,
        caller: &'static Location<'static>,
        scope: Option<&Scope>,
    ) -> StatementSpan<'t> {
        let started = Instant::now();
        let span = self.emitter.statement(facts, page, caller, scope, started);
        StatementSpan {
            telemetry: self,
            facts,
            started,
            took: None,
            loan: None,
            waited: Duration::ZERO,
            span,
            open: true,
            read: None,
        }
    }
}

impl StatementSpan<'_> {
    pub(crate) fn is_recording(&self) -> bool {
        self.span.is_recording()
    }

    /// When the watch began.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// The statement has ended, now, and took so long: whatever else has to be timed needs no clock of its own.
    pub(crate) fn end(&mut self) -> Duration {
        *self.took.insert(self.started.elapsed())
    }

    /// How long it has been running, since it had a connection.
    pub(crate) fn ran(&self) -> Duration {
        self.started.elapsed().saturating_sub(self.waited)
    }

    /// How long it waited for a connection.
    pub(crate) fn waited(&mut self, wait: Duration) {
        self.waited = wait;
        self.span.set(POOL_WAIT_DURATION, wait.as_secs_f64());
    }

    /// A connection was lent to it alone.
    pub(crate) fn lent(&mut self, loan: Loan) {
        self.loan = Some(loan);
    }

    /// Whether the connection had it prepared already.
    pub(crate) fn looked_up(&mut self, lookup: Lookup) {
        self.span.set(STATEMENT_CACHED, lookup == Lookup::Hit);
        self.telemetry.statements.count(lookup);
    }

    /// A row was read, and it may be the last one that is wanted.
    pub(crate) fn read_one(&mut self) {
        *self.read.get_or_insert(0) += 1;
    }

    /// The end of the watch.
    pub(crate) fn finish(mut self, result: Result<StatementOutcome, &Error>) {
        self.open = false;
        let took = self.took.unwrap_or_else(|| self.started.elapsed());
        match result {
            Ok(outcome) => self.succeeded(took, outcome),
            Err(error) => self.failed(took, error),
        }
    }

    fn succeeded(&mut self, took: Duration, outcome: StatementOutcome) {
        if let Some(rows) = outcome.returned {
            self.span.set(RESULT_COUNT, integer(rows));
            self.span.set(DB_RESPONSE_RETURNED_ROWS, integer(rows));
        }
        if let Some(rows) = outcome.affected {
            self.span.set(RESULT_AFFECTED_ROWS, integer(rows));
        }
        if let Some(decode) = outcome.decode {
            self.span.set(DECODE_DURATION, decode.as_secs_f64());
        }
        self.telemetry
            .metrics
            .statement(self.facts, took, outcome.returned, self.loan);
        let rows = outcome.returned.or(outcome.affected).unwrap_or(0);
        if self
            .telemetry
            .settings
            .slow_statement
            .is_some_and(|slow| took >= slow)
        {
            tracing::warn!(
                name: "ormcore.slow_statement",
                target: "ormcore",
                summary = &*self.facts.summary, statement = &*self.facts.text, ?took, rows,
                "slow statement"
            );
        } else {
            tracing::debug!(
                name: "ormcore.statement",
                target: "ormcore",
                operation = self.facts.operation, summary = &*self.facts.summary, statement = &*self.facts.text, ?took, rows,
                "statement"
            );
        }
    }

    fn failed(&mut self, took: Duration, error: &Error) {
        if let Some(code) = error.code() {
            self.span.set(DB_RESPONSE_STATUS_CODE, code.to_owned());
        }
        self.span
            .fail(error.type_name(), Cow::Borrowed(error.kind().name()));
        self.telemetry
            .metrics
            .statement_failed(self.facts, took, &error.type_name(), error.code());
        tracing::warn!(
            name: "ormcore.statement_failed",
            target: "ormcore",
            summary = &*self.facts.summary, error = %error, ?took,
            "statement failed"
        );
    }
}

impl Drop for StatementSpan<'_> {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let took = self.started.elapsed();
        if self.read.is_some() {
            // To have read enough is no failure.
            let outcome = StatementOutcome {
                returned: self.read,
                ..StatementOutcome::default()
            };
            self.succeeded(took, outcome);
        } else {
            self.span.fail(
                CANCELLED.to_owned(),
                Cow::Borrowed("dropped before it was done"),
            );
            self.telemetry
                .metrics
                .statement_failed(self.facts, took, CANCELLED, None);
        }
    }
}
