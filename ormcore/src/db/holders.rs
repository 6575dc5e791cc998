//! Who has a connection for longer than one statement, for those who wait for one in vain.
//!
//! Transactions, streams, COPYs and connections that are pinned say where they took theirs. Single statements do not: they are
//! many, soon over, and would pay for it.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The lines of code that have connections now.
#[derive(Default)]
pub(super) struct Holders(Mutex<State>);

#[derive(Default)]
struct State {
    next: u64,
    holders: Vec<Holder>,
}

struct Holder {
    number: u64,
    caller: &'static Location<'static>,
    since: Instant,
}

/// So many lines are named; the rest is counted.
const NAMED: usize = 5;

impl Holders {
    /// Somebody has a connection since this instant, until this is dropped.
    pub(super) fn add(
        self: &Arc<Self>,
        caller: &'static Location<'static>,
        since: Instant,
    ) -> Holding {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.holders.push(Holder {
            number,
            caller,
            since,
        });
        Holding {
            holders: Arc::clone(self),
            number,
        }
    }

    /// The lines that have had so many of the connections for longest, as a part of a sentence.
    pub(super) fn tell(&self, in_use: usize) -> String {
        let now = Instant::now();
        let mut lines: Vec<(&'static Location<'static>, Duration, usize)> = Vec::new();
        let state = self.lock();
        let held = state.holders.len();
        for Holder { caller, since, .. } in &state.holders {
            let held = now.saturating_duration_since(*since);
            match lines.iter_mut().find(|(line, ..)| line == caller) {
                Some((_, longest, times)) => {
                    *longest = held.max(*longest);
                    *times += 1;
                }
                None => lines.push((*caller, held, 1)),
            }
        }
        drop(state);
        lines.sort_unstable_by_key(|(_, longest, _)| Reverse(*longest));
        let mut told = String::new();
        for (line, longest, times) in lines.iter().take(NAMED) {
            let times = match times {
                1 => String::new(),
                times => format!("{times} times and "),
            };
            let (file, line) = (line.file(), line.line());
            // Writing to a String does not fail.
            let _ = write!(told, "taken at {file}:{line} {times}for {longest:.1?}, ");
        }
        let others: usize = lines.iter().skip(NAMED).map(|(.., times)| times).sum();
        if others > 0 {
            let _ = write!(told, "{others} elsewhere, ");
        }
        let single = in_use.saturating_sub(held);
        if single > 0 {
            let _ = write!(told, "{single} by single statements, ");
        }
        told.trim_end_matches(", ").to_owned()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who has a connection.
pub(super) struct Holding {
    holders: Arc<Holders>,
    number: u64,
}

impl Drop for Holding {
    fn drop(&mut self) {
        let mut state = self.holders.lock();
        let is_it = |holder: &Holder| holder.number == self.number;
        if let Some(at) = state.holders.iter().rposition(is_it) {
            state.holders.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, Duration, Holders, Instant, Location};

    fn another_line() -> &'static Location<'static> {
        Location::caller()
    }

    #[test]
    fn lines_are_named_once_and_the_rest_is_counted() {
        let holders = Arc::new(Holders::default());
        let (here, now) = (Location::caller(), Instant::now());
        let both = (holders.add(here, now), holders.add(here, now));
        let told = holders.tell(3);
        let line = format!("taken at {}:{} 2 times and for ", here.file(), here.line());
        assert!(told.starts_with(&line), "{told}");
        assert!(told.ends_with(", 1 by single statements"), "{told}");
        let elsewhere = another_line();
        let long = now.checked_sub(Duration::from_secs(90)).expect("a clock");
        let longer = holders.add(elsewhere, long);
        let told = holders.tell(3);
        let first = format!("taken at {}:{} for 90.", elsewhere.file(), elsewhere.line());
        assert!(told.starts_with(&first), "{told}");
        assert!(!told.contains("single"), "{told}");
        drop((both, longer));
        assert_eq!(holders.tell(1), "1 by single statements");
        assert_eq!(holders.tell(0), "");
    }
}
