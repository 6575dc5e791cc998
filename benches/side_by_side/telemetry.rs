//! What being watched costs.

use crate::Outcome;
use crate::case::Case;
use crate::data::{Person, World, person, sum_of};
use crate::find::{BY_KEY, key};
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

pub(crate) async fn find_by_key(world: &World) -> Outcome<Case<'_>> {
    let statement = world.bare.prepare(BY_KEY).await?;
    let off = Config::new(&world.url)?.telemetry(false).connect().await?;
    let unsampled = watched(world, Sampler::AlwaysOff).await?;
    let tenth = watched(world, Sampler::TraceIdRatioBased(0.1)).await?;
    let all = watched(world, Sampler::AlwaysOn).await?;
    let mut case = Case::new("find by key, watched", "tokio-postgres, prepared", 400)
        .way("tokio-postgres, prepared", move |n| {
            let statement = statement.clone();
            async move {
                let row = world.bare.query_one(&statement, &[&key(n)]).await?;
                Ok(sum_of(&[person(&row)]))
            }
        })
        .way("ormcore, no SDK", move |n| async move {
            Ok(sum_of(&[Person::get(key(n)).one(&world.db).await?]))
        });
    for (name, db) in [
        ("ormcore, telemetry off", off),
        ("ormcore, SDK, none sampled", unsampled),
        ("ormcore, SDK, 10 % sampled", tenth),
        ("ormcore, SDK, all sampled", all),
    ] {
        case = case.way(name, move |n| {
            let db = db.clone();
            async move { Ok(sum_of(&[Person::get(key(n)).one(&db).await?])) }
        });
    }
    Ok(case)
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
    let config = Config::new(&world.url)?
        .tracer_provider(&tracer)
        .meter_provider(meter);
    Ok(config.connect().await?)
}
