//! The hooks around a flush, and what they change.

use super::steps::Work;
use super::{Phase, Session};
use crate::error::{Error, Result};
use crate::telemetry::SessionCounts;
use std::collections::HashSet;
use std::panic::Location;

type Caller = &'static Location<'static>;

/// So many rounds of hooks that change something end; more would be for ever.
pub(super) const ROUNDS: usize = 100;

impl Session {
    /// The hooks, and the work between them.
    pub(super) async fn flush_work(
        &mut self,
        mut work: Work,
        caller: Caller,
    ) -> Result<SessionCounts> {
        let hooked = self.hooks.is_any();
        if hooked {
            self.before_flush().await?;
            work = self.work_behind_hooks(caller).await?;
        }
        let mut counts = work.counts();
        let after = match hooked {
            true => work.events(&self.arenas, true),
            false => Vec::new(),
        };
        let gone = self.write(work, caller).await?;
        counts.deleted = counts.deleted.saturating_sub(gone);
        if hooked {
            // A future that is dropped from here on leaves it so: without its hooks nothing of this is kept.
            self.phase = Phase::Behind;
            let done = match self.call(after).await {
                Ok(()) => self.after_flush(counts.into()).await,
                refused => refused,
            };
            if let Err(error) = done {
                self.lose().await;
                return Err(error);
            }
            self.phase = Phase::Idle;
        }
        Ok(counts)
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
