//! What is measured most, through handles that know their attributes: nothing is looked up for a measurement.
//!
//! OpenTelemetry calls that experimental. Its API hands out handles that drop everything when the SDK was built without
//! the feature, so ours brings the SDK's along.

use super::metrics::Instruments;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundHistogram, Histogram, MeterProvider};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// A histogram, bound to the one set of attributes it is recorded with.
pub(super) struct Line<T>(BoundHistogram<T>);

impl<T> Line<T> {
    #[allow(clippy::needless_pass_by_value, reason = "as where it is kept")]
    pub(super) fn new(histogram: Histogram<T>, attributes: &[KeyValue]) -> Self {
        Self(histogram.bind(attributes))
    }

    pub(super) fn record(&self, value: T) {
        self.0.record(value);
    }
}

/// What is measured of one statement each time it succeeds.
pub(super) struct Series {
    attributes: Vec<KeyValue>,
    lines: RwLock<Option<Lines>>,
}

struct Lines {
    /// Whose they are: kept, so that no other provider can have its address.
    provider: Arc<dyn MeterProvider + Send + Sync>,
    duration: Line<f64>,
    /// Bound with the first number of rows: a line that is bound is exported, and not every statement returns rows.
    returned_rows: OnceLock<Line<u64>>,
}

impl Series {
    pub(super) fn new(attributes: Vec<KeyValue>) -> Self {
        let lines = RwLock::default();
        Self { attributes, lines }
    }

    pub(super) fn attributes(&self) -> &[KeyValue] {
        &self.attributes
    }

    pub(super) fn record(&self, instruments: &Instruments, seconds: f64, rows: Option<u64>) {
        let lines = self.lines.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(lines) = &*lines
            && Arc::ptr_eq(&lines.provider, &instruments.provider)
        {
            return lines.record(instruments, &self.attributes, seconds, rows);
        }
        drop(lines);
        let lines = Lines {
            provider: Arc::clone(&instruments.provider),
            duration: Line::new(instruments.duration.clone(), &self.attributes),
            returned_rows: OnceLock::new(),
        };
        lines.record(instruments, &self.attributes, seconds, rows);
        *self.lines.write().unwrap_or_else(PoisonError::into_inner) = Some(lines);
    }
}

impl Lines {
    fn record(
        &self,
        instruments: &Instruments,
        attributes: &[KeyValue],
        seconds: f64,
        rows: Option<u64>,
    ) {
        self.duration.record(seconds);
        if let Some(rows) = rows {
            let bind = || Line::new(instruments.returned_rows.clone(), attributes);
            self.returned_rows.get_or_init(bind).record(rows);
        }
    }
}
