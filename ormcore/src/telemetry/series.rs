//! What is measured most, and its attributes: the SDK looks them up for each measurement.

use super::metrics::Instruments;
use opentelemetry::KeyValue;
use opentelemetry::metrics::Histogram;

/// A histogram, and the one set of attributes it is recorded with.
pub(super) struct Line<T> {
    histogram: Histogram<T>,
    attributes: Box<[KeyValue]>,
}

impl<T> Line<T> {
    pub(super) fn new(histogram: Histogram<T>, attributes: &[KeyValue]) -> Self {
        let attributes = attributes.into();
        Self {
            histogram,
            attributes,
        }
    }

    pub(super) fn record(&self, value: T) {
        self.histogram.record(value, &self.attributes);
    }
}

/// What is measured of one statement each time it succeeds.
pub(super) struct Series(Vec<KeyValue>);

impl Series {
    pub(super) fn new(attributes: Vec<KeyValue>) -> Self {
        Self(attributes)
    }

    pub(super) fn attributes(&self) -> &[KeyValue] {
        &self.0
    }

    pub(super) fn record(&self, instruments: &Instruments, seconds: f64, rows: Option<u64>) {
        instruments.duration.record(seconds, &self.0);
        if let Some(rows) = rows {
            instruments.returned_rows.record(rows, &self.0);
        }
    }
}
