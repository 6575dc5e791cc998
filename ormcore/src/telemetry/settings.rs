//! What telemetry may do, from the builder and from the environment.

use std::borrow::Cow;
use std::env;
use std::time::Duration;

/// How statement spans are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SpanNames {
    /// By what the caller asked for: `db.query.find`.
    #[default]
    Orm,
    /// By `db.query.summary`, as the OpenTelemetry conventions suggest: `SELECT users`.
    Semconv,
}

/// What happens when rows of one result load a relation one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NPlusOne {
    /// Nothing.
    Off,
    /// A warning with the line and the remedy, attributes on the enclosing span, and a metric.
    #[default]
    Warn,
    /// The same, and the load fails: for tests.
    Error,
}

/// The settings of one `Db`.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) enabled: bool,
    pub(crate) span_names: SpanNames,
    /// Whether `db.query.text` is recorded; it never holds values.
    pub(crate) query_text: bool,
    /// Whether the retired names `db.system` and `db.statement` are recorded too, for old dashboards.
    pub(crate) retired_names: bool,
    pub(crate) slow_statement: Option<Duration>,
    pub(crate) n_plus_one: NPlusOne,
    /// From this load out of one result on it is a pattern.
    pub(crate) n_plus_one_threshold: u32,
    /// Attributes for everything this `Db` emits.
    pub(crate) attributes: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    #[cfg(feature = "otel")]
    pub(crate) providers: super::tracer::Providers,
}

impl Default for Settings {
    fn default() -> Self {
        // Python's original called the switch by the second name.
        let switch = env::var("ORMCORE_TRACING_ENABLED")
            .or_else(|_| env::var("DATA_BRIDGE_TRACING_ENABLED"));
        let disabled = switch.is_ok_and(|value| {
            matches!(value.to_lowercase().as_str(), "false" | "0" | "no" | "off")
        });
        Self {
            enabled: !disabled,
            span_names: SpanNames::default(),
            query_text: true,
            retired_names: env::var("ORMCORE_SEMCONV").is_ok_and(|value| value == "dup"),
            slow_statement: Some(Duration::from_secs(1)),
            n_plus_one: match env::var("ORMCORE_N_PLUS_ONE").as_deref() {
                Ok("off") => NPlusOne::Off,
                Ok("error") => NPlusOne::Error,
                _ => NPlusOne::Warn,
            },
            n_plus_one_threshold: 5,
            attributes: Vec::new(),
            #[cfg(feature = "otel")]
            providers: super::tracer::Providers::default(),
        }
    }
}
