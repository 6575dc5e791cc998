//! The handles that are watched, and the one that is not.

use crate::Outcome;
use crate::data::World;
use crate::watch::Watch;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData, SpanExporter,
};
use ormcore::{Config, Db};

/// Takes spans and forgets them: what is measured is the library and the SDK.
#[derive(Debug)]
struct Forget;

impl SpanExporter for Forget {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

/// One handle for each column: what is measured through them differs in nothing else.
pub(crate) async fn watch(world: &mut World) -> Outcome<()> {
    let mut handles = Vec::new();
    for watch in Watch::ALL {
        let db = match watch {
            Watch::Off => config(world)?.telemetry(false).connect().await?,
            Watch::NoSdk => world.db.clone(),
            Watch::NoneSampled => watched(world, Sampler::AlwaysOff).await?,
            Watch::TenthSampled => watched(world, Sampler::TraceIdRatioBased(0.1)).await?,
            Watch::AllSampled => watched(world, Sampler::AlwaysOn).await?,
        };
        handles.push((watch, db));
    }
    world.handles = handles;
    Ok(())
}

/// A pool whose spans are batched and whose metrics are kept, as in production.
async fn watched(world: &World, sampler: Sampler) -> Outcome<Db> {
    let tracer = SdkTracerProvider::builder()
        .with_sampler(sampler)
        .with_span_processor(BatchSpanProcessor::builder(Forget).build())
        .build();
    let exporter = opentelemetry_sdk::metrics::InMemoryMetricExporter::default();
    let meter = SdkMeterProvider::builder()
        .with_reader(PeriodicReader::builder(exporter).build())
        .build();
    let config = config(world)?
        .tracer_provider(&tracer)
        .meter_provider(meter);
    Ok(config.connect().await?)
}

fn config(world: &World) -> Outcome<Config> {
    Ok(Config::new(&world.url)?.pool_size(crate::data::CONNECTIONS))
}
