//! The observation of a session: its flushes, commits and rollbacks, and how often a row was known already.

use super::Telemetry;
use super::attributes::{integer, load_attributes};
use super::names::{
    SESSION_AUTOFLUSH, SESSION_DELETED_COUNT, SESSION_DIRTY_COUNT, SESSION_EXPIRE_ON_COMMIT,
    SESSION_LINK_COUNT, SESSION_OPERATION, SESSION_PENDING_COUNT, SESSION_STATUS,
    SPAN_SESSION_COMMIT, SPAN_SESSION_FLUSH, SPAN_SESSION_OPEN, SPAN_SESSION_ROLLBACK,
};
use super::span::Scope;
use crate::error::Error;
use std::borrow::Cow;

/// What a session does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionAct {
    Flush,
    Commit,
    Rollback,
}

/// How something ended that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionEnd {
    /// The work was committed nevertheless.
    Committed,
    RolledBack,
    /// Nothing was sent, and everything is as it was.
    Refused,
    /// Nobody knows.
    Unknown,
}

/// How many rows it is about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SessionCounts {
    pub(crate) pending: u64,
    pub(crate) dirty: u64,
    pub(crate) deleted: u64,
    /// Rows of tables between.
    pub(crate) links: u64,
}

/// Watches one of them from its start to its outcome.
pub(crate) struct SessionSpan {
    act: SessionAct,
    scope: Scope,
}

/// The span of a whole session, where somebody asked for one.
pub(crate) struct SessionOpen(Scope);

impl SessionOpen {
    pub(crate) fn scope(&self) -> &Scope {
        &self.0
    }

    /// The session is not there any more.
    pub(crate) fn close(&self) {
        self.0.set(SESSION_STATUS, "closed");
        self.0.close();
    }
}

impl Drop for SessionOpen {
    fn drop(&mut self) {
        self.close();
        self.0.end();
    }
}

impl Telemetry {
    /// Around everything that a session does from now on.
    pub(crate) fn session_open(&self, autoflush: bool, expires: bool) -> SessionOpen {
        let attributes = || {
            load_attributes(
                &self.settings,
                &[
                    (SESSION_OPERATION, "open".into()),
                    (SESSION_AUTOFLUSH, autoflush.into()),
                    (SESSION_EXPIRE_ON_COMMIT, expires.into()),
                ],
            )
        };
        SessionOpen(self.emitter.scope(SPAN_SESSION_OPEN, attributes, None))
    }

    /// `counts` are asked for only where there is a span to have them.
    pub(crate) fn session(
        &self,
        act: SessionAct,
        counts: impl FnOnce() -> SessionCounts,
        outer: Option<&Scope>,
    ) -> SessionSpan {
        let (name, operation) = match act {
            SessionAct::Flush => (SPAN_SESSION_FLUSH, "flush"),
            SessionAct::Commit => (SPAN_SESSION_COMMIT, "commit"),
            SessionAct::Rollback => (SPAN_SESSION_ROLLBACK, "rollback"),
        };
        let attributes = || {
            let counts = counts();
            load_attributes(
                &self.settings,
                &[
                    (SESSION_OPERATION, operation.into()),
                    (SESSION_PENDING_COUNT, integer(counts.pending).into()),
                    (SESSION_DIRTY_COUNT, integer(counts.dirty).into()),
                    (SESSION_DELETED_COUNT, integer(counts.deleted).into()),
                    (SESSION_LINK_COUNT, integer(counts.links).into()),
                ],
            )
        };
        SessionSpan {
            act,
            scope: self.emitter.scope(name, attributes, outer),
        }
    }

    /// So many rows were written by one flush.
    pub(crate) fn session_flushed(&self, counts: SessionCounts) {
        let rows = counts.pending + counts.dirty + counts.deleted + counts.links;
        self.metrics.session_flushed(rows);
    }

    /// Rows of this table were asked for: so many were known already, and so many were not.
    pub(crate) fn identity_map(&self, table: &'static str, hits: u64, misses: u64) {
        self.metrics.identity_map(table, hits, misses);
    }
}

impl SessionSpan {
    /// Runs the work inside the span.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.scope.run(work).await
    }

    /// It went well.
    pub(crate) fn finish(mut self) {
        let status = match self.act {
            SessionAct::Flush => "flushed",
            SessionAct::Commit => "committed",
            SessionAct::Rollback => "rolled_back",
        };
        self.scope.set(SESSION_STATUS, status);
        self.scope.end();
    }

    /// It failed, and ended so.
    pub(crate) fn fail(mut self, error: &Error, end: SessionEnd) {
        let status = match end {
            SessionEnd::Committed => "committed",
            SessionEnd::RolledBack => "rolled_back",
            SessionEnd::Refused => "refused",
            SessionEnd::Unknown => "unknown",
        };
        self.scope.set(SESSION_STATUS, status);
        self.scope
            .fail(error.type_name(), Cow::Borrowed(error.kind().name()));
        self.scope.end();
    }
}
