//! Performing a flush: one burst, and then what came of it is put into the arenas.

use super::around::ROUNDS;
use super::blame::{Doubts, Refused};
use super::doubt::Doubt;
use super::failure::{Failure, of_step};
use super::send::perform;
use super::steps::{FlushKind, FlushStep, Work, WrongIn};
use super::{Flush, Phase, Session};
use crate::db::{Source, Transaction};
use crate::error::{Error, Result};
use crate::telemetry::SessionAct;
use crate::value::Keys;
use std::collections::HashMap;
use std::mem;
use std::panic::Location;

type Caller = &'static Location<'static>;

impl Session {
    /// Writes what changed: new rows, changed columns, removed rows. Nothing changed: nothing is sent.
    ///
    /// Rows that are referred to are inserted first and removed last. What must be unique is free for others in the same flush,
    /// as far as the order allows: rows are removed from a table before others are inserted into it or changed, unless one that
    /// is changed refers to what goes, or did so; and rows that are changed to lead to no new ones are written before others are
    /// inserted into their table. Of changed rows that take from each other what their entity says is unique, whoever gives up
    /// comes first. All statements are sent one right behind the other, and stay in the session's transaction until it is
    /// committed.
    ///
    /// Two rows cannot swap what is unique: they are in one `UPDATE`, and PostgreSQL looks at each of its rows by itself. Flush
    /// in between, or make the constraint `DEFERRABLE`: then it looks when the statement is done (`INITIALLY DEFERRED`: when
    /// all is committed).
    ///
    /// # Errors
    /// When a statement fails; [`ErrorKind::StaleVersion`](crate::ErrorKind::StaleVersion) when somebody else changed a row since it was read, or removed it:
    /// [`Failure::gone`] tells which. To remove what somebody else has removed is no error. Then the transaction is rolled
    /// back, everything in the session is as it was before, and [`failure`](Self::failure) says what was wrong: put it right,
    /// and flush again. What was flushed before in this transaction is then flushed again too.
    #[track_caller]
    pub fn flush(&mut self) -> impl Future<Output = Result<Flush>> + Send + '_ {
        let caller = Location::caller();
        async move {
            self.recover()?;
            self.flush_at(caller, true).await
        }
    }

    /// `asked`: whether the caller said so; then there is a span even where there is nothing to do. Otherwise something else
    /// has to have everything flushed before, also what hooks change behind a flush.
    pub(super) async fn flush_at(&mut self, caller: Caller, asked: bool) -> Result<Flush> {
        if asked {
            self.outside_hooks(
                "a hook cannot flush; what it changes is flushed behind it",
                caller,
            )?;
        } else if self.hooks.is_running() {
            return Ok(Flush::default());
        }
        let mut flush = self.flush_once(caller, asked).await?.unwrap_or_default();
        let mut again = 0;
        while self.hooks.is_any() && !asked {
            let Some(more) = self.flush_once(caller, false).await? else {
                break;
            };
            again += 1;
            if again > ROUNDS {
                let message = "hooks change something behind every flush, so there is no last one";
                return Err(Error::usage(message).at(caller));
            }
            flush = flush.and(more);
        }
        Ok(flush)
    }

    /// What was written, if there was anything to do.
    async fn flush_once(&mut self, caller: Caller, asked: bool) -> Result<Option<Flush>> {
        self.failure = None;
        let work = match Work::of(&self.arenas, &self.edits) {
            Ok(work) => work,
            Err(wrong) => return Err(self.refuse(wrong, caller)),
        };
        if work.is_empty() && !asked {
            return Ok(None);
        }
        if let Some(wrong) = self.of_no_scope(&work) {
            return Err(self.refuse(wrong, caller));
        }
        let db = self.db.clone();
        let span = db
            .telemetry()
            .session(SessionAct::Flush, || work.counts(), db.around());
        if work.is_empty() {
            span.finish();
            return Ok(None);
        }
        let losses = self.losses;
        // Apart: whoever asks a question has this in their future too, and mostly there is nothing to flush.
        match span.run(Box::pin(self.flush_work(work, caller))).await {
            Ok(counts) => {
                span.finish();
                db.telemetry().session_flushed(counts);
                Ok(Some(counts.into()))
            }
            Err(error) => {
                let error = error.at(caller);
                span.fail(&error, self.ended_since(losses));
                Err(error)
            }
        }
    }

    pub(super) fn work(&mut self, caller: Caller) -> Result<Work> {
        Work::of(&self.arenas, &self.edits).map_err(|wrong| self.refuse(wrong, caller))
    }

    /// Writes what there is to do when all hooks before it were called: the place to look at rows for the last time, since nothing
    /// changes them from here on. Returns how many rows were to be removed, and had gone already.
    pub(super) async fn write(&mut self, work: Work, caller: Caller) -> Result<u64> {
        self.valid(&work, caller)?;
        // A future that is dropped from here on leaves it so, and nothing is in the arenas.
        self.phase = Phase::Sending;
        match self.send(work, caller).await {
            Ok(gone) => {
                self.phase = Phase::Idle;
                Ok(gone)
            }
            Err(refused) => {
                self.recall();
                self.lose().await;
                Err(self.tell(refused, caller).await)
            }
        }
    }

    /// The transaction is rolled back because of an error, or the part of it that is going on.
    pub(super) async fn lose(&mut self) {
        self.undo_behind();
        self.phase = Phase::Sending;
        if self.give_up_level().await {
            return;
        }
        if let Some(transaction) = self.transaction.take() {
            // Whether or not the server hears of it, nothing is kept.
            let _ = transaction.rollback().await;
        }
        self.give_up();
    }

    async fn send(&mut self, mut work: Work, caller: Caller) -> Result<u64, Refused> {
        work.arrange(&self.arenas);
        let transaction = self.take_transaction(caller).await?;
        let sent = self.send_steps(&transaction, work, caller).await;
        self.transaction = Some(transaction);
        let mut steps = sent?;
        let Some(transaction) = &self.transaction else {
            return Err(Error::usage("the session has no transaction").into());
        };
        let failed = steps.iter().position(|step| {
            let error = step.error.as_ref();
            error.is_some_and(|error| !error.is_aftermath())
        });
        let failed = failed.or_else(|| steps.iter().position(|step| step.error.is_some()));
        if let Some(at) = failed
            && let Some(error) = steps.get_mut(at).and_then(|step| step.error.take())
        {
            let step = steps.get(at);
            self.failure = step.and_then(|step| of_step(step, &error, &self.arenas));
            // What went wrong before may be why.
            let before = steps.iter().take(at);
            let doubts = Doubts {
                missing: before.filter_map(|step| self.unanswered(step)).collect(),
                rows: Doubt::about(steps, at, &error, &self.arenas),
            };
            return Err(Refused::Failed(error, doubts));
        }
        for step in &steps {
            if let Some(missing) = self.unanswered(step)
                && let Some((failure, error)) =
                    missing.told_apart(Source::of(transaction), caller).await
            {
                let error = error.about(&failure.text());
                self.failure = Some(failure);
                return Err(error.into());
            }
        }
        let (mut written, mut removed, mut gone) = (Vec::new(), Vec::new(), 0);
        for step in steps {
            let slots = step.slots.clone();
            match &step.kind {
                FlushKind::Remove { keys, returned, .. } => {
                    gone += (keys.len() as u64).saturating_sub(returned.written);
                    removed.push((step.arena, slots, keys.clone()));
                }
                FlushKind::Link { .. } => {}
                _ => {
                    // What went before may have the keys that come now.
                    self.follow_removals(mem::take(&mut removed));
                    written.push((step.arena, slots));
                }
            }
            self.apply(step)?;
        }
        self.asked = None;
        self.shown.begin(self.sets);
        for (_, arena) in &mut self.arenas {
            arena.flushed();
        }
        self.linked.append(&mut self.edits);
        for (at, slots) in written {
            slots.into_iter().for_each(|slot| self.relist(at, slot));
        }
        self.follow_removals(removed);
        Ok(gone)
    }

    /// All statements, and what came of each.
    async fn send_steps(
        &mut self,
        transaction: &Transaction,
        mut work: Work,
        caller: Caller,
    ) -> Result<Vec<FlushStep>> {
        let ahead = work.ahead(&self.arenas);
        let mut steps = ahead.map_err(|wrong| self.refuse(wrong, caller))?;
        self.give_scopes(&mut steps)?;
        let sent = self.send_ahead(transaction, &mut work, &mut steps, caller);
        if sent.await? {
            let rest = work.steps(&self.arenas, self.db.said());
            let mut rest = rest.map_err(|wrong| self.refuse(wrong, caller))?;
            self.give_scopes(&mut rest)?;
            perform(transaction, &mut rest, caller).await?;
            steps.append(&mut rest);
        }
        Ok(steps)
    }

    /// The session's transaction, begun with the first statement in it.
    async fn take_transaction(&mut self, caller: Caller) -> Result<Transaction> {
        match self.transaction.take() {
            Some(transaction) => Ok(transaction),
            None => Transaction::within(&self.db, self.isolation, caller).await,
        }
    }

    fn refuse(&mut self, (at, wrong): WrongIn, caller: Caller) -> Error {
        let Some((_, arena)) = self.arenas.get(at) else {
            return wrong.error.at(caller);
        };
        let rows = vec![arena.place(wrong.slot)];
        let failure = Failure::new(arena.table(), rows, wrong.columns, wrong.error.kind());
        let error = wrong.error.about(&failure.text()).at(caller);
        self.failure = Some(failure);
        error
    }

    fn apply(&mut self, step: FlushStep) -> Result<()> {
        let Some((_, arena)) = self.arenas.get_mut(step.arena) else {
            return Ok(());
        };
        match step.kind {
            FlushKind::Insert { rows, .. } => {
                let table = arena.table();
                for place in arena.inserted(&step.slots, rows.into_rows())? {
                    self.lists.leave(table, place);
                }
                Ok(())
            }
            FlushKind::Update {
                updates,
                keys,
                returned,
                places,
                ..
            } => {
                let mut by_key: HashMap<Keys, _> = returned.rows.into_iter().collect();
                // Where nothing comes back there are no keys to find it by.
                let mut keys = keys.iter();
                for update in updates {
                    let parts = keys.next().and_then(|key| by_key.remove(key));
                    let parts = parts.unwrap_or_default();
                    let parts: Vec<_> = places.iter().copied().zip(parts).collect();
                    arena.updated(update, &parts)?;
                }
                Ok(())
            }
            FlushKind::Follow {
                column,
                parts,
                keys,
                returned,
                places,
                ..
            } => {
                let mut by_key: HashMap<Keys, _> = returned.rows.into_iter().collect();
                for ((slot, part), key) in step.slots.into_iter().zip(parts).zip(keys) {
                    arena.set(slot, column, &part)?;
                    let made = by_key.remove(&key).unwrap_or_default();
                    for (place, part) in places.iter().zip(made) {
                        arena.set(slot, *place, &part)?;
                    }
                }
                Ok(())
            }
            FlushKind::Link { .. } => Ok(()),
            FlushKind::Remove { .. } => {
                for slot in step.slots {
                    arena.removed(slot);
                }
                Ok(())
            }
        }
    }
}
