//! What the environment asks for. Reads the standard `OTEL_*` variables that the SDK and the exporters leave to us,
//! and refuses what they would quietly replace by a default.

use std::fmt;

use tracing_subscriber::filter::Targets;

/// Where one signal goes, besides the page and `/metrics`, which are always there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Destinations {
    pub(crate) otlp: Option<Otlp>,
    pub(crate) console: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Otlp {
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Grpc,
    HttpProtobuf,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    pub(crate) disabled: bool,
    pub(crate) traces: Destinations,
    pub(crate) metrics: Destinations,
    pub(crate) logs: Destinations,
    pub(crate) json_logs: bool,
    pub(crate) log_filter: Option<Targets>,
    pub(crate) excluded_urls: Option<String>,
    pub(crate) request_headers: String,
    pub(crate) response_headers: String,
}

/// A variable whose value cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettingsError {
    variable: String,
    value: String,
    remedy: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "environment variable {} is `{}`: {}",
            self.variable, self.value, self.remedy
        )
    }
}

impl std::error::Error for SettingsError {}

const SAMPLERS: &str = "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio";

impl Settings {
    /// `variable` looks one up; `listens` tells whether something on this machine accepts connections on a port.
    pub(crate) fn read(
        variable: impl Fn(&str) -> Option<String>,
        listens: impl Fn(u16) -> bool,
    ) -> Result<Self, SettingsError> {
        // By the specification an empty variable is one that is not set.
        let set = |name: &str| {
            variable(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let is_true =
            |name: &str| set(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        check_sampler(&set)?;
        Ok(Self {
            disabled: is_true("OTEL_SDK_DISABLED"),
            traces: destinations("TRACES", "v1/traces", &set, &listens)?,
            metrics: destinations("METRICS", "v1/metrics", &set, &listens)?,
            logs: destinations("LOGS", "v1/logs", &set, &listens)?,
            json_logs: set("LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json")),
            log_filter: log_filter(&set)?,
            excluded_urls: set("OTEL_RUST_EXCLUDED_URLS"),
            request_headers: set("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST")
                .unwrap_or_default(),
            response_headers: set("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE")
                .unwrap_or_default(),
        })
    }
}

fn check_sampler(set: &impl Fn(&str) -> Option<String>) -> Result<(), SettingsError> {
    match set("OTEL_TRACES_SAMPLER") {
        Some(value) if !SAMPLERS.split(", ").any(|sampler| sampler == value) => Err(refused(
            "OTEL_TRACES_SAMPLER",
            value,
            format!("use one of {SAMPLERS}"),
        )),
        _ => Ok(()),
    }
}

fn log_filter(set: &impl Fn(&str) -> Option<String>) -> Result<Option<Targets>, SettingsError> {
    let variable = "RUST_LOG";
    let Some(value) = set(variable) else {
        return Ok(None);
    };
    match value.parse() {
        Ok(filter) => Ok(Some(filter)),
        Err(_) => Err(refused(
            variable,
            value,
            "use levels like `info,ormcore=debug`".to_owned(),
        )),
    }
}

fn destinations(
    signal: &str,
    http_path: &str,
    set: &impl Fn(&str) -> Option<String>,
    listens: &impl Fn(u16) -> bool,
) -> Result<Destinations, SettingsError> {
    let variable = format!("OTEL_{signal}_EXPORTER");
    let asked = set(&variable);
    let mut destinations = Destinations::default();
    for word in asked.as_deref().unwrap_or("otlp").split(',').map(str::trim) {
        match word {
            "otlp" => {
                destinations.otlp = otlp(signal, http_path, set, |port| {
                    asked.is_some() || listens(port)
                })?;
            }
            "console" => destinations.console = true,
            // `/metrics` answers in any case.
            "prometheus" if signal == "METRICS" => {}
            "none" => {}
            other => {
                return Err(refused(
                    &variable,
                    other.to_owned(),
                    "use otlp, console or none".to_owned(),
                ));
            }
        }
    }
    Ok(destinations)
}

/// Nothing is exported to where nobody listens: without a configured endpoint there has to be a collector.
fn otlp(
    signal: &str,
    http_path: &str,
    set: &impl Fn(&str) -> Option<String>,
    expected_at: impl Fn(u16) -> bool,
) -> Result<Option<Otlp>, SettingsError> {
    let protocol = protocol(signal, set)?;
    let own = format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT");
    if let Some(endpoint) = set(&own) {
        return Ok(Some(Otlp {
            protocol,
            endpoint: with_scheme(&own, endpoint)?,
        }));
    }
    let shared = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let base = match set(shared) {
        Some(endpoint) => Some(with_scheme(shared, endpoint)?),
        None => {
            let port = if protocol == Protocol::Grpc {
                4317
            } else {
                4318
            };
            expected_at(port).then(|| format!("http://localhost:{port}"))
        }
    };
    Ok(base.map(|base| Otlp {
        protocol,
        // Over HTTP each signal has a path, which the variable for all signals leaves out.
        endpoint: match protocol {
            Protocol::Grpc => base,
            Protocol::HttpProtobuf => format!("{}/{http_path}", base.trim_end_matches('/')),
        },
    }))
}

fn protocol(
    signal: &str,
    set: &impl Fn(&str) -> Option<String>,
) -> Result<Protocol, SettingsError> {
    for variable in [
        format!("OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"),
        "OTEL_EXPORTER_OTLP_PROTOCOL".to_owned(),
    ] {
        match set(&variable) {
            None => {}
            Some(word) if word == "grpc" => return Ok(Protocol::Grpc),
            Some(word) if word == "http/protobuf" => return Ok(Protocol::HttpProtobuf),
            Some(word) => {
                return Err(refused(
                    &variable,
                    word,
                    "use grpc or http/protobuf".to_owned(),
                ));
            }
        }
    }
    Ok(Protocol::Grpc)
}

/// A bare `localhost:4317` parses as the scheme `localhost`, and then fails far from its cause.
fn with_scheme(variable: &str, endpoint: String) -> Result<String, SettingsError> {
    if endpoint.starts_with("http://") || endpoint.starts_with("https://") {
        return Ok(endpoint);
    }
    let remedy = format!("the scheme is missing, write http://{endpoint} (or https:// for TLS)");
    Err(refused(variable, endpoint, remedy))
}

fn refused(variable: &str, value: String, remedy: String) -> SettingsError {
    SettingsError {
        variable: variable.to_owned(),
        value,
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::{Otlp, Protocol, Settings, SettingsError};

    fn read(variables: &[(&str, &str)], collector: bool) -> Result<Settings, SettingsError> {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Settings::read(variable, |_| collector)
    }

    fn grpc(endpoint: &str) -> Option<Otlp> {
        Some(Otlp {
            protocol: Protocol::Grpc,
            endpoint: endpoint.to_owned(),
        })
    }

    fn http(endpoint: &str) -> Option<Otlp> {
        Some(Otlp {
            protocol: Protocol::HttpProtobuf,
            endpoint: endpoint.to_owned(),
        })
    }

    #[test]
    fn nothing_is_exported_when_nothing_is_configured_and_nobody_listens() {
        let settings = read(&[], false).expect("good settings");
        assert!(
            [&settings.traces, &settings.metrics, &settings.logs]
                .iter()
                .all(|signal| signal.otlp.is_none())
        );
    }

    #[test]
    fn a_collector_on_this_machine_is_found() {
        assert_eq!(
            read(&[], true).expect("good settings").traces.otlp,
            grpc("http://localhost:4317")
        );
    }

    #[test]
    fn otlp_asked_for_by_name_needs_no_collector_to_be_there() {
        let settings =
            read(&[("OTEL_TRACES_EXPORTER", "otlp,console")], false).expect("good settings");
        assert_eq!(settings.traces.otlp, grpc("http://localhost:4317"));
        assert!(settings.traces.console && settings.metrics.otlp.is_none());
    }

    #[test]
    fn none_is_none_even_beside_a_collector() {
        let settings = read(&[("OTEL_TRACES_EXPORTER", "none")], true).expect("good settings");
        assert_eq!(settings.traces.otlp, None);
        assert!(settings.logs.otlp.is_some());
    }

    #[test]
    fn over_http_each_signal_has_its_path_unless_it_has_its_own_endpoint() {
        let variables = [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "https://otlp.example.org/otlp/",
            ),
            (
                "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
                "http://logs.example.org/in",
            ),
        ];
        let settings = read(&variables, false).expect("good settings");
        assert_eq!(
            settings.traces.otlp,
            http("https://otlp.example.org/otlp/v1/traces")
        );
        assert_eq!(
            settings.metrics.otlp,
            http("https://otlp.example.org/otlp/v1/metrics")
        );
        assert_eq!(settings.logs.otlp, http("http://logs.example.org/in"));
    }

    #[test]
    fn an_endpoint_without_a_scheme_is_refused_with_the_remedy() {
        let error = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")], false)
            .expect_err("a refusal");
        assert_eq!(
            error.to_string(),
            "environment variable OTEL_EXPORTER_OTLP_ENDPOINT is `localhost:4317`: \
             the scheme is missing, write http://localhost:4317 (or https:// for TLS)"
        );
    }

    #[test]
    fn words_that_mean_nothing_are_refused_with_the_words_that_do() {
        for (variable, value, word) in [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "http/protobuf"),
            ("OTEL_TRACES_EXPORTER", "jaeger", "console"),
            (
                "OTEL_TRACES_SAMPLER",
                "sometimes",
                "parentbased_traceidratio",
            ),
        ] {
            let error = read(&[(variable, value)], false)
                .expect_err("a refusal")
                .to_string();
            assert!(error.contains(variable) && error.contains(word), "{error}");
        }
    }

    #[test]
    fn an_empty_variable_is_one_that_is_not_set() {
        let settings = read(
            &[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", " "),
                ("OTEL_SDK_DISABLED", ""),
            ],
            false,
        );
        assert_eq!(settings, read(&[], false));
    }
}
