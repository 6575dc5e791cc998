//! A web application whose every request can be looked at: `GET /traces` shows what it did in the database.
//!
//! `cargo run --example fastapi_otel`, then open the address it prints. With `-- --once` it asks itself for the posts,
//! lazily and eagerly, prints both traces beside each other and ends.

mod ask;
mod telemetry;
mod terminal;
mod traces;

use std::{error::Error, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use axum::{Json, Router, routing::get};
use serde_json::json;
use telemetry::Telemetry;
use terminal::Screen;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use traces::{Trace, TraceStore};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let once = std::env::args().any(|argument| argument == "--once");
    let telemetry = telemetry::init()?;
    let listener = TcpListener::bind(if once {
        "127.0.0.1:0"
    } else {
        "127.0.0.1:8000"
    })
    .await?;
    let address = listener.local_addr()?;
    let server = axum::serve(listener, app(&telemetry));
    if once {
        let server = tokio::spawn(server.into_future());
        println!("{}", compare(address, telemetry.traces()).await?);
        server.abort();
    } else {
        println!("http://{address}/traces");
        server.with_graceful_shutdown(asked_to_stop()).await?;
    }
    telemetry.shutdown().await;
    Ok(())
}

async fn compare(address: SocketAddr, traces: &TraceStore) -> Result<String, Box<dyn Error>> {
    let lazy = trace_of(address, "/posts", traces).await?;
    let eager = trace_of(address, "/posts?eager=true", traces).await?;
    Ok(terminal::side_by_side(&lazy, &eager, Screen::detect()))
}

async fn trace_of(
    address: SocketAddr,
    path: &str,
    traces: &TraceStore,
) -> Result<Trace, Box<dyn Error>> {
    let answer = ask::get(address, path).await?;
    if answer.status != 200 {
        return Err(format!(
            "GET {path} was answered with {}: {}",
            answer.status, answer.body
        )
        .into());
    }
    let trace_id = answer
        .trace_id
        .ok_or("no trace to show: is OTEL_SDK_DISABLED set?")?;
    let trace = traces.finished(trace_id, Duration::from_secs(5)).await;
    trace.ok_or_else(|| {
        format!("no trace of GET {path} to show: does OTEL_TRACES_SAMPLER leave it out?").into()
    })
}

fn app(telemetry: &Telemetry) -> Router {
    let about = {
        let (service, export, tracing) = (
            telemetry.service().clone(),
            telemetry.export(),
            telemetry.is_on(),
        );
        async move || {
            Json(json!({
                "service": service.name,
                "version": service.version,
                "environment": service.environment,
                "tracing": tracing,
                "export": export(),
            }))
        }
    };
    let routes = Router::new()
        .route("/", get(about))
        .merge(traces::routes(Arc::clone(telemetry.traces())))
        .merge(telemetry.metrics());
    telemetry.observe(routes)
}

/// Ctrl-C at a terminal, SIGTERM from whatever runs the container.
async fn asked_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminated) = signal(SignalKind::terminate()) {
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    // Without a handler the process just ends at the signal, which is what an error here leaves us with.
    let _ = interrupted.await;
}
