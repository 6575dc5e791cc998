//! Making connections, and driving them: the task that reads from the server belongs to us.

use super::address::Address;
use super::connection::Connection;
use super::link::{Link, Patience};
use super::refusal::{with_cause, words};
use super::retry::some_of;
use super::tls::another;
use crate::error::Error;
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use deadpool_postgres::ClientWrapper;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::AsyncMessage;

/// Makes connections, and says which the pool may use again.
#[derive(Clone)]
pub(super) struct Manager {
    pub(super) address: Address,
    /// The same for sessions that nobody may share, where that is another.
    pub(super) direct: Option<Arc<Address>>,
    pub(super) connect_timeout: Duration,
    pub(super) statement_timeout: Option<Duration>,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) statement_cache: usize,
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The configuration holds a password.
        f.debug_struct("Manager").finish_non_exhaustive()
    }
}

impl managed::Manager for Manager {
    /// In a box, because the pool moves it about a dozen times for each loan.
    type Type = Box<Connection>;
    type Error = Error;

    async fn create(&self) -> Result<Box<Connection>, Error> {
        let started = Instant::now();
        // In a box, because every statement's future has room for this one.
        let (client, connection) = Box::pin(self.address.connect()).await?;
        let link = Arc::new(Link::default());
        let task = tokio::spawn(Drive {
            connection,
            link: Arc::clone(&link),
            patience: self.statement_timeout.map(Patience::new),
        });
        let client = ClientWrapper::new(client, task);
        let took = started.elapsed();
        let shorter = |longest: Duration| longest.saturating_sub(some_of(longest / 10));
        let lifetime = self.max_lifetime.map(shorter);
        let expires = lifetime.and_then(|lifetime| started.checked_add(lifetime));
        let tls = another(&self.address.tls);
        let connection = Connection::new(client, link, self.statement_cache, took, expires, tls);
        Ok(Box::new(connection))
    }

    /// No question to the server: what is not clean never comes back here, and a closed socket is seen by its task.
    async fn recycle(&self, connection: &mut Box<Connection>, _: &Metrics) -> RecycleResult<Error> {
        if connection.is_clean() && !connection.is_old(Instant::now()) {
            Ok(())
        } else {
            Err(RecycleError::message(
                "the connection has ended, or is too old",
            ))
        }
    }
}

/// Moves bytes until the connection ends, the client is dropped, or the server is silent for too long.
struct Drive<S, T> {
    connection: tokio_postgres::Connection<S, T>,
    link: Arc<Link>,
    patience: Option<Patience>,
}

impl<S, T> Future for Drive<S, T>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self {
            connection,
            link,
            patience,
        } = &mut *self;
        if link.is_condemned() {
            return Poll::Ready(());
        }
        loop {
            match connection.poll_message(context) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(AsyncMessage::Notice(notice)))) => {
                    // A server that shuts down says so in a notice, and then only closes.
                    if notice.code().code().starts_with("57P0") {
                        link.note(words(&notice));
                    }
                }
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => {
                    match error.as_db_error() {
                        Some(database) => link.note(words(database)),
                        // The socket's complaint says less than the notice before it.
                        None if link.last_words().is_some() => {}
                        None => link.note(with_cause(&error)),
                    }
                    return Poll::Ready(());
                }
                Poll::Ready(None) => return Poll::Ready(()),
            }
        }
        match patience {
            Some(patience) => patience.poll(link, context),
            None => Poll::Pending,
        }
    }
}
