//! The hooks around a flush, and what they change.

use super::asked::Attempt;
use super::steps::Work;
use super::{Phase, Session};
use crate::error::{Error, Result};
use crate::telemetry::SessionCounts;
use std::collections::HashSet;
use std::panic::Location;

type Caller = &'static Location<'static>;

/// So many rounds of hooks that change something end; more would be for ever.
pub(super) const ROUNDS: usize = 100;

/// Without the hooks behind it nothing of a flush is kept: when its future is dropped, what they have changed is undone at
/// once, so that nothing done later is taken for theirs.
struct Behind<'s>(&'s mut Session);

impl Drop for Behind<'_> {
    fn drop(&mut self) {
        if self.0.phase == Phase::Behind {
            self.0.undo_behind();
            self.0.phase = Phase::Sending;
        }
    }
}

impl Session {
    /// The hooks, and the work between them.
    pub(super) async fn flush_work(&mut self, work: Work, caller: Caller) -> Result<SessionCounts> {
        if !self.hooks.is_any() {
            let mut counts = work.counts();
            let gone = self.write(work, caller).await?;
            counts.deleted = counts.deleted.saturating_sub(gone);
            return Ok(counts);
        }
        let attempt = Attempt::begin(self);
        attempt.0.flush_hooked(caller).await
    }

    async fn flush_hooked(&mut self, caller: Caller) -> Result<SessionCounts> {
        self.before_flush().await?;
        let work = self.work_behind_hooks(caller).await?;
        self.note_added();
        let mut counts = work.counts();
        let after = work.events(&self.arenas, true);
        let gone = self.write(work, caller).await?;
        counts.deleted = counts.deleted.saturating_sub(gone);
        self.phase = Phase::Behind;
        let behind = Behind(self);
        let done = match behind.0.call(after).await {
            Ok(()) => behind.0.after_flush(counts.into()).await,
            refused => refused,
        };
        if let Err(error) = done {
            behind.0.lose().await;
            return Err(error);
        }
        behind.0.phase = Phase::Idle;
        behind.0.note_behind();
        Ok(counts)
    }

    /// Everything was written: what is new or changed now is so by hooks.
    fn note_behind(&mut self) {
        for (at, (_, arena)) in self.arenas.iter_mut().enumerate() {
            arena.note_echoes();
            // What cannot be written is told of by the next flush.
            let added = arena
                .todo(false)
                .map_or_else(|_| Vec::new(), |todo| todo.inserts);
            let added = added.into_iter().map(|slot| (at, arena.place(slot)));
            self.behind.extend(added);
        }
    }

    /// What hooks have added behind a flush goes with it: they are called again when it is done again.
    pub(super) fn forget_behind(&mut self, since: usize) {
        for (at, place) in self.behind.split_off(since.min(self.behind.len())) {
            if let Some((_, arena)) = self.arenas.get_mut(at) {
                arena.forget(place);
            }
        }
    }

    /// The same for the flush whose hooks have not all run: all that is not written was done by them.
    pub(super) fn undo_behind(&mut self) {
        if self.phase == Phase::Behind {
            for (_, arena) in &mut self.arenas {
                arena.roll_back(arena.mark());
            }
            self.edits.clear();
        }
    }

    /// What is left to do when all hooks before it were called, also for rows that other hooks have changed.
    async fn work_behind_hooks(&mut self, caller: Caller) -> Result<Work> {
        let mut called = HashSet::new();
        for _ in 0..ROUNDS {
            let work = self.work(caller)?;
            let mut before = work.events(&self.arenas, false);
            before.retain(|event| self.hooks.watches(event.1) && called.insert(*event));
            if before.is_empty() {
                return Ok(work);
            }
            self.call(before).await?;
        }
        let message = "hooks change rows for ever, each time they are called before one";
        Err(Error::usage(message))
    }
}
