//! Performing a flush: one burst, and then what came of it is put into the arenas.

use super::erased::Returned;
use super::failure::{Failure, of_step};
use super::reference::Place;
use super::steps::{Kind, Step, Work, WrongIn};
use super::{Flush, Phase, Session};
use crate::db::{self, Reads, Request, Row, Source, Transaction};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Asking, together};
use crate::sql::{NewKeys, Statement, Table};
use crate::telemetry::{Page, SessionAct, SessionCounts};
use crate::value::Keys;
use smallvec::smallvec;
use std::collections::HashMap;
use std::panic::Location;

type Caller = &'static Location<'static>;

impl Session {
    /// Writes what changed: new rows, changed columns, removed rows. Nothing changed: nothing is sent.
    ///
    /// Rows that are referred to are inserted first and removed last. All statements are sent one right behind the other, and
    /// stay in the session's transaction until it is committed.
    ///
    /// # Errors
    /// When a statement fails; [`ErrorKind::StaleVersion`] when a row changed, or went, since it was read. Then the transaction
    /// is rolled back, everything in the session is as it was before, and [`failure`](Self::failure) says what was wrong: put
    /// it right, and flush again. What was flushed before in this transaction is then flushed again too.
    #[track_caller]
    pub fn flush(&mut self) -> impl Future<Output = Result<Flush>> + Send + '_ {
        let caller = Location::caller();
        async move {
            self.recover()?;
            self.flush_at(caller, true).await
        }
    }

    /// `asked`: whether the caller said so; then there is a span even where there is nothing to do.
    pub(super) async fn flush_at(&mut self, caller: Caller, asked: bool) -> Result<Flush> {
        self.failure = None;
        let work = match Work::of(&self.arenas, &self.edits) {
            Ok(work) => work,
            Err(wrong) => return Err(self.refuse(wrong, caller)),
        };
        let counts = work.counts();
        if work.is_empty() && !asked {
            return Ok(Flush::default());
        }
        let db = self.db.clone();
        let span = db.telemetry().session(SessionAct::Flush, counts);
        if work.is_empty() {
            span.finish();
            return Ok(Flush::default());
        }
        match span.run(self.write(work, caller)).await {
            Ok(()) => {
                span.finish();
                db.telemetry().session_flushed(counts);
                Ok(Flush {
                    pending: usize::try_from(counts.pending).unwrap_or(usize::MAX),
                    dirty: usize::try_from(counts.dirty).unwrap_or(usize::MAX),
                    deleted: usize::try_from(counts.deleted).unwrap_or(usize::MAX),
                })
            }
            Err(error) => {
                let error = error.at(caller);
                span.fail(&error);
                Err(error)
            }
        }
    }

    async fn write(&mut self, work: Work, caller: Caller) -> Result<()> {
        // A future that is dropped from here on leaves it so, and nothing is in the arenas.
        self.phase = Phase::Sending;
        match self.send(work, caller).await {
            Ok(()) => {
                self.phase = Phase::Idle;
                Ok(())
            }
            Err(error) => {
                if let Some(transaction) = self.transaction.take() {
                    // Whether or not the server hears of it, nothing is kept.
                    let _ = transaction.rollback().await;
                }
                self.give_up();
                Err(error)
            }
        }
    }

    async fn send(&mut self, mut work: Work, caller: Caller) -> Result<()> {
        work.arrange(&self.arenas);
        let transaction = self.take_transaction().await?;
        let questions = work.questions(&self.arenas);
        if !questions.is_empty() {
            let mut answers: Vec<Returned> = Vec::with_capacity(questions.len());
            for (_, question) in &questions {
                answers.push(Returned::new(question.columns.clone(), 0));
            }
            let source = Source::of(&transaction);
            let asked = questions.iter().zip(&mut answers);
            let asking = asked.map(|((_, question), answer)| {
                Box::pin(ask(source, question, answer, caller)) as _
            });
            let asked = together(asking).await;
            self.transaction = Some(transaction);
            asked?;
            for ((rows, _), answer) in questions.iter().zip(answers) {
                let keys = answer.rows.into_iter();
                work.answer(rows, keys.filter_map(|(_, mut key)| key.pop()).collect());
            }
        } else {
            self.transaction = Some(transaction);
        }
        let mut steps = match work.steps(&self.arenas) {
            Ok(steps) => steps,
            Err(wrong) => return Err(self.refuse(wrong, caller)),
        };
        let Some(transaction) = &self.transaction else {
            return Err(Error::usage("the session has no transaction"));
        };
        perform(transaction, &mut steps, caller).await?;
        let failed = steps.iter().position(|step| {
            let error = step.error.as_ref();
            error.is_some_and(|error| !error.is_aftermath())
        });
        let failed = failed.or_else(|| steps.iter().position(|step| step.error.is_some()));
        if let Some(step) = failed.and_then(|at| steps.get_mut(at))
            && let Some(error) = step.error.take()
        {
            self.failure = of_step(step, &error, &self.arenas);
            return Err(match &self.failure {
                Some(failure) => error.about(&failure.text()),
                None => error,
            });
        }
        for step in &steps {
            if let Some((failure, error)) = self.unanswered(step) {
                let error = error.about(&failure.text());
                self.failure = Some(failure);
                return Err(error);
            }
        }
        let (mut written, mut removed) = (Vec::new(), Vec::new());
        for step in steps {
            let slots = step.slots.clone();
            match &step.kind {
                Kind::Remove { keys, .. } => {
                    removed.push((step.arena, slots, keys.clone()));
                }
                Kind::Link { .. } => {}
                _ => written.push((step.arena, slots)),
            }
            self.apply(step)?;
        }
        for (_, arena) in &mut self.arenas {
            arena.flushed();
        }
        self.linked.append(&mut self.edits);
        for (at, slots) in written {
            slots.into_iter().for_each(|slot| self.relist(at, slot));
        }
        for (at, slots, keys) in removed {
            if let Some((_, arena)) = self.arenas.get(at) {
                let table = arena.table();
                let places: Vec<_> = slots.iter().map(|slot| arena.place(*slot)).collect();
                places
                    .into_iter()
                    .for_each(|place| self.unlist(table, place));
                self.cascade(table, keys);
            }
        }
        Ok(())
    }

    /// A row is in no list any more.
    fn unlist(&mut self, table: &'static Table, place: Place) {
        for info in self.lists.relations() {
            if (info.target)() == table {
                self.lists.remove_from_all(info, place);
            }
        }
    }

    /// The session's transaction, begun with the first statement in it.
    async fn take_transaction(&mut self) -> Result<Transaction> {
        match self.transaction.take() {
            Some(transaction) => Ok(transaction),
            None => Transaction::within(&self.db, self.isolation).await,
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

    /// What was not written, because it was not there any more as it was read.
    fn unanswered(&self, step: &Step) -> Option<(Failure, Error)> {
        let (_, arena) = self.arenas.get(step.arena)?;
        let table = arena.table();
        let (keys, returned) = match &step.kind {
            Kind::Insert { rows, .. } => {
                let expected = step.slots.len();
                return (rows.count() != expected).then(|| {
                    let rows = step.slots.iter().map(|slot| arena.place(*slot));
                    let kind = ErrorKind::NotFound;
                    let message = "rows did not come back: a trigger or rule of the table changes keys or drops rows";
                    let failure = Failure::new(table, rows.collect(), Vec::new(), kind);
                    (failure, Error::new(kind, message))
                });
            }
            Kind::Link { .. } => return None,
            // Without a version it does not matter who removed a row.
            Kind::Remove { .. } if table.version.is_none() => return None,
            Kind::Update { keys, returned, .. }
            | Kind::Follow { keys, returned, .. }
            | Kind::Remove { keys, returned, .. } => (keys, returned),
        };
        if returned.rows.len() == keys.len() {
            return None;
        }
        let there: HashMap<&Keys, ()> = returned.rows.iter().map(|(key, _)| (key, ())).collect();
        let pairs = step.slots.iter().zip(keys);
        let missing = pairs.filter(|(_, key)| !there.contains_key(key));
        let rows: Vec<_> = missing.map(|(slot, _)| arena.place(*slot)).collect();
        let columns = table.version.map(|version| version.field);
        let kind = ErrorKind::StaleVersion;
        let failure = Failure::new(table, rows, columns.into_iter().collect(), kind);
        let message =
            "somebody else changed or removed it since it was read; refresh it, and change that";
        Some((failure, Error::new(kind, message)))
    }

    fn apply(&mut self, step: Step) -> Result<()> {
        let Some((_, arena)) = self.arenas.get_mut(step.arena) else {
            return Ok(());
        };
        match step.kind {
            Kind::Insert { rows, .. } => arena.inserted(&step.slots, rows.into_rows()),
            Kind::Update {
                updates,
                keys,
                returned,
                places,
                ..
            } => {
                let mut by_key: HashMap<Keys, _> = returned.rows.into_iter().collect();
                for (update, key) in updates.into_iter().zip(keys) {
                    let parts = by_key.remove(&key).unwrap_or_default();
                    let parts: Vec<_> = places.iter().copied().zip(parts).collect();
                    arena.updated(update, &parts)?;
                }
                Ok(())
            }
            Kind::Follow {
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
            Kind::Link { .. } => Ok(()),
            Kind::Remove { .. } => {
                for slot in step.slots {
                    arena.removed(slot);
                }
                Ok(())
            }
        }
    }
}

/// Asks for keys.
async fn ask(
    source: Source<'_>,
    question: &NewKeys,
    answer: &mut Returned,
    caller: Caller,
) -> Result<()> {
    let request = request(question, Reads::Other, caller);
    db::run(source, request, &mut |row: Row<'_>| answer.read(&row)).await?;
    Ok(())
}

/// Sends all of it, each statement right behind the one before it.
async fn perform(transaction: &Transaction, steps: &mut [Step], caller: Caller) -> Result<()> {
    let preparing = steps.iter().map(|step| {
        Box::pin(async move {
            match &step.kind {
                Kind::Insert { statement, .. } => {
                    let reads = Reads::Tables(smallvec![statement.table]);
                    transaction.prepare(statement, reads).await
                }
                Kind::Update { statement, .. } | Kind::Follow { statement, .. } => {
                    transaction.prepare(statement, Reads::Other).await
                }
                Kind::Link { statement } => transaction.prepare(statement, Reads::Other).await,
                Kind::Remove { statement, .. } => {
                    transaction.prepare(statement, Reads::Other).await
                }
            }
        }) as _
    });
    together(preparing).await?;
    let ready = steps.iter().all(|step| is_ready(transaction, step));
    let source = Source::of(transaction);
    let running = steps.iter_mut().map(|step| {
        Box::pin(async move {
            step.error = run(source, &mut step.kind, caller).await.err();
            Ok(())
        }) as _
    });
    // What has to wait for its being prepared would be overtaken by what comes behind it.
    if ready || running.len() == 1 {
        return together(running).await;
    }
    for running in running {
        let running: Asking<'_> = running;
        running.await?;
    }
    Ok(())
}

fn is_ready(transaction: &Transaction, step: &Step) -> bool {
    match &step.kind {
        Kind::Insert { statement, .. } => {
            transaction.is_prepared(statement, Reads::Tables(smallvec![statement.table]))
        }
        Kind::Update { statement, .. } | Kind::Follow { statement, .. } => {
            transaction.is_prepared(statement, Reads::Other)
        }
        Kind::Link { statement } => transaction.is_prepared(statement, Reads::Other),
        Kind::Remove { statement, .. } => transaction.is_prepared(statement, Reads::Other),
    }
}

async fn run(source: Source<'_>, kind: &mut Kind, caller: Caller) -> Result<()> {
    let done = match kind {
        Kind::Insert { statement, rows } => {
            let reads = Reads::Tables(smallvec![statement.table]);
            let request = request(&*statement, reads, caller);
            db::run(source, request, &mut |row: Row<'_>| rows.read(row)).await
        }
        Kind::Update {
            statement,
            returned,
            ..
        }
        | Kind::Follow {
            statement,
            returned,
            ..
        } => {
            let request = request(&*statement, Reads::Other, caller);
            db::run(source, request, &mut |row: Row<'_>| returned.read(&row)).await
        }
        Kind::Link { statement } => {
            let request = request(&*statement, Reads::Other, caller);
            db::run(source, request, &mut |_: Row<'_>| Ok(())).await
        }
        Kind::Remove {
            statement,
            returned,
            ..
        } => {
            let request = request(&*statement, Reads::Other, caller);
            db::run(source, request, &mut |row: Row<'_>| returned.read(&row)).await
        }
    };
    done.map(|_| ())
}

fn request<S: Statement>(statement: &S, reads: Reads, caller: Caller) -> Request<'_, S> {
    Request {
        statement,
        reads,
        page: Page::default(),
        writes: true,
        caller,
    }
}

impl Work {
    fn counts(&self) -> SessionCounts {
        let mut counts = SessionCounts::default();
        for todo in &self.todo {
            counts.pending += todo.inserts.len() as u64;
            counts.dirty += todo.updates.len() as u64;
            counts.deleted += todo.deletes.len() as u64;
        }
        counts
    }
}
