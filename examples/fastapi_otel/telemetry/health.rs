//! Whether spans arrive. The SDK reports a missing collector at every attempt; this says it when it changes.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use serde::Serialize;

/// How the export of spans goes, for `GET /`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Export {
    /// `None`: spans stay in this process.
    pub(crate) endpoint: Option<String>,
    pub(crate) last: Last,
    pub(crate) error: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Last {
    #[default]
    Never,
    Ok,
    Failed,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Health {
    export: Arc<Mutex<Export>>,
}

impl Health {
    pub(crate) fn of(endpoint: Option<String>) -> Self {
        Self {
            export: Arc::new(Mutex::new(Export {
                endpoint,
                ..Export::default()
            })),
        }
    }

    pub(crate) fn export(&self) -> Export {
        self.export
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn record(&self, result: &OTelSdkResult) {
        let (last, error) = match result {
            Ok(()) => (Last::Ok, None),
            Err(error) => (Last::Failed, Some(error.to_string())),
        };
        let mut export = self.export.lock().unwrap_or_else(PoisonError::into_inner);
        let before = export.last;
        export.last = last;
        export.error.clone_from(&error);
        let endpoint = export.endpoint.clone().unwrap_or_default();
        // A subscriber may do anything, even ask for this health.
        drop(export);
        match (before, last) {
            (Last::Never | Last::Ok, Last::Failed) => tracing::warn!(
                endpoint,
                error,
                "spans do not arrive at the collector; start it, or change OTEL_EXPORTER_OTLP_ENDPOINT"
            ),
            (Last::Failed, Last::Ok) => {
                tracing::info!(endpoint, "spans arrive at the collector again");
            }
            _ => {}
        }
    }
}

/// An exporter whose results are remembered.
pub(crate) struct Watched<E> {
    exporter: E,
    health: Health,
}

impl<E> Watched<E> {
    pub(crate) fn new(exporter: E, health: Health) -> Self {
        Self { exporter, health }
    }
}

impl<E: fmt::Debug> fmt::Debug for Watched<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.exporter.fmt(f)
    }
}

impl<E: SpanExporter> SpanExporter for Watched<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        self.health.record(&result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_sdk::error::OTelSdkError;

    use super::{Health, Last};

    #[test]
    fn the_last_export_is_what_counts() {
        let health = Health::of(Some("http://localhost:4317".to_owned()));
        assert_eq!(health.export().last, Last::Never);
        health.record(&Err(OTelSdkError::InternalFailure(
            "connection refused".to_owned(),
        )));
        assert_eq!(health.export().last, Last::Failed);
        assert!(
            health
                .export()
                .error
                .is_some_and(|error| error.contains("connection refused"))
        );
        health.record(&Ok(()));
        assert_eq!(
            (health.export().last, health.export().error),
            (Last::Ok, None)
        );
    }
}
