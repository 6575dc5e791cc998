//! How a transaction stands: what failed in it, and what has to be undone before anything else is sent.

use super::opening::Opening;
use crate::error::{Error, ErrorKind};

#[derive(Default)]
pub(super) struct Standing {
    pub(super) opening: Opening,
    /// Why it cannot be committed as it stands.
    failed: Option<Failure>,
    /// Why a part of it was undone, as long as nothing went well since.
    undone: Option<ErrorKind>,
    /// How many savepoints were ever made: each has a name of its own.
    savepoints: u32,
    /// A savepoint that was dropped: to be rolled back to before anything else is sent.
    undo: Option<u32>,
    /// Whether SQL in it may have set time limits.
    pub(super) sets_limits: bool,
}

struct Failure {
    reason: String,
    /// Whether that was only the failure of another, whose own reply may be heard later.
    aftermath: bool,
    /// Its kind, if running everything again may work.
    passing: Option<ErrorKind>,
}

impl Standing {
    /// A statement failed: whatever the server answers to COMMIT, nothing will be stored.
    pub(super) fn note(&mut self, error: &Error) {
        let refused = error.code().is_some() || error.is_fatal();
        if refused && self.failed.as_ref().is_none_or(|failed| failed.aftermath) {
            self.failed = Some(Failure {
                reason: format!("a statement in it failed: {error}"),
                aftermath: error.is_aftermath(),
                passing: passing(error),
            });
        }
    }

    /// Something was given up half-way: the server counts that as a failure, though nobody was refused anything.
    pub(super) fn spoil(&mut self, reason: &str) {
        self.failed.get_or_insert_with(|| Failure {
            reason: reason.to_owned(),
            aftermath: false,
            passing: None,
        });
    }

    /// A statement went well: what was undone before was not the last word.
    pub(super) fn went_well(&mut self) {
        self.undone = None;
    }

    pub(super) fn next_savepoint(&mut self) -> u32 {
        self.savepoints += 1;
        self.savepoints
    }

    /// Rolls back to a savepoint before the next statement is sent.
    pub(super) fn undo_later(&mut self, savepoint: u32) {
        // The outer one undoes the inner one too.
        self.undo = Some(self.undo.map_or(savepoint, |inner| inner.min(savepoint)));
    }

    /// The savepoint to roll back to, and with it the failures in it: those that come now are none of it.
    pub(super) fn take_undo(&mut self) -> Option<(u32, Option<ErrorKind>)> {
        let savepoint = self.undo.take()?;
        let failed = self.failed.take();
        Some((savepoint, failed.and_then(|failure| failure.passing)))
    }

    /// A savepoint was rolled back to, because of this.
    pub(super) fn undone(&mut self, reason: Option<ErrorKind>) {
        self.undone = reason;
    }

    /// Why it must not be committed. A failure inside a savepoint that is about to be undone is none of the outer
    /// transaction's business.
    pub(super) fn objection(&self) -> Option<&str> {
        let failed = self.failed.as_ref().filter(|_| self.undo.is_none());
        failed.map(|failure| failure.reason.as_str())
    }

    /// Why running everything again may work, whatever the work itself made of it: what failed last in the transaction.
    pub(super) fn passing(&self) -> Option<ErrorKind> {
        if self.opening.is_refused() {
            // A part of it may have been carried out.
            return None;
        }
        match &self.failed {
            Some(failure) => failure.passing,
            None => self.undone,
        }
    }
}

/// What kind of failure it is, if it may be gone the next time. Locks are for the caller to decide about.
pub(super) fn passing(error: &Error) -> Option<ErrorKind> {
    let passes = error.is_retryable() || error.kind() == ErrorKind::LockNotAvailable;
    passes.then_some(error.kind())
}
