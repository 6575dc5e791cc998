//! A connection on loan from the pool.

use super::connect::Manager;
use super::connection::Connection;
use super::pool::Db;
use crate::error::{Error, ErrorKind, Result};
use deadpool::managed::{Object, PoolError};
use deadpool_postgres::{TimeoutType, Timeouts};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio_postgres::NoTls;

/// Goes back to the pool when it is dropped; when it is not clean, it is closed instead.
pub(super) struct Lease {
    object: Option<Object<Manager>>,
    db: Db,
    since: Instant,
    reused: bool,
}

impl Lease {
    /// Waits for a connection. Also says how long that took.
    pub(super) async fn take(db: &Db) -> Result<(Self, Duration)> {
        let started = Instant::now();
        // Most of the time one is free, and no clock has to be set up for a wait.
        let at_once = Timeouts {
            wait: Some(Duration::ZERO),
            ..db.pool().timeouts()
        };
        let object = match db.pool().timeout_get(&at_once).await {
            Err(PoolError::Timeout(TimeoutType::Wait)) => db.pool().get().await,
            taken => taken,
        };
        let object = match object {
            Ok(object) => object,
            Err(error) => return Err(unavailable(error, db)),
        };
        let since = Instant::now();
        let waited = since.duration_since(started);
        let telemetry = db.telemetry();
        telemetry.connection_acquired(waited);
        let created = object.take_created();
        if let Some(took) = created {
            telemetry.connection_created(took);
        }
        Ok((
            Self {
                object: Some(object),
                db: db.clone(),
                since,
                reused: created.is_none(),
            },
            waited,
        ))
    }

    /// # Errors
    /// Never, as long as the lease lives: it holds its connection until it is dropped.
    pub(super) fn connection(&self) -> Result<&Connection> {
        self.object
            .as_deref()
            .map(|connection| &**connection)
            .ok_or_else(|| Error::usage("the connection was given back already"))
    }

    /// Whether it rested in the pool before, where it may have ended unnoticed.
    pub(super) fn is_reused(&self) -> bool {
        self.reused
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else {
            return;
        };
        self.db
            .telemetry()
            .connection_released(self.since.elapsed());
        if object.is_clean() {
            return;
        }
        let cancel = object.cancel_token();
        drop(Object::take(object));
        // The server does not notice that nobody listens any more: it would run on, and hold its locks.
        if let Some((cancel, runtime)) = cancel.zip(Handle::try_current().ok()) {
            runtime.spawn(async move { cancel.cancel_query(NoTls).await });
        }
    }
}

fn unavailable(error: PoolError<Error>, db: &Db) -> Error {
    match error {
        PoolError::Timeout(TimeoutType::Wait) => {
            db.telemetry().connection_timed_out();
            let status = db.pool().status();
            Error::new(
                ErrorKind::PoolTimeout,
                format!(
                    "no connection became free in time: all {} are in use and {} callers wait; \
                     raise `Config::pool_size`, or hold connections for a shorter time",
                    status.max_size, status.waiting
                ),
            )
        }
        PoolError::Timeout(_) => Error::new(
            ErrorKind::Connect,
            format!(
                "the server at {} did not answer within {:?}; raise `Config::connect_timeout` if it is that slow",
                db.pool().manager().place,
                db.pool().manager().connect_timeout
            ),
        ),
        PoolError::Backend(error) => error,
        PoolError::Closed => Error::usage("the Db was closed"),
        PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            Error::new(ErrorKind::Config, "the pool was set up without a runtime")
        }
    }
}
