//! What is done about a statement that nobody waits for any more.
//!
//! The driver's own cancelling does not wait until the server has acted, so that it stops whatever runs next. Here the
//! socket that asks for it is read to its end, which comes when the server has told the session; and nobody gets the
//! connection before everything that was sent on it has been answered.

use super::address::Address;
use super::connect::Manager;
use super::connection::Connection;
use super::tls::{Connector, another, for_one_request};
use deadpool::managed::Object;
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};
use tokio_postgres::config::Host;
use tokio_postgres::tls::TlsConnect;
use tokio_postgres::{CancelToken, Config, NoTls};

/// How long a pool waits for a connection of its own to come to rest before it makes a new one instead.
const LIMIT: Duration = Duration::from_secs(1);
/// Most statements are done before it would have been worth while to stop them.
const GRACE: Duration = Duration::from_millis(5);

/// Gives back a connection on which something may still run, or a transaction is open: when it has come to rest, or else
/// closed.
pub(super) fn give_back(object: Object<Manager>, address: &Address) {
    let Ok(runtime) = Handle::try_current() else {
        drop(Object::take(object));
        return;
    };
    if !object.may_come_to_rest() {
        return close(object, &runtime);
    }
    let address = address.clone();
    runtime.spawn(async move {
        let rests = timeout(LIMIT, come_to_rest(&object, &address)).await;
        match rests {
            Ok(true) => object.rests(),
            _ => close(object, &Handle::current()),
        }
    });
}

/// Closes it, and stops what runs on it.
fn close(object: Object<Manager>, runtime: &Handle) {
    let cancel = object.cancel();
    drop(Object::take(object));
    stop(cancel, runtime);
}

/// Closes a connection that was nobody else's, and stops what runs on it.
pub(super) fn hang_up(connection: Box<Connection>) {
    let cancel = connection.cancel();
    drop(connection);
    if let Ok(runtime) = Handle::try_current() {
        stop(cancel, &runtime);
    }
}

/// Stops what runs on a connection that was closed: the server does not notice that nobody listens any more, and would run
/// on, and hold its locks.
fn stop(cancel: Option<Cancel>, runtime: &Handle) {
    let Some(cancel) = cancel else {
        return;
    };
    // There is no next statement that this could stop.
    runtime.spawn(async move {
        cancel.send().await;
        // It may have overtaken what it was meant for.
        sleep(LIMIT).await;
        cancel.send().await;
    });
}

/// Whether everything that was sent has been answered, the transaction has ended, and nothing is on its way to stop what
/// comes next.
async fn come_to_rest(connection: &Connection, address: &Address) -> bool {
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
            let Some(cancel) = connection.cancel() else {
                return false;
            };
            if cancel.and_wait(&address.driver).await.is_err() {
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

/// A way to stop what runs on a connection.
pub(super) struct Cancel {
    token: CancelToken,
    tls: Connector,
}

impl Cancel {
    pub(super) fn new(token: CancelToken, tls: Connector) -> Self {
        Self { token, tls }
    }

    /// Asks the server, which may act at any time after. Nobody is told when it cannot be asked.
    pub(super) async fn send(&self) {
        let _ = self.token.cancel_query(another(&self.tls)).await;
    }

    /// Asks the server, and waits until it has acted.
    async fn and_wait(mut self, config: &Config) -> io::Result<()> {
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
        let (name, socket) = match (config.get_hosts(), config.get_hostaddrs()) {
            ([Host::Tcp(name)], [address]) => (name, TcpStream::connect((*address, port)).await?),
            ([Host::Tcp(name)], []) => (name, TcpStream::connect((name.as_str(), port)).await?),
            #[cfg(unix)]
            ([Host::Unix(directory)], []) => {
                let path = directory.join(format!(".s.PGSQL.{port}"));
                let socket = tokio::net::UnixStream::connect(path).await?.into_std()?;
                let twin = tokio::net::UnixStream::from_std(socket.try_clone()?)?;
                // Such a socket is never encrypted.
                return self
                    .ask(tokio::net::UnixStream::from_std(socket)?, NoTls, twin)
                    .await;
            }
            _ => return Err(unknown()),
        };
        let tls = for_one_request(&mut self.tls, name);
        let socket = socket.into_std()?;
        let twin = TcpStream::from_std(socket.try_clone()?)?;
        self.ask(TcpStream::from_std(socket)?, tls, twin).await
    }

    /// On this socket, which the driver keeps; its twin is read to its end.
    async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        socket: S,
        tls: impl TlsConnect<S>,
        mut twin: impl AsyncRead + Unpin,
    ) -> io::Result<()> {
        let asked = self.token.cancel_query_raw(socket, tls).await;
        asked.map_err(io::Error::other)?;
        // The server closes it when the session was told.
        let mut rest = [0; 64];
        while twin.read(&mut rest).await? != 0 {}
        Ok(())
    }
}
