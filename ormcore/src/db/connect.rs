//! Making connections, and driving them: the task that reads from the server belongs to us.

use super::address::Address;
use super::connection::Connection;
use super::link::{Link, Patience};
use super::refusal::{connect_error, is_not_there_yet, with_cause, words};
use super::retry::{Pauses, some_of};
use crate::error::{Error, ErrorKind};
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use deadpool_postgres::ClientWrapper;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_postgres::AsyncMessage;

/// Makes connections, and says which the pool may use again.
#[derive(Clone)]
pub(super) struct Manager {
    pub(super) address: Address,
    /// The same for sessions that nobody may share, where that is another.
    pub(super) direct: Option<Arc<Address>>,
    pub(super) connect_timeout: Duration,
    /// How often to try again when nobody was there, and after which pauses.
    pub(super) connect_retries: u32,
    pub(super) pauses: Pauses,
    /// Within which time to begin to try again.
    pub(super) wait_timeout: Duration,
    /// Told when a connection has ended.
    pub(super) ended: Arc<Notify>,
    pub(super) statement_timeout: Option<Duration>,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) statement_cache: usize,
    pub(super) is_replica: bool,
    /// Whether others have its sessions between two transactions.
    pub(super) pooled: bool,
    /// What stands behind each statement.
    pub(super) comment: Arc<str>,
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
        // In a box, because every statement's future has room for this one.
        Box::pin(self.persist()).await
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

impl Manager {
    /// Connects, and tries again for a while when nobody was there.
    async fn persist(&self) -> Result<Box<Connection>, Error> {
        let (started, mut pauses) = (Instant::now(), self.pauses.clone());
        let mut left = self.connect_retries;
        loop {
            let (error, passes) = match self.connect().await {
                Ok(connection) => return Ok(connection),
                Err(refused) => refused,
            };
            let pause = pauses.take();
            if !passes || left == 0 || started.elapsed() + pause >= self.wait_timeout {
                return Err(error);
            }
            left -= 1;
            sleep(pause).await;
        }
    }

    /// Connects once. Also says whether somebody may be there in a moment.
    async fn connect(&self) -> Result<Box<Connection>, (Error, bool)> {
        let started = Instant::now();
        let connected = timeout(self.connect_timeout, self.address.try_connect()).await;
        let connected = connected.map_err(|_| (self.is_silent(), false))?;
        let (client, connection) = connected.map_err(|error| {
            let passes = is_not_there_yet(&error);
            (connect_error(&error, &self.address.name()), passes)
        })?;
        let link = Arc::new(Link::default());
        let task = tokio::spawn(Drive {
            connection,
            link: Arc::clone(&link),
            patience: self.statement_timeout.map(Patience::new),
            _ended: Ended(Arc::clone(&self.ended)),
        });
        let client = ClientWrapper::new(client, task);
        let took = started.elapsed();
        let shorter = |longest: Duration| longest.saturating_sub(some_of(longest / 10));
        let lifetime = self.max_lifetime.map(shorter);
        let expires = lifetime.and_then(|lifetime| started.checked_add(lifetime));
        let connection = Connection::new(client, link, self, took, expires);
        Ok(Box::new(connection))
    }

    fn is_silent(&self) -> Error {
        let message = format!(
            "the server at {} did not answer within {:?}; raise `Config::connect_timeout` if it is that slow",
            self.address.name(),
            self.connect_timeout
        );
        Error::new(ErrorKind::Connect, message)
    }
}

/// Tells that a connection has ended, by itself or because nobody has it any more.
struct Ended(Arc<Notify>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Moves bytes until the connection ends, the client is dropped, or the server is silent for too long.
struct Drive<S, T> {
    connection: tokio_postgres::Connection<S, T>,
    link: Arc<Link>,
    patience: Option<Patience>,
    /// Behind the connection: it tells of it when that has ended.
    _ended: Ended,
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
            ..
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
