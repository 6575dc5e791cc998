//! A row of a session, and what is known about it.

use super::pending::Pending;
use super::reference::Place;
use super::refusal::{expired, gone};
use super::tracked::Tracked;
use crate::error::Result;
use crate::sql::ColumnInfo;
use crate::value::Encoded;

pub(super) struct Slot<E> {
    /// How many rows were here before.
    pub(super) generation: u32,
    /// Whether it is among those touched.
    pub(super) listed: bool,
    pub(super) content: Content<E>,
}

pub(super) enum Content<E> {
    Vacant,
    Pending(Box<dyn Pending<E>>),
    Row(Kept<E>),
}

/// A row that is, or was, in the database.
pub(super) struct Kept<E> {
    pub(super) row: E,
    /// Its columns as the database has them, if they may have changed here.
    pub(super) before: Option<Box<Encoded>>,
    pub(super) removed: Removed,
    /// Whether it has to be read again before it is used.
    pub(super) expired: bool,
    /// Which question it came with last; 0 for none.
    pub(super) set: u32,
    /// Which question it was read by; 0 for none.
    pub(super) read: u32,
    /// It was inserted, and that was undone with everything else: these columns are to be inserted again.
    pub(super) again: Option<&'static [&'static ColumnInfo]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removed {
    No,
    /// With the next flush.
    Wanted,
    /// It is gone, unless that is rolled back.
    Done,
}

/// What a read does with a row that is known already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It stays as it is, unless it has expired.
    Stays,
    /// It becomes what was read, unless it was changed: it is locked now.
    CleanIsRead,
    /// It becomes what was read, also where it was changed.
    IsRead,
}

impl<E: Tracked> Kept<E> {
    pub(super) fn new(row: E) -> Self {
        Self {
            row,
            before: None,
            removed: Removed::No,
            expired: false,
            set: 0,
            read: 0,
            again: None,
        }
    }

    /// Whether it becomes what is read.
    pub(super) fn is_read_by(&self, known: Known) -> bool {
        let is_read = match known {
            Known::Stays => false,
            Known::CleanIsRead => self.before.is_none(),
            Known::IsRead => true,
        };
        self.expired || is_read
    }

    pub(super) fn usable(&self, place: Place) -> Result<&Self> {
        if self.removed != Removed::No {
            return Err(gone::<E>(place));
        }
        if self.expired {
            return Err(expired::<E>(place));
        }
        Ok(self)
    }
}
