//! A web application whose every request can be looked at: `GET /traces` shows what it did in the database.
//!
//! `cargo run --example fastapi_otel`, then open the address it prints. With `-- --once` it asks itself for the posts,
//! lazily and eagerly, prints both traces beside each other and ends. It needs nothing: a PostgreSQL is found or fetched.

mod accounts;
mod arguments;
mod ask;
mod comparison;
mod database;
mod docs;
mod entities;
mod page;
mod routes;
mod seed;
mod statements;
mod telemetry;
mod terminal;
#[cfg(test)]
mod tests;
mod traces;

use std::{error::Error, io, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use accounts::{Accounts, Secret};
use arguments::{Command, Run, USAGE};
use comparison::Comparison;
use telemetry::Telemetry;
use terminal::Screen;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tokio::{net::TcpListener, sync::oneshot, time::timeout};

/// Open requests may finish, within reason.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    let done = match Command::read(std::env::args().skip(1), variable) {
        Ok(Command::Run(asked)) => run(asked).await,
        Ok(Command::Healthcheck { host, port }) => healthcheck(ask::from_here(host, port)).await,
        Ok(Command::Help) => {
            print!("{USAGE}");
            Ok(())
        }
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(asked: Run) -> Result<(), Box<dyn Error>> {
    // First what may be refused at once: a port that is taken, a variable that cannot be meant.
    let listener = listen(&asked).await?;
    let address = listener.local_addr()?;
    let telemetry = telemetry::init()?;
    step("telemetry", &telemetry.destination());
    let variable = |name: &str| std::env::var(name).ok();
    let secret = Secret::read(variable, &telemetry.service().environment)?;
    step("accounts", &secret);
    let accounts = Arc::new(Accounts::new(&secret)?);

    let database = database::find(asked.data_dir).await?;
    step("database", &database);
    step("tables", &seed::tables(&database.url()).await?);
    let db = database::connect(&database.url()).await?;

    let (stop, stopped) = oneshot::channel::<()>();
    let app = routes::app(db.clone(), accounts, &telemetry, &asked.origins);
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let server = tokio::spawn(server.into_future());
    step(
        "server",
        &format_args!("http://localhost:{}", address.port()),
    );

    let to_itself = ask::from_here(address.ip(), address.port());
    let shown = show(to_itself, &telemetry).await;
    if !asked.once {
        if let Err(error) = &shown {
            eprintln!("warning: {error}");
        }
        invite(address, &telemetry);
        asked_to_stop().await;
        println!("\nstopping: requests and telemetry that are on their way may finish");
    }
    drop(stop);
    if timeout(LAST_REQUESTS, server).await.is_err() {
        eprintln!("warning: some requests took too long to wait for");
    }
    db.close();
    telemetry.shutdown().await;
    if asked.once { shown } else { Ok(()) }
}

/// A line for each thing that is done, so that it can be seen what takes its time, or fails.
fn step(what: &str, how: &dyn std::fmt::Display) {
    println!("{what:<10} {how}");
}

async fn listen(asked: &Run) -> Result<TcpListener, Box<dyn Error>> {
    // Any port will do for requests from in here only.
    let port = if asked.once { 0 } else { asked.port };
    let address = SocketAddr::new(asked.host, port);
    TcpListener::bind(address).await.map_err(|error| {
        if error.kind() == io::ErrorKind::AddrInUse {
            format!("another program listens on {address}; stop it, or choose another port with PORT={}", other(port))
        } else {
            format!("cannot listen on {address}; choose another place with PORT and HOST: {error}")
        }
        .into()
    })
}

fn other(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(8000)
}

async fn show(address: SocketAddr, telemetry: &Telemetry) -> Result<(), Box<dyn Error>> {
    step(
        "requests",
        &format_args!("GET {}, then GET {}\n", comparison::LAZY, comparison::EAGER),
    );
    let made = Comparison::make(address, telemetry.traces()).await?;
    let screen = Screen::detect();
    let both = [&made.lazy, &made.eager];
    println!("{}", terminal::side_by_side(both[0], both[1], screen));
    println!("{}", statements::listed(&both, screen));
    Ok(made.check()?)
}

fn invite(address: SocketAddr, telemetry: &Telemetry) {
    step(
        "look",
        &format_args!("http://localhost:{}/traces", address.port()),
    );
    if let Some(jaeger) = telemetry.jaeger() {
        step("", &format_args!("{jaeger} (Jaeger)"));
    }
    step("stop", &"Ctrl-C");
}

async fn healthcheck(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let answer = timeout(Duration::from_secs(3), ask::get(address, "/health/ready"));
    match answer.await {
        Ok(Ok(answer)) if answer.status == 200 => Ok(()),
        Ok(Ok(answer)) => {
            Err(format!("not ready at {address}: {} {}", answer.status, answer.body).into())
        }
        Ok(Err(error)) => Err(format!("no answer at {address}; is it running? {error}").into()),
        Err(_) => Err(format!("no answer at {address} within three seconds").into()),
    }
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
