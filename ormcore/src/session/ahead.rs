//! What a flush sends ahead because other rows need its keys: questions for keys, and rows whose own inserts tell them.

use super::Session;
use super::returned::Returned;
use super::send::{ask, perform};
use super::steps::{Arenas, At, FlushKind, FlushStep, Work, WrongIn};
use crate::db::{Source, Transaction};
use crate::error::Result;
use crate::query::{Asking, together};
use std::panic::Location;

type Caller = &'static Location<'static>;

impl Work {
    /// The inserts that the plan begins with, as long as each is the only one of its table, and others wait for its key: sent
    /// ahead they need no question for keys, since of one row it is known whose key comes back. It takes as many round trips
    /// as to ask, and the order of inserts stays as it is.
    ///
    /// A row that itself refers to new ones has to wait for them; and where rows are removed, or changed in its table, they may
    /// have to make room first.
    pub(super) fn ahead(&mut self, arenas: &Arenas) -> Result<Vec<FlushStep>, WrongIn> {
        let mut steps = Vec::new();
        if self.wanted.is_empty() || self.todo.iter().any(|todo| !todo.deletes.is_empty()) {
            return Ok(steps);
        }
        for at in self.order.clone() {
            let (Some((_, arena)), Some(todo)) = (arenas.get(at), self.todo.get(at)) else {
                continue;
            };
            let slot = match todo.inserts.as_slice() {
                [] => continue,
                [slot]
                    if arena.table().key.len() == 1
                        && !self.is_changed(arena.table(), arenas)
                        && self.keyless(at, arenas) == [(at, *slot)] =>
                {
                    *slot
                }
                _ => break,
            };
            let mut refers = false;
            arena.show_keys(&[slot], &mut |_, column, key| {
                refers |= self.promised_to(arenas, at, column, key).is_some();
            });
            if refers {
                break;
            }
            let inserted = arena.insertions(&[slot], &|_| None, &mut |_, _, _| None);
            let inserted = inserted.map_err(|wrong| (at, wrong))?;
            steps.extend(inserted.into_iter().map(|new| new.into_step(at, &**arena)));
            if let Some(todo) = self.todo.get_mut(at) {
                todo.inserts.clear();
            }
        }
        Ok(steps)
    }

    /// The new rows of an arena that need a key before they are inserted, and have none of their own.
    pub(super) fn keyless(&self, at: usize, arenas: &Arenas) -> Vec<At> {
        let (Some((_, arena)), Some(todo)) = (arenas.get(at), self.todo.get(at)) else {
            return Vec::new();
        };
        let wanted = todo.inserts.iter().map(|slot| (at, *slot));
        let wanted = wanted.filter(|row| self.wanted.contains(row));
        wanted
            .filter(|row| arena.own_key(row.1).is_none())
            .collect()
    }

    /// The keys that came back with rows that were sent ahead.
    fn learn(&mut self, steps: &[FlushStep]) {
        for step in steps {
            if let (FlushKind::Insert { rows, .. }, [slot]) = (&step.kind, &*step.slots)
                && let Some(key) = rows.key()
            {
                self.made.insert((step.arena, *slot), key);
            }
        }
    }
}

impl Session {
    /// Sends what has to be known before the rest can be written, if there is such a thing, in one round trip. False, where
    /// it failed, as the steps say: then there is no rest.
    pub(super) async fn send_ahead(
        &self,
        transaction: &Transaction,
        work: &mut Work,
        steps: &mut [FlushStep],
        caller: Caller,
    ) -> Result<bool> {
        let questions = work.questions(&self.arenas);
        let mut answers: Vec<Returned> = Vec::with_capacity(questions.len());
        for (_, question) in &questions {
            answers.push(Returned::new(question.columns.clone(), 0));
        }
        if steps.is_empty() && questions.is_empty() {
            return Ok(true);
        }
        let source = Source::of(transaction);
        let asked = questions.iter().zip(&mut answers);
        let asking = asked.map(|((_, question), answer)| -> Asking<'_> {
            Box::pin(ask(source, question, answer, caller))
        });
        let writing: Asking<'_> = Box::pin(perform(transaction, steps, caller));
        let sent = together(asking.chain([writing])).await;
        if steps.iter().any(|step| step.error.is_some()) {
            return Ok(false);
        }
        sent?;
        for ((rows, _), answer) in questions.iter().zip(answers) {
            let keys = answer.rows.into_iter();
            work.answer(rows, keys.filter_map(|(_, mut key)| key.pop()).collect());
        }
        work.learn(steps);
        let is_there = |step: &FlushStep| {
            let FlushKind::Insert { rows, .. } = &step.kind else {
                return false;
            };
            step.error.is_none() && rows.key().is_some()
        };
        Ok(steps.iter().all(is_there))
    }
}
