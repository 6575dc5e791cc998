//! The observation of one relation load.

use super::Telemetry;
use super::attributes::{integer, load_attributes};
use super::names::{
    RELATIONSHIP_BATCH_COUNT, RELATIONSHIP_CACHE_HIT, RELATIONSHIP_DEPTH, RELATIONSHIP_FK_COLUMN,
    RELATIONSHIP_NAME, RELATIONSHIP_QUERY_COUNT, RELATIONSHIP_STRATEGY, RELATIONSHIP_TARGET_MODEL,
    RESULT_COUNT, SPAN_RELATIONSHIP_LOAD,
};
use super::span::Scope;
use crate::error::Error;
use std::borrow::Cow;
use std::time::Instant;

/// How a relation is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strategy {
    Lazy,
    Peers,
    Raise,
    SelectIn,
    Joined,
    Lateral,
}

impl Strategy {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lazy => "lazy",
            Self::Peers => "peers",
            Self::Raise => "raise",
            Self::SelectIn => "selectinload",
            Self::Joined => "joined",
            Self::Lateral => "lateral",
        }
    }
}

/// What is loaded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) relation: &'static str,
    pub(crate) target: &'static str,
    pub(crate) strategy: Strategy,
    pub(crate) fk_column: &'static str,
    /// How many owners' keys are asked for.
    pub(crate) batch: u64,
    /// 1 for a relation of the rows that were asked for, 2 for a relation of those, and so on.
    pub(crate) depth: u64,
}

/// Watches one load from its start to its outcome.
pub(crate) struct LoadSpan<'t> {
    telemetry: &'t Telemetry,
    load: Load,
    started: Instant,
    scope: Scope,
}

impl Telemetry {
    /// Starts to watch a load. `outer` is the transaction it runs in, if any.
    pub(crate) fn load(&self, load: Load, outer: Option<&Scope>) -> LoadSpan<'_> {
        let attributes = || {
            load_attributes(
                &self.settings,
                &[
                    (RELATIONSHIP_NAME, load.relation.into()),
                    (RELATIONSHIP_TARGET_MODEL, load.target.into()),
                    (RELATIONSHIP_STRATEGY, load.strategy.name().into()),
                    (RELATIONSHIP_FK_COLUMN, load.fk_column.into()),
                    (RELATIONSHIP_BATCH_COUNT, integer(load.batch).into()),
                    (RELATIONSHIP_DEPTH, integer(load.depth).into()),
                ],
            )
        };
        let scope = self
            .emitter
            .scope(SPAN_RELATIONSHIP_LOAD, attributes, outer);
        LoadSpan {
            telemetry: self,
            load,
            started: Instant::now(),
            scope,
        }
    }
}

impl LoadSpan<'_> {
    /// Runs the load's statements inside its span.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.scope.run(work).await
    }

    /// The rows were there already; nothing was asked.
    pub(crate) fn hit(self, rows: u64) {
        self.done(rows, 0, true);
    }

    /// The rows came, after this many statements of the load's own.
    pub(crate) fn finish(self, rows: u64, statements: u64) {
        self.done(rows, statements, false);
    }

    fn done(mut self, rows: u64, statements: u64, hit: bool) {
        self.scope.set(RELATIONSHIP_CACHE_HIT, hit);
        self.scope
            .set(RELATIONSHIP_QUERY_COUNT, integer(statements));
        self.scope.set(RESULT_COUNT, integer(rows));
        self.scope.end();
        self.telemetry
            .metrics
            .relation_loaded(&self.load, self.started.elapsed(), None);
    }

    /// The load failed.
    pub(crate) fn fail(mut self, error: &Error) {
        self.scope
            .fail(error.type_name(), Cow::Borrowed(error.kind().name()));
        self.scope.end();
        self.telemetry.metrics.relation_loaded(
            &self.load,
            self.started.elapsed(),
            Some(error.type_name()),
        );
    }
}
