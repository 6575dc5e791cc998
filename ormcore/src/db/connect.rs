//! Making connections, and driving them: the task that reads from the server belongs to us.

use super::connection::Connection;
use super::wire::database_error;
use crate::error::{Error, ErrorKind};
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use deadpool_postgres::ClientWrapper;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::{AsyncMessage, NoTls};

/// What the task that drives a connection and those who use it tell each other.
pub(super) struct Link {
    born: Instant,
    limit: Option<Duration>,
    /// When the running statement must be done, in milliseconds since `born`; 0 when none runs.
    deadline: AtomicU64,
    expired: AtomicBool,
    /// What the server said last before it ended the session: only this task ever hears it.
    last_words: Mutex<Option<String>>,
}

impl Link {
    fn new(limit: Option<Duration>) -> Self {
        Self {
            born: Instant::now(),
            limit,
            deadline: AtomicU64::new(0),
            expired: AtomicBool::new(false),
            last_words: Mutex::new(None),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A statement begins, or goes on: the limit counts from now.
    pub(super) fn arm(&self) {
        if let Some(limit) = self.limit {
            let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
            self.deadline
                .store(self.now().saturating_add(limit).max(1), Ordering::Relaxed);
        }
    }

    /// Nothing runs any more.
    pub(super) fn disarm(&self) {
        self.deadline.store(0, Ordering::Relaxed);
    }

    fn is_overdue(&self) -> bool {
        let deadline = self.deadline.load(Ordering::Relaxed);
        deadline != 0 && self.now() >= deadline
    }

    /// Whether the connection was closed because a statement took too long.
    pub(super) fn is_expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    pub(super) fn last_words(&self) -> Option<String> {
        self.last_words
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn note(&self, words: String) {
        *self
            .last_words
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(words);
    }

    /// How often the task looks at the clock: one timer a connection, none a statement.
    fn period(&self) -> Option<Duration> {
        let limit = self.limit?;
        Some((limit / 10).clamp(Duration::from_millis(10), Duration::from_secs(1)))
    }
}

/// Makes connections for the pool, and says which may be used again.
pub(super) struct Manager {
    pub(super) config: tokio_postgres::Config,
    pub(super) statement_timeout: Option<Duration>,
    pub(super) statement_cache: usize,
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The configuration holds a password.
        f.debug_struct("Manager").finish_non_exhaustive()
    }
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = Error;

    async fn create(&self) -> Result<Connection, Error> {
        let started = Instant::now();
        let (client, connection) = self
            .config
            .connect(NoTls)
            .await
            .map_err(|error| refused(&error))?;
        let link = Arc::new(Link::new(self.statement_timeout));
        let task = tokio::spawn(drive(connection, Arc::clone(&link)));
        let client = ClientWrapper::new(client, task);
        Ok(Connection::new(
            client,
            link,
            self.statement_cache,
            started.elapsed(),
        ))
    }

    /// No question to the server: what is not clean never comes back here, and a closed socket is seen by its task.
    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Error> {
        if connection.is_clean() {
            Ok(())
        } else {
            Err(RecycleError::message("the connection has ended"))
        }
    }
}

/// Why no connection could be made, without the password.
fn refused(error: &tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(database) => {
            let refusal = database_error(database);
            let code = database.code().code().to_owned();
            Error::new(
                ErrorKind::Connect,
                format!("the server refused the connection: {refusal} [{code}]"),
            )
        }
        None => Error::new(
            ErrorKind::Connect,
            format!("no connection to the server: {error}"),
        ),
    }
}

/// Moves bytes until the connection ends, the client is dropped, or a statement is overdue.
async fn drive<S, T>(mut connection: tokio_postgres::Connection<S, T>, link: Arc<Link>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let period = link.period();
    let mut clock = pin!(tokio::time::sleep(period.unwrap_or_default()));
    poll_fn(|context| {
        loop {
            match connection.poll_message(context) {
                Poll::Ready(Some(Ok(AsyncMessage::Notice(notice)))) => {
                    // A server that shuts down says so in a notice, and then only closes.
                    if notice.code().code().starts_with("57P0") {
                        link.note(format!(
                            "{} (SQLSTATE {})",
                            notice.message(),
                            notice.code().code()
                        ));
                    }
                }
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => {
                    let words = match error.as_db_error() {
                        Some(database) => format!(
                            "{} (SQLSTATE {})",
                            database.message(),
                            database.code().code()
                        ),
                        None => error.to_string(),
                    };
                    link.note(words);
                    return Poll::Ready(());
                }
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        let Some(period) = period else {
            return Poll::Pending;
        };
        while clock.as_mut().poll(context).is_ready() {
            if link.is_overdue() {
                link.expired.store(true, Ordering::Relaxed);
                return Poll::Ready(());
            }
            clock.as_mut().reset(tokio::time::Instant::now() + period);
        }
        Poll::Pending
    })
    .await;
}
