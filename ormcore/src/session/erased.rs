//! What a session asks of its arenas, whatever entity they are for.

use super::pending::RawPart;
use super::promises::Promised;
use super::reference::Place;
use super::shown::Shown;
use super::tracked::Lead;
use crate::db::Row;
use crate::entity::Check;
use crate::error::{Error, Result};
use crate::sql::{self, ColumnInfo, Table};
use crate::value::{Encoded, KeyValue, Keys};
use std::any::Any;
use std::collections::HashSet;

/// What a flush has to do with the rows of one entity.
#[derive(Default)]
pub(super) struct Todo {
    pub(super) inserts: Vec<u32>,
    pub(super) updates: Vec<DirtyRow>,
    /// With the version each had.
    pub(super) deletes: Vec<LeavingRow>,
}

/// A row that changed.
pub(super) struct DirtyRow {
    pub(super) slot: u32,
    /// The places of the columns that changed.
    pub(super) columns: Vec<usize>,
    pub(super) now: Encoded,
    /// The version that the database is taken to have, if rows have one.
    pub(super) version: Option<Vec<u8>>,
    /// The columns in which a real key has taken the place of one that was promised.
    pub(super) resolved: Vec<usize>,
}

/// A row that is to be removed, as the database has it.
pub(super) struct LeavingRow {
    pub(super) slot: u32,
    pub(super) before: Encoded,
}

impl Todo {
    /// A row that is written.
    pub(super) fn first(&self) -> Option<u32> {
        let inserts = self.inserts.iter().copied();
        let updates = self.updates.iter().map(|row| row.slot);
        let deletes = self.deletes.iter().map(|row| row.slot);
        inserts.chain(updates).chain(deletes).next()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first().is_none()
    }
}

/// New rows that go into one statement.
pub(super) struct Insertion {
    pub(super) slots: Vec<u32>,
    pub(super) statement: sql::Insert,
}

/// Something is wrong with one row.
pub(super) struct Wrong {
    pub(super) slot: u32,
    pub(super) columns: Vec<&'static str>,
    pub(super) error: Error,
}

/// What is put in the place of a key: by the slot and the column that it is in.
pub(super) type Replace<'a> = dyn FnMut(u32, usize, KeyValue) -> Option<RawPart> + 'a;

/// An arena, whatever it is for.
pub(super) trait AnyArena: Any + Send + Sync {
    fn table(&self) -> &'static Table;
    fn leads(&self) -> &[Lead];

    /// The columns that hold another row's key together with others.
    fn parts_of_leads(&self) -> Vec<Lead>;

    fn place(&self, slot: u32) -> Place;

    /// Whether a handle leads to a row that is to stay, or, `leaving`, to one that the next flush removes.
    fn is_live(&self, place: Place, leaving: bool) -> bool;

    /// Whether it is, or was, in the database.
    fn is_stored(&self, slot: u32) -> bool;

    /// Forgets a row that is to stay.
    fn forget(&mut self, place: Place);

    /// What there is to do. `strict`: what cannot be written is refused, and not only counted.
    fn todo(&self, strict: bool) -> Result<Todo, Wrong>;

    /// Looks at what is to be written by the rules of its columns, and returns the rows of which they refuse something.
    fn check(&self, todo: &Todo, check: &mut Check) -> Vec<u32>;

    /// The columns a new row gives values for.
    fn given(&self, slot: u32) -> Vec<&'static ColumnInfo>;

    /// The keys that stand for others: those that were promised for rows, and those of rows that are to be inserted again.
    fn promised(&self) -> Vec<Promised>;

    /// Keys that were promised for rows that are not there any more.
    fn broken(&self) -> &HashSet<KeyValue>;

    /// Which statement for new rows each of these is in: those of a lower number are sent before.
    fn ranks(&self, slots: &[u32]) -> Vec<usize>;

    /// Shows the keys of other rows in new rows.
    fn show_keys(&self, slots: &[u32], see: &mut dyn FnMut(u32, usize, KeyValue));

    /// The key that a new row has of itself.
    fn own_key(&self, slot: u32) -> Option<Keys>;

    /// The statements for new rows. `made` are keys that were asked for beforehand.
    fn insertions(
        &self,
        slots: &[u32],
        made: &dyn Fn(u32) -> Option<RawPart>,
        replace: &mut Replace<'_>,
    ) -> Result<Vec<Insertion>, Wrong>;

    /// The value of a column as a key.
    fn key_in(&self, encoded: &Encoded, column: usize) -> Option<KeyValue>;

    /// A whole row as the database has it.
    fn stored(&self, slot: u32) -> Option<Encoded>;

    /// The same, where it may have changed here.
    fn before(&self, slot: u32) -> Option<&Encoded>;

    /// The rows written since the last commit, as they are now, or those that were removed.
    fn written(&self, removed: bool) -> Vec<(u32, Encoded)>;

    /// The key in a whole row.
    fn key_of(&self, encoded: &Encoded) -> Keys;

    /// Reads whole rows.
    fn reader(&self) -> Box<dyn ReadRows>;

    /// These were inserted, and read by a reader. Returns rows that have gone: new ones have their keys.
    fn inserted(&mut self, slots: &[u32], rows: Box<dyn Any + Send>) -> Result<Vec<Place>>;

    /// This was updated, and the database made these values for it.
    fn updated(&mut self, update: DirtyRow, returned: &[(usize, RawPart)]) -> Result<()>;

    /// A column was set behind the insert.
    fn set(&mut self, slot: u32, column: usize, part: &RawPart) -> Result<()>;

    /// This was removed.
    fn removed(&mut self, slot: u32);

    /// Rows whose column holds one of these keys went with the rows they refer to; returns them with their own keys.
    fn remove_referring(&mut self, column: usize, keys: &[Keys]) -> Vec<(Place, Keys)>;

    /// Such columns are NULL now.
    fn clear_referring(&mut self, column: usize, keys: &[Keys]);

    /// The values of some columns of a row, as a key.
    fn keys_in(&self, slot: u32, columns: &[&'static ColumnInfo]) -> Option<Keys>;

    /// Whether the row with this key is here, as it can be used.
    fn is_known(&self, key: &Keys) -> bool;

    /// The row with this key, or the one that it was promised to.
    fn find(&self, key: &Keys) -> Option<Place>;

    /// Keeps what is to be written in mind, until it is: hooks may change it.
    fn remember(&mut self);

    /// Makes it again what it was.
    fn recall(&mut self);

    /// New rows that have come since.
    fn added(&mut self) -> Vec<Place>;

    /// Hooks have changed what is not written now.
    fn note_echoes(&mut self);

    /// Everything touched was written.
    fn flushed(&mut self);

    /// How much was flushed since the last commit.
    fn mark(&self) -> usize;

    /// Makes everything as it was at the mark; what was not flushed is undone too.
    fn roll_back(&mut self, mark: usize);

    /// What was flushed since the mark is to be flushed again.
    fn unflush(&mut self, mark: usize);

    /// What was flushed stays.
    fn committed(&mut self, expire: bool);

    /// All rows have to be read again.
    fn expire(&mut self);

    /// Rows that were read behind the question `since`, and showed what is undone, have to be read again.
    fn expire_shown(&mut self, shown: &Shown, since: u32);
}

/// Reads the rows of one entity.
pub(super) trait ReadRows: Send + Sync {
    fn read(&mut self, row: Row<'_>) -> Result<()>;
    fn count(&self) -> usize;

    /// The key of the first one, where it has one part.
    fn key(&self) -> Option<RawPart>;

    fn into_rows(self: Box<Self>) -> Box<dyn Any + Send>;
}
