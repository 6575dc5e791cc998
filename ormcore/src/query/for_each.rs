//! Looking at rows while they arrive, without keeping them.

use super::find::Find;
use crate::db::{self, Batch, Executor, Reads, Request, Row, Source};
use crate::entity::{Column, Entity};
use crate::error::{Error, Result};
use crate::sql::{ColumnInfo, Operation, Output, Select};
use crate::telemetry::{Page, ResultSet};
use crate::value::Value;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

/// A row of `E` as it arrives, given to [`Find::for_each`]: columns are read only when they are asked for, and text is
/// not copied.
pub struct RowRef<'r, E> {
    row: Row<'r>,
    entity: PhantomData<fn() -> E>,
}

impl<'r, E: Entity> RowRef<'r, E> {
    /// The value of a column.
    ///
    /// # Errors
    /// When it cannot be read as the field's type.
    pub fn get<T: Value>(&self, column: Column<E, T>) -> Result<T> {
        self.row.get(position::<E>(column.info()))
    }

    /// The text of a column, as it stands in the row.
    ///
    /// # Errors
    /// When it is no text.
    pub fn text(&self, column: Column<E, String>) -> Result<&'r str> {
        self.row.text(position::<E>(column.info()))
    }

    /// The text of a column that may be NULL, as it stands in the row.
    ///
    /// # Errors
    /// When it is no text.
    pub fn maybe_text(&self, column: Column<E, Option<String>>) -> Result<Option<&'r str>> {
        self.row.maybe_text(position::<E>(column.info()))
    }

    /// The whole row, to keep.
    ///
    /// # Errors
    /// When a column cannot be read as its field.
    pub fn to_entity(&self) -> Result<E> {
        E::from_row(&self.row)
    }
}

fn position<E: Entity>(column: &'static ColumnInfo) -> usize {
    let is_it = |other: &&ColumnInfo| std::ptr::eq(*other, column);
    let found = E::TABLE.columns.iter().position(is_it);
    // A column of `E` is in its table; what is not there cannot be read, and says so.
    found.unwrap_or(usize::MAX)
}

impl<E> fmt::Debug for RowRef<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row.fmt(f)
    }
}

impl<E: Entity> Find<E> {
    /// Shows each row to `look` as it arrives, and returns how many there were. However many they are, they take the memory
    /// of a few.
    ///
    /// Once `look` fails it is not asked again; what still comes is read and dropped, so that the connection stays usable.
    ///
    /// # Errors
    /// When the statement fails, and the first error of `look`. [`ErrorKind::Usage`](crate::error::ErrorKind::Usage) with
    /// relations, which need all rows to be there.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let mut letters = 0;
    /// let users = User::find().for_each(db, |user| {
    ///     letters += user.text(User::NAME)?.len();
    ///     Ok(())
    /// });
    /// println!("{} users have {letters} letters", users.await?);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn for_each<'a>(
        self,
        executor: &'a impl Executor,
        mut look: impl FnMut(&RowRef<'_, E>) -> Result<()> + Send + 'a,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            if !self.withs.is_empty() {
                let message = "`.for_each(…)` sees one row at a time, so relations cannot be loaded; use `.all(&db)`";
                return Err(Error::usage(message).at(caller));
            }
            let (limit, offset) = (self.limit, self.offset);
            let batch = Batch::new(ResultSet::next(), self.lazy);
            let select = Select::new(Operation::Find, Output::Columns, self.base);
            let request = Request {
                statement: &select,
                reads: Reads::Table(E::TABLE),
                page: Page { limit, offset },
                writes: false,
                caller,
            };
            let done = db::run_alone(source, request, &mut |row: Row<'_>| {
                look(&RowRef {
                    row: row.among(&batch),
                    entity: PhantomData,
                })
            })
            .await?;
            Ok(done.rows)
        }
    }
}
