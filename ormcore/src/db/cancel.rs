//! What is done about a statement that nobody waits for any more.
//!
//! The driver's own cancelling does not wait until the server has acted, so that it stops whatever runs next. Here the
//! socket that asks for it is read to its end, which comes when the server has told the session; and nobody gets the
//! connection before everything that was sent on it has been answered.

use super::connect::Manager;
use super::connection::Connection;
use deadpool::managed::Object;
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};
use tokio_postgres::config::Host;
use tokio_postgres::{CancelToken, Config, NoTls};

/// How long a pool waits for a connection of its own to come to rest before it makes a new one instead.
const LIMIT: Duration = Duration::from_secs(1);
/// Most statements are done before it would have been worth while to stop them.
const GRACE: Duration = Duration::from_millis(5);

/// Gives back a connection on which something may still run, or a transaction is open: when it has come to rest, or else
/// closed.
pub(super) fn give_back(object: Object<Manager>, config: &Config) {
    let Ok(runtime) = Handle::try_current() else {
        drop(Object::take(object));
        return;
    };
    if !object.may_come_to_rest() {
        return close(object, &runtime);
    }
    let config = config.clone();
    runtime.spawn(async move {
        let rests = timeout(LIMIT, come_to_rest(&object, &config)).await;
        match rests {
            Ok(true) => object.rests(),
            _ => close(object, &Handle::current()),
        }
    });
}

/// Closes it, and stops what runs on it.
fn close(object: Object<Manager>, runtime: &Handle) {
    let cancel = object.cancel_token();
    drop(Object::take(object));
    stop(cancel, runtime);
}

/// Closes a connection that was nobody else's, and stops what runs on it.
pub(super) fn hang_up(connection: Box<Connection>) {
    let cancel = connection.cancel_token();
    drop(connection);
    if let Ok(runtime) = Handle::try_current() {
        stop(cancel, &runtime);
    }
}

/// Stops what runs on a connection that was closed: the server does not notice that nobody listens any more, and would run
/// on, and hold its locks.
fn stop(cancel: Option<CancelToken>, runtime: &Handle) {
    let Some(cancel) = cancel else {
        return;
    };
    // There is no next statement that this could stop.
    runtime.spawn(async move {
        let _ = cancel.cancel_query(NoTls).await;
        // It may have overtaken what it was meant for.
        sleep(LIMIT).await;
        let _ = cancel.cancel_query(NoTls).await;
    });
}

/// Whether everything that was sent has been answered, the transaction has ended, and nothing is on its way to stop what
/// comes next.
async fn come_to_rest(connection: &Connection, config: &Config) -> bool {
    // When all was answered, there is nothing to stop.
    let mut pause = if connection.is_busy() { GRACE } else { LIMIT };
    loop {
        let mut last = pin!(connection.last_word());
        let answer = loop {
            if let Ok(answer) = timeout(pause, last.as_mut()).await {
                break answer;
            }
            // A request that came before its statement did nothing: then it has to be repeated.
            pause *= 2;
            let Some(token) = connection.cancel_token() else {
                return false;
            };
            if cancel(&token, config).await.is_err() {
                return false;
            }
        };
        match answer {
            Ok(()) => return true,
            // It was the last word itself that was stopped.
            Err(error) if error.code() == Some("57014") => {}
            Err(_) => return false,
        }
    }
}

/// Asks the server to stop what runs, and waits until it has done so.
async fn cancel(token: &CancelToken, config: &Config) -> io::Result<()> {
    let unknown = || {
        io::Error::new(
            io::ErrorKind::AddrNotAvailable,
            "which server it is, is not known",
        )
    };
    // Of several, only the driver knows which one it is connected to.
    let port = match config.get_ports() {
        [] => 5432,
        [port] => *port,
        _ => return Err(unknown()),
    };
    match (config.get_hosts(), config.get_hostaddrs()) {
        (_, [address]) => ask(token, TcpStream::connect((*address, port)).await?).await,
        ([Host::Tcp(host)], []) => {
            ask(token, TcpStream::connect((host.as_str(), port)).await?).await
        }
        #[cfg(unix)]
        ([Host::Unix(directory)], []) => {
            let path = directory.join(format!(".s.PGSQL.{port}"));
            ask(token, tokio::net::UnixStream::connect(path).await?).await
        }
        _ => Err(unknown()),
    }
}

async fn ask(
    token: &CancelToken,
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
) -> io::Result<()> {
    let asked = token.cancel_query_raw(&mut stream, NoTls).await;
    asked.map_err(io::Error::other)?;
    // It says nothing, and closes when the session was told.
    let mut nothing = [0];
    while stream.read(&mut nothing).await? != 0 {}
    Ok(())
}
