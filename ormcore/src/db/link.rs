//! What the task that drives a connection and those who use it tell each other.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};

/// Shared by a connection and its task.
#[derive(Default)]
pub(super) struct Link {
    /// Replies that have not been read to their end.
    unread: AtomicU32,
    /// Whether anything was asked or heard since the clock last struck.
    stirred: AtomicBool,
    expired: AtomicBool,
    /// What the server said last before it ended the session.
    last_words: Mutex<Option<String>>,
}

impl Link {
    /// Something is about to be asked.
    pub(super) fn ask(&self) {
        self.unread.fetch_add(1, Ordering::AcqRel);
        self.stir();
    }

    /// A reply was read to its end.
    pub(super) fn answered(&self) {
        self.unread.fetch_sub(1, Ordering::AcqRel);
    }

    /// A part of a reply came.
    pub(super) fn stir(&self) {
        self.stirred.store(true, Ordering::Relaxed);
    }

    /// Whether a reply is still on its way.
    pub(super) fn is_busy(&self) -> bool {
        self.unread.load(Ordering::Acquire) != 0
    }

    /// Whether the connection was closed because the server was silent for too long.
    pub(super) fn is_expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    pub(super) fn last_words(&self) -> Option<String> {
        self.last_words
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn note(&self, words: String) {
        *self
            .last_words
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(words);
    }
}

/// How long a server may be silent about a question: one timer a connection, none a statement.
pub(super) struct Patience {
    clock: Pin<Box<Sleep>>,
    period: Duration,
    strikes: u32,
    silent: u32,
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        let period = (limit / 10).clamp(Duration::from_millis(10), Duration::from_secs(1));
        let strikes = limit.as_nanos().div_ceil(period.as_nanos());
        Self {
            clock: Box::pin(sleep(period)),
            period,
            strikes: u32::try_from(strikes).unwrap_or(u32::MAX).max(1),
            silent: 0,
        }
    }

    /// Ready when the limit has passed.
    ///
    /// Strikes are counted instead of time: a program that stood still itself has no reason to blame the server.
    pub(super) fn poll(&mut self, link: &Link, context: &mut Context<'_>) -> Poll<()> {
        while self.clock.as_mut().poll(context).is_ready() {
            let stirred = link.stirred.swap(false, Ordering::Relaxed);
            self.silent = if link.is_busy() && !stirred {
                self.silent + 1
            } else {
                0
            };
            if self.silent >= self.strikes {
                link.expired.store(true, Ordering::Relaxed);
                return Poll::Ready(());
            }
            self.clock.as_mut().reset(Instant::now() + self.period);
        }
        Poll::Pending
    }
}
