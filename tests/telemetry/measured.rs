//! A metric as it was exported, in plain words.

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) description: String,
    pub(crate) instrument: Instrument,
    pub(crate) points: Vec<Point>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instrument {
    Counter,
    UpDownCounter,
    Gauge,
    Histogram,
}

#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) attributes: BTreeMap<String, Value>,
    /// A sum's value, or a histogram's sum.
    pub(crate) value: f64,
    /// How many observations a histogram has; 1 for what is no histogram.
    pub(crate) count: u64,
    pub(crate) bounds: Vec<f64>,
}

impl Measured {
    pub(crate) fn new(metric: &Metric) -> Self {
        let (instrument, points) = match metric.data() {
            AggregatedMetrics::F64(data) => read(data, |number| number),
            AggregatedMetrics::U64(data) => read(data, |number| number as f64),
            AggregatedMetrics::I64(data) => read(data, |number| number as f64),
        };
        Self {
            name: metric.name().to_owned(),
            unit: metric.unit().to_owned(),
            description: metric.description().to_owned(),
            instrument,
            points,
        }
    }

    /// The point with this value of an attribute.
    pub(crate) fn point(&self, attribute: &str, value: &str) -> &Point {
        let found: Vec<&Point> = self
            .points
            .iter()
            .filter(|point| point.get(attribute).as_deref() == Some(value))
            .collect();
        assert_eq!(
            found.len(),
            1,
            "one point with {attribute}={value}: {self:#?}"
        );
        found[0]
    }

    /// The only point.
    pub(crate) fn only(&self) -> &Point {
        assert_eq!(self.points.len(), 1, "one point: {self:#?}");
        &self.points[0]
    }

    /// How many observations there are over all points.
    pub(crate) fn observations(&self) -> u64 {
        self.points.iter().map(|point| point.count).sum()
    }
}

impl Point {
    pub(crate) fn get(&self, attribute: &str) -> Option<String> {
        self.attributes.get(attribute).map(ToString::to_string)
    }
}

/// The metric of this name.
pub(crate) fn metric<'m>(metrics: &'m [Measured], name: &str) -> &'m Measured {
    let found: Vec<&Measured> = metrics
        .iter()
        .filter(|metric| metric.name == name)
        .collect();
    assert_eq!(found.len(), 1, "one metric {name}: {metrics:#?}");
    found[0]
}

fn read<T: Copy>(data: &MetricData<T>, number: impl Fn(T) -> f64) -> (Instrument, Vec<Point>) {
    let plain = |attributes, value: T| Point {
        attributes,
        value: number(value),
        count: 1,
        bounds: Vec::new(),
    };
    match data {
        MetricData::Gauge(gauge) => {
            let points = gauge.data_points();
            let points = points.map(|point| plain(by_name(point.attributes()), point.value()));
            (Instrument::Gauge, points.collect())
        }
        MetricData::Sum(sum) => {
            let instrument = if sum.is_monotonic() {
                Instrument::Counter
            } else {
                Instrument::UpDownCounter
            };
            let points = sum.data_points();
            let points = points.map(|point| plain(by_name(point.attributes()), point.value()));
            (instrument, points.collect())
        }
        MetricData::Histogram(histogram) => {
            let points = histogram.data_points().map(|point| Point {
                attributes: by_name(point.attributes()),
                value: number(point.sum()),
                count: point.count(),
                bounds: point.bounds().collect(),
            });
            (Instrument::Histogram, points.collect())
        }
        MetricData::ExponentialHistogram(_) => panic!("the library asks for explicit buckets"),
    }
}

fn by_name<'p>(attributes: impl Iterator<Item = &'p KeyValue>) -> BTreeMap<String, Value> {
    attributes
        .map(|attribute| (attribute.key.to_string(), attribute.value.clone()))
        .collect()
}
