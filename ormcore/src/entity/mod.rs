//! What an entity is: a struct that is a row of a table.

mod aggregate;
mod alias;
mod assign;
mod case;
mod column;
mod columns;
mod condition;
mod excluded;
mod expression;
mod fragment;
mod key;
mod marks;
mod operators;
mod order;
mod projection;
mod ranking;
mod violation;
mod window;
mod write;

pub use aggregate::{Aggregate, count};
pub use alias::Alias;
pub use assign::Assignment;
pub use case::{Case, case};
pub use column::Column;
pub use columns::Columns;
pub use condition::{Condition, IntoCondition};
pub use excluded::excluded;
pub use expression::{Argument, Expression, Term};
pub use fragment::{Fragment, Part, fragment};
pub use key::{Key, leads_to, same_key};
pub use marks::{Counter, SoftDelete, Versioned, is_moment};
pub use operators::{Now, Unit, now, random};
pub use order::{IntoOrder, Order};
pub use projection::{Projection, Selection, SubSelect, Subquery, Whole, row};
pub use ranking::{Ranking, cume_dist, dense_rank, ntile, percent_rank, rank, row_number};
pub use window::{Edge, Window};
pub use write::{Arrays, Changes, CopyRow, Insertable, NewRow, Patch};

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
