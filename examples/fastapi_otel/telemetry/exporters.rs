//! The three providers and what is behind them.

use std::{fmt, sync::Arc};

use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, MetricExporter, Protocol as Encoding, SpanExporter,
    WithExportConfig, WithTonicConfig, tonic_types::transport::ClientTlsConfig,
};
use opentelemetry_sdk::{
    Resource, error::OTelSdkError, logs::SdkLoggerProvider, metrics::SdkMeterProvider,
    trace::SdkTracerProvider,
};
use prometheus::Registry;

use super::{
    health::{Health, Watched},
    settings::{Destinations, Otlp, Protocol},
};
use crate::traces::TraceStore;

/// An exporter that could not be made.
#[derive(Debug)]
pub(crate) enum ExporterError {
    Otlp {
        signal: &'static str,
        endpoint: String,
        cause: ExporterBuildError,
    },
    Prometheus(OTelSdkError),
}

impl fmt::Display for ExporterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Otlp {
                signal,
                endpoint,
                cause,
            } => {
                write!(
                    f,
                    "cannot export {signal} to `{endpoint}`; check OTEL_EXPORTER_OTLP_ENDPOINT: {cause}"
                )
            }
            Self::Prometheus(cause) => {
                write!(f, "cannot register the metrics for /metrics: {cause}")
            }
        }
    }
}

impl std::error::Error for ExporterError {}

/// Spans always go to the page, whatever else is configured.
pub(crate) fn tracer_provider(
    resource: Resource,
    to: &Destinations,
    page: &Arc<TraceStore>,
    health: &Health,
) -> Result<SdkTracerProvider, ExporterError> {
    let mut provider = SdkTracerProvider::builder()
        .with_resource(resource)
        .with_span_processor(page.recorder());
    if let Some(otlp) = &to.otlp {
        let exporter = match otlp.protocol {
            Protocol::Grpc => SpanExporter::builder()
                .with_tonic()
                .with_endpoint(&otlp.endpoint)
                .with_tls_config(tls())
                .build(),
            Protocol::HttpProtobuf => SpanExporter::builder()
                .with_http()
                .with_protocol(Encoding::HttpBinary)
                .with_endpoint(&otlp.endpoint)
                .build(),
        };
        let exporter = exporter.map_err(|cause| failed("traces", otlp, cause))?;
        provider = provider.with_batch_exporter(Watched::new(exporter, health.clone()));
    }
    if to.console {
        provider = provider.with_simple_exporter(opentelemetry_stdout::SpanExporter::default());
    }
    Ok(provider.build())
}

/// Metrics are always there to be scraped, and pushed where there is a collector.
pub(crate) fn meter_provider(
    resource: Resource,
    to: &Destinations,
    scraped: &Registry,
) -> Result<SdkMeterProvider, ExporterError> {
    let reader = opentelemetry_prometheus::exporter()
        .with_registry(scraped.clone())
        .build();
    let mut provider = SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(reader.map_err(ExporterError::Prometheus)?);
    if let Some(otlp) = &to.otlp {
        let exporter = match otlp.protocol {
            Protocol::Grpc => MetricExporter::builder()
                .with_tonic()
                .with_endpoint(&otlp.endpoint)
                .with_tls_config(tls())
                .build(),
            Protocol::HttpProtobuf => MetricExporter::builder()
                .with_http()
                .with_protocol(Encoding::HttpBinary)
                .with_endpoint(&otlp.endpoint)
                .build(),
        };
        provider = provider
            .with_periodic_exporter(exporter.map_err(|cause| failed("metrics", otlp, cause))?);
    }
    if to.console {
        provider = provider.with_periodic_exporter(opentelemetry_stdout::MetricExporter::default());
    }
    Ok(provider.build())
}

/// `None` when log records have nowhere to go but stderr, which the subscriber serves itself.
pub(crate) fn logger_provider(
    resource: Resource,
    to: &Destinations,
) -> Result<Option<SdkLoggerProvider>, ExporterError> {
    if to.otlp.is_none() && !to.console {
        return Ok(None);
    }
    let mut provider = SdkLoggerProvider::builder().with_resource(resource);
    if let Some(otlp) = &to.otlp {
        let exporter = match otlp.protocol {
            Protocol::Grpc => LogExporter::builder()
                .with_tonic()
                .with_endpoint(&otlp.endpoint)
                .with_tls_config(tls())
                .build(),
            Protocol::HttpProtobuf => LogExporter::builder()
                .with_http()
                .with_protocol(Encoding::HttpBinary)
                .with_endpoint(&otlp.endpoint)
                .build(),
        };
        provider =
            provider.with_batch_exporter(exporter.map_err(|cause| failed("logs", otlp, cause))?);
    }
    if to.console {
        provider = provider.with_simple_exporter(opentelemetry_stdout::LogExporter::default());
    }
    Ok(Some(provider.build()))
}

/// Trusts what this machine trusts: left alone, the client trusts nobody and no https endpoint is ever reached.
/// Plain http is not touched by it.
fn tls() -> ClientTlsConfig {
    ClientTlsConfig::new().with_enabled_roots()
}

fn failed(signal: &'static str, otlp: &Otlp, cause: ExporterBuildError) -> ExporterError {
    ExporterError::Otlp {
        signal,
        endpoint: otlp.endpoint.clone(),
        cause,
    }
}
