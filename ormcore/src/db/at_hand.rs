//! The connection that was given back last: taken from here, it costs a tenth of the way through the pool.
//!
//! Nobody waits for a connection that lies here. Whoever is about to wait looks here once more and says that he waits, both
//! under the lock that connections are given back under: either he sees what was given, or the one who gives sees that
//! somebody waits. As long as anybody does, what is given back goes to the pool, which wakes him.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Room for one, in front of the pool.
pub(super) struct AtHand<T>(Mutex<State<T>>);

struct State<T> {
    kept: Option<T>,
    /// How many wait at the pool, or are about to.
    waiting: usize,
    closed: bool,
}

impl<T> AtHand<T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            kept: None,
            waiting: 0,
            closed: false,
        }))
    }

    /// The one that was kept last, if there is one.
    #[inline]
    pub(super) fn take(&self) -> Option<T> {
        self.lock().kept.take()
    }

    /// The one that is kept, if it is such a one.
    pub(super) fn take_if(&self, which: impl FnOnce(&T) -> bool) -> Option<T> {
        self.lock().kept.take_if(|kept| which(kept))
    }

    /// Keeps this one, and hands out what has to go to the pool instead: the one before it; or itself, when somebody
    /// waits there.
    #[inline]
    #[must_use = "somebody may wait for it at the pool"]
    pub(super) fn keep(&self, new: T) -> Option<T> {
        let mut state = self.lock();
        if state.waiting > 0 || state.closed {
            return Some(new);
        }
        state.kept.replace(new)
    }

    /// The one that was kept; without one, nothing is kept from here on until the caller has waited.
    pub(super) fn take_or_wait(&self) -> Result<T, Waiting<'_, T>> {
        let mut state = self.lock();
        match state.kept.take() {
            Some(kept) => Ok(kept),
            None => {
                state.waiting += 1;
                Err(Waiting(self))
            }
        }
    }

    /// Whether anybody waits: then there is nothing to be had without waiting.
    pub(super) fn is_awaited(&self) -> bool {
        self.lock().waiting > 0
    }

    /// From here on nothing is kept at all.
    #[must_use = "what was kept has to be closed too"]
    pub(super) fn close(&self) -> Option<T> {
        let mut state = self.lock();
        state.closed = true;
        state.kept.take()
    }

    /// Looks at something else while what is kept here stays as it is.
    pub(super) fn hold<U>(&self, look: impl FnOnce(Option<&T>) -> U) -> U {
        look(self.lock().kept.as_ref())
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who waits at the pool.
pub(super) struct Waiting<'a, T>(&'a AtHand<T>);

impl<T> Drop for Waiting<'_, T> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::AtHand;

    #[test]
    fn the_last_is_kept_and_the_one_before_it_makes_room() {
        let hand = AtHand::new();
        assert_eq!(hand.keep(1), None);
        assert_eq!(hand.keep(2), Some(1));
        assert_eq!(hand.take(), Some(2));
        assert_eq!(hand.take(), None);
    }

    #[test]
    fn nobody_waits_for_what_is_kept_and_nothing_is_kept_from_those_who_wait() {
        let hand = AtHand::new();
        assert_eq!(hand.keep(1), None);
        assert!(hand.take_or_wait().is_ok_and(|kept| kept == 1));
        assert!(!hand.is_awaited());
        let (one, other) = (hand.take_or_wait(), hand.take_or_wait());
        assert!(one.is_err() && other.is_err() && hand.is_awaited());
        assert_eq!(hand.keep(2), Some(2));
        drop(one);
        assert_eq!(hand.keep(2), Some(2));
        drop(other);
        assert!(!hand.is_awaited());
        assert_eq!(hand.keep(2), None);
    }

    #[test]
    fn nothing_is_kept_once_it_is_closed() {
        let hand = AtHand::new();
        assert_eq!(hand.keep(1), None);
        assert_eq!(hand.close(), Some(1));
        assert_eq!(hand.keep(2), Some(2));
        assert_eq!(hand.take(), None);
    }
}
