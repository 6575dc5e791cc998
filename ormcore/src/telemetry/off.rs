//! What stands in for spans and metrics when the feature `otel` is off: nothing.

use super::cache::StatementCache;
use super::facts::{Described, Facts, Server};
use super::settings::Settings;
use super::{Load, Loan, Page, PoolProbe};
use std::borrow::Cow;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) struct Emitter;
pub(super) struct ClientSpan;
pub(crate) struct Scope;
pub(super) struct Metrics;
pub(crate) struct Attributes;
pub(super) struct Value;

macro_rules! nothing {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(_: $type) -> Self {
                Self
            }
        }
    )*};
}
nothing!(bool, f64, i64, &'static str, String);

impl Emitter {
    pub(super) fn new(_: &Settings) -> Self {
        Self
    }

    pub(super) fn statement(
        &self,
        _: &Facts,
        _: Page,
        _: &'static Location<'static>,
        _: Option<&Scope>,
        _: Instant,
    ) -> ClientSpan {
        ClientSpan
    }

    pub(super) fn scope(
        &self,
        _: &'static str,
        _: impl FnOnce() -> Vec<Value>,
        _: Option<&Scope>,
    ) -> Scope {
        Scope
    }
}

impl ClientSpan {
    pub(super) fn is_recording(&self) -> bool {
        false
    }

    pub(super) fn set(&mut self, _: &'static str, _: impl Into<Value>) {}

    pub(super) fn fail(&mut self, _: String, _: Cow<'static, str>) {}
}

impl Scope {
    pub(crate) async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        work.await
    }

    pub(super) fn set(&self, _: &'static str, _: impl Into<Value>) {}

    pub(super) fn event(
        &self,
        _: &'static str,
        _: impl IntoIterator<Item = (&'static str, Value)>,
    ) {
    }

    pub(super) fn fail(&self, _: String, _: Cow<'static, str>) {}

    pub(super) fn end(&mut self) {}

    pub(super) fn close(&self) {}
}

impl Metrics {
    pub(super) fn new(_: &Settings, _: &Server, _: PoolProbe, _: &Arc<StatementCache>) -> Self {
        Self
    }

    pub(super) fn statement(&self, _: &Facts, _: Duration, _: Option<u64>, _: Option<Loan>) {}

    pub(super) fn statement_failed(&self, _: &Facts, _: Duration, _: &str, _: Option<&str>) {}

    pub(super) fn connection_created(&self, _: Duration) {}

    pub(super) fn connection_acquired(&self, _: Duration) {}

    pub(super) fn connection_released(&self, _: Loan) {}

    pub(super) fn connection_timed_out(&self) {}

    pub(super) fn n_plus_one(&self, _: &'static str) {}

    pub(super) fn relation_loaded(&self, _: &Load, _: Duration, _: Option<String>) {}

    pub(super) fn listener_reconnected(&self) {}

    pub(super) fn transaction_ended(&self, _: &'static str, _: Duration) {}

    pub(super) fn transaction_retried(&self, _: &'static str) {}

    pub(super) fn session_flushed(&self, _: u64) {}

    pub(super) fn identity_map(&self, _: &'static str, _: u64, _: u64) {}
}

impl Attributes {
    pub(super) fn of_statement(_: &Described<'_>, _: &Settings, _: &Server) -> Self {
        Self
    }
}

pub(super) fn load_attributes(_: &Settings, _: &[(&'static str, Value)]) -> Vec<Value> {
    Vec::new()
}

pub(super) fn annotate_enclosing(
    _: Option<&Scope>,
    _: impl IntoIterator<Item = (&'static str, Value)>,
) {
}

pub(super) fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
