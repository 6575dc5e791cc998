//! What an entity is: a struct that is a row of a table.

mod column;
mod condition;
mod key;
mod write;

pub use column::Column;
pub use condition::{Condition, IntoOrder, Order};
pub use key::{Key, same_key};
pub use write::{Arrays, Changes, Insertable, NewRow, Patch};

use crate::db::Row;
use crate::error::Result;
use crate::sql::Table;

/// A struct that is a row of a table. Derive it: `#[derive(ormcore::Entity)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    label = "not a row of a table",
    note = "derive it: `#[derive(ormcore::Entity)]`"
)]
pub trait Entity: Sized + Send + Sync + 'static {
    /// The type of the primary key; a tuple when it has several columns.
    type Key: Key;

    /// The table.
    const TABLE: &'static Table;

    /// The row's primary key.
    fn key(&self) -> Self::Key;

    /// Reads a row.
    ///
    /// # Errors
    /// When a column cannot be read as its field.
    fn from_row(row: &Row<'_>) -> Result<Self>;
}
