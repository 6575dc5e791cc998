//! What the task that drives a connection and those who use it tell each other.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep, sleep};

/// Shared by a connection and its task.
#[derive(Default)]
pub(super) struct Link {
    /// Questions there were, and replies that were read to their end: in that order, since the server keeps it.
    asked: AtomicU32,
    answers: AtomicU32,
    /// Whether anything was asked or heard since the clock last struck.
    stirred: AtomicBool,
    expired: AtomicBool,
    /// Replies can no longer be told apart: nothing more may be sent or read.
    condemned: AtomicBool,
    /// Whether it is the reader who lets the server wait.
    paused: AtomicBool,
    /// What the server said last before it ended the session.
    last_words: Mutex<Option<String>>,
}

impl Link {
    /// Something is about to be asked.
    pub(super) fn ask(&self) {
        self.asked.fetch_add(1, Ordering::AcqRel);
        self.stir();
    }

    /// A reply was read to its end.
    pub(super) fn answered(&self) {
        self.answers.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn asked(&self) -> u32 {
        self.asked.load(Ordering::Acquire)
    }

    pub(super) fn answers(&self) -> u32 {
        self.answers.load(Ordering::Acquire)
    }

    /// All replies were read to their ends, by whomever.
    pub(super) fn rests(&self) {
        self.answers.store(self.asked(), Ordering::Release);
        self.set_paused(false);
    }

    /// A part of a reply came.
    pub(super) fn stir(&self) {
        self.stirred.store(true, Ordering::Relaxed);
    }

    /// Whether the reader lets the server wait, instead of the other way round.
    pub(super) fn set_paused(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
    }

    /// Whether a reply is still on its way.
    pub(super) fn is_busy(&self) -> bool {
        self.asked() != self.answers()
    }

    /// Whether the connection was closed because the server was silent for too long.
    pub(super) fn is_expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    /// Has the connection ended by its task, before anything else is sent on it.
    pub(super) fn condemn(&self) {
        self.condemned.store(true, Ordering::Release);
    }

    pub(super) fn is_condemned(&self) -> bool {
        self.condemned.load(Ordering::Acquire)
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
    /// Whether the clock runs: it rests while nothing is asked.
    running: bool,
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
            running: false,
            period,
            strikes: u32::try_from(strikes).unwrap_or(u32::MAX).max(1),
            silent: 0,
        }
    }

    /// Ready when the limit has passed. To be polled by one task only, and whenever something was asked.
    ///
    /// Strikes are counted instead of time: a program that stood still itself has no reason to blame the server.
    pub(super) fn poll(&mut self, link: &Link, context: &mut Context<'_>) -> Poll<()> {
        if !self.running {
            if !link.is_busy() {
                return Poll::Pending;
            }
            self.running = true;
            self.wind();
        } else if !self.clock.is_elapsed() {
            // It knows whom to wake: asking it again for each message costs more than it looks.
            return Poll::Pending;
        }
        // Not to be put off: a clock that was never asked wakes nobody.
        while pin!(unconstrained(self.clock.as_mut()))
            .poll(context)
            .is_ready()
        {
            let stirred = link.stirred.swap(false, Ordering::Relaxed);
            let busy = link.is_busy();
            if !busy && !stirred {
                self.running = false;
                return Poll::Pending;
            }
            let waits = busy && !stirred && !link.paused.load(Ordering::Relaxed);
            self.silent = if waits { self.silent + 1 } else { 0 };
            if self.silent >= self.strikes {
                link.expired.store(true, Ordering::Relaxed);
                return Poll::Ready(());
            }
            self.wind();
        }
        Poll::Pending
    }

    fn wind(&mut self) {
        self.clock.as_mut().reset(Instant::now() + self.period);
    }
}
