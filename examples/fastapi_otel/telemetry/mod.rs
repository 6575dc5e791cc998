//! OpenTelemetry for this application: three providers, made from the environment, flushed at the end.
//!
//! Spans are always kept for `/traces` and metrics for `/metrics`; everything is also exported over OTLP when an
//! endpoint is configured or a collector listens on this machine.

mod excluded;
mod exporters;
mod health;
mod http;
pub(crate) mod logs;
mod resource;
mod settings;

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

use axum::{
    Router,
    http::{Uri, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use opentelemetry::{global, propagation::TextMapCompositePropagator};
use opentelemetry_sdk::{
    logs::SdkLoggerProvider,
    metrics::SdkMeterProvider,
    propagation::{BaggagePropagator, TraceContextPropagator},
    trace::SdkTracerProvider,
};
use prometheus::{Registry, TEXT_FORMAT, TextEncoder};
use tokio::{sync::oneshot, time::timeout};

pub(crate) use self::{health::Export, http::TRACERESPONSE, resource::Service};
use self::{
    health::Health,
    http::HttpTelemetry,
    resource::Identity,
    settings::{Destinations, Settings},
};
use crate::traces::{Limits, TraceStore};

/// A collector that does not answer must not keep the process from ending.
const FLUSH: Duration = Duration::from_secs(4);

/// The telemetry of this process. Whoever holds it ends it with [`Telemetry::shutdown`].
#[derive(Debug)]
pub(crate) struct Telemetry {
    service: Service,
    traces: Arc<TraceStore>,
    scraped: Registry,
    http: HttpTelemetry,
    health: Health,
    providers: Option<Providers>,
}

#[derive(Debug)]
struct Providers {
    tracer: SdkTracerProvider,
    meter: SdkMeterProvider,
    logger: Option<SdkLoggerProvider>,
}

/// Reads the environment and makes this process's telemetry the global one. Call it once, inside the tokio runtime
/// (the gRPC channel lives there).
pub(crate) fn init() -> Result<Telemetry, Box<dyn Error>> {
    let variable = |name: &str| std::env::var(name).ok();
    let settings = Settings::read(variable, listens)?;
    let telemetry = Telemetry::new(&settings, &Identity::read(variable))?;
    telemetry.install(&settings)?;
    Ok(telemetry)
}

impl Telemetry {
    fn new(settings: &Settings, identity: &Identity) -> Result<Self, Box<dyn Error>> {
        let traces = TraceStore::new(Limits::default());
        let scraped = Registry::new();
        let endpoint = settings
            .traces
            .otlp
            .as_ref()
            .filter(|_| !settings.disabled)
            .map(|otlp| otlp.endpoint.clone());
        let health = Health::of(endpoint);
        let providers = if settings.disabled {
            None
        } else {
            install_cryptography(settings);
            let resource = identity.resource();
            Some(Providers {
                tracer: exporters::tracer_provider(
                    resource.clone(),
                    &settings.traces,
                    &traces,
                    &health,
                )?,
                meter: exporters::meter_provider(resource.clone(), &settings.metrics, &scraped)?,
                logger: exporters::logger_provider(resource, &settings.logs)?,
            })
        };
        let http = HttpTelemetry::new(
            settings.excluded_urls.as_deref(),
            &settings.request_headers,
            &settings.response_headers,
        );
        Ok(Self {
            service: identity.service(),
            traces,
            scraped,
            http,
            health,
            providers,
        })
    }

    /// As `init` makes it in an empty environment, but for what shows: whoever tests an application with it has set the
    /// global providers, and these are what is behind them.
    #[cfg(test)]
    pub(crate) fn uninstalled(
        traces: Arc<TraceStore>,
        scraped: Registry,
    ) -> Result<Self, Box<dyn Error>> {
        let nothing = |_: &str| None;
        let telemetry = Self::new(
            &Settings::read(nothing, |_| false)?,
            &Identity::read(nothing),
        )?;
        Ok(Self {
            traces,
            scraped,
            ..telemetry
        })
    }

    fn install(&self, settings: &Settings) -> Result<(), Box<dyn Error>> {
        let logger = self
            .providers
            .as_ref()
            .and_then(|providers| providers.logger.as_ref());
        tracing::subscriber::set_global_default(logs::subscriber(
            settings.log_filter.as_ref(),
            settings.json_logs,
            logger,
            std::io::stderr,
        ))?;
        global::set_text_map_propagator(TextMapCompositePropagator::new(vec![
            Box::new(TraceContextPropagator::new()),
            Box::new(BaggagePropagator::new()),
        ]));
        if let Some(providers) = &self.providers {
            global::set_tracer_provider(providers.tracer.clone());
            global::set_meter_provider(providers.meter.clone());
        }
        Ok(())
    }

    /// False when `OTEL_SDK_DISABLED` is true.
    pub(crate) fn is_on(&self) -> bool {
        self.providers.is_some()
    }

    pub(crate) fn service(&self) -> &Service {
        &self.service
    }

    /// The traces of this process, as `/traces` shows them.
    pub(crate) fn traces(&self) -> &Arc<TraceStore> {
        &self.traces
    }

    /// Where spans go over OTLP, and whether the last ones arrived; a handle that can be kept.
    pub(crate) fn export(&self) -> impl Fn() -> Export + Clone + Send + Sync + 'static + use<> {
        let health = self.health.clone();
        move || health.export()
    }

    /// Where traces can be looked at, for whoever started this.
    pub(crate) fn destination(&self) -> String {
        match self.export()().endpoint {
            _ if !self.is_on() => "switched off by OTEL_SDK_DISABLED".to_owned(),
            Some(endpoint) => format!("traces are kept for /traces, and exported to {endpoint}"),
            None => "traces are kept for /traces, and exported nowhere".to_owned(),
        }
    }

    /// The page of Jaeger with these traces, if it is one that takes them: nothing but its usual place tells.
    pub(crate) fn jaeger(&self) -> Option<String> {
        let endpoint: Uri = self.export()().endpoint?.parse().ok()?;
        let is_near = matches!(endpoint.host()?, "localhost" | "127.0.0.1" | "jaeger");
        let service = &self.service.name;
        is_near.then(|| format!("http://localhost:16686/search?service={service}"))
    }

    /// Server spans and HTTP metrics around finished routes.
    pub(crate) fn observe(&self, router: Router) -> Router {
        self.http.observe(router)
    }

    /// `GET /metrics` in the Prometheus text format.
    pub(crate) fn metrics(&self) -> Router {
        let scraped = self.scraped.clone();
        Router::new().route("/metrics", get(async move || metrics_text(&scraped)))
    }

    /// Sends what is still here and stops the three providers, side by side, in less than five seconds.
    pub(crate) async fn shutdown(self) {
        let Some(providers) = self.providers else {
            return;
        };
        let (done, finished) = oneshot::channel();
        // Threads of their own: the exporters block, and the runtime has to go on serving the gRPC channel meanwhile.
        thread::spawn(move || {
            providers.shutdown();
            // Nobody waits any longer: then nobody needs to know.
            let _ = done.send(());
        });
        if timeout(FLUSH + Duration::from_millis(500), finished)
            .await
            .is_err()
        {
            tracing::warn!("the collector does not answer; the last telemetry is lost");
        }
    }
}

impl Providers {
    /// Results are not reported: `health.rs` has told when spans stopped arriving.
    fn shutdown(self) {
        let Self {
            tracer,
            meter,
            logger,
        } = self;
        thread::scope(|scope| {
            scope.spawn(move || tracer.shutdown_with_timeout(FLUSH));
            scope.spawn(move || meter.shutdown_with_timeout(FLUSH));
            scope.spawn(move || logger.map(|logger| logger.shutdown_with_timeout(FLUSH)));
        });
    }
}

fn metrics_text(scraped: &Registry) -> impl IntoResponse + use<> {
    let text = TextEncoder::new()
        .encode_to_string(&scraped.gather())
        .unwrap_or_default();
    ([(CONTENT_TYPE, TEXT_FORMAT)], text)
}

fn listens(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
}

/// The HTTP client is built without a provider of its own (see `Cargo.toml`) and panics when the process has none.
fn install_cryptography(settings: &Settings) {
    let exports = |to: &Destinations| to.otlp.is_some();
    if [&settings.traces, &settings.metrics, &settings.logs]
        .into_iter()
        .any(exports)
    {
        // An error means that there is one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, time::Instant};

    use opentelemetry::trace::{Tracer, TracerProvider};

    use super::{Identity, Settings, Telemetry};

    fn telemetry(variables: &[(&str, &str)]) -> Telemetry {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let settings = Settings::read(variable, |_| false).expect("good settings");
        Telemetry::new(&settings, &Identity::read(variable)).expect("telemetry")
    }

    async fn shutdown_beside_a_silent_collector(protocol: &str) {
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", silent.local_addr().expect("an address"));
        let telemetry = telemetry(&[
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ]);
        let providers = telemetry.providers.as_ref().expect("providers");
        providers.tracer.tracer("test").start("a span to lose");
        assert_eq!(telemetry.traces().recent(10).len(), 1);
        let began = Instant::now();
        telemetry.shutdown().await;
        assert!(began.elapsed().as_secs_f64() < 5.0, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_silent_collector_does_not_keep_the_process_from_ending_over_grpc() {
        shutdown_beside_a_silent_collector("grpc").await;
    }

    #[tokio::test]
    async fn a_silent_collector_does_not_keep_the_process_from_ending_over_http() {
        shutdown_beside_a_silent_collector("http/protobuf").await;
    }

    #[tokio::test]
    async fn a_disabled_sdk_records_nothing() {
        let telemetry = telemetry(&[
            ("OTEL_SDK_DISABLED", "true"),
            ("OTEL_TRACES_EXPORTER", "otlp"),
        ]);
        assert!(!telemetry.is_on() && !telemetry.traces().is_recording());
        assert_eq!(telemetry.export()().endpoint, None);
        telemetry.shutdown().await;
    }
}
