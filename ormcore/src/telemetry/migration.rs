//! The observation of one migration.

use super::Telemetry;
use super::attributes::load_attributes;
use super::names::{
    MIGRATION_DIRECTION, MIGRATION_NAME, MIGRATION_TRANSACTIONAL, MIGRATION_VERSION, SPAN_MIGRATION,
};
use super::span::Scope;
use crate::error::Error;
use std::borrow::Cow;

/// Which one it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MigrationFacts<'a> {
    pub(crate) version: &'a str,
    pub(crate) name: &'a str,
    /// `up` or `down`.
    pub(crate) direction: &'static str,
    pub(crate) transactional: bool,
}

/// Watches a migration, with its statements in it.
pub(crate) struct MigrationSpan {
    scope: Scope,
}

impl Telemetry {
    pub(crate) fn migration(&self, facts: MigrationFacts<'_>) -> MigrationSpan {
        let attributes = || {
            load_attributes(
                &self.settings,
                &[
                    (MIGRATION_VERSION, facts.version.to_owned().into()),
                    (MIGRATION_NAME, facts.name.to_owned().into()),
                    (MIGRATION_DIRECTION, facts.direction.into()),
                    (MIGRATION_TRANSACTIONAL, facts.transactional.into()),
                ],
            )
        };
        MigrationSpan {
            scope: self.emitter.scope(SPAN_MIGRATION, attributes, None),
        }
    }
}

impl MigrationSpan {
    /// Runs its statements inside the span.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.scope.run(work).await
    }

    /// It ran, or failed with this.
    pub(crate) fn finish(mut self, error: Option<&Error>) {
        if let Some(error) = error {
            let message = Cow::Borrowed(error.kind().name());
            self.scope.fail(error.type_name(), message);
        }
        self.scope.end();
    }
}
