//! What is written: the values of a new row, of many new rows, and of changed columns.

use super::Entity;
use crate::sql::{ColumnInfo, Expr};
use crate::value::{ColumnValues, Param, Value};

/// What inserting an entity needs. `#[orm(insert(NewUser))]` writes such a struct.
pub trait Insertable: Sized + Send + 'static {
    /// The entity that is inserted.
    type Entity: Entity;

    /// The columns it has values for.
    const COLUMNS: &'static [&'static ColumnInfo];

    /// Gives the values of one row.
    fn row(self, row: &mut NewRow);

    /// Gives the values of many rows, column by column, in the order of `COLUMNS`.
    fn arrays(rows: Vec<Self>, arrays: &mut Arrays);
}

/// The values of one new row.
#[derive(Debug, Default)]
pub struct NewRow {
    pub(crate) columns: Vec<&'static ColumnInfo>,
    pub(crate) values: Vec<Param>,
}

impl NewRow {
    /// Sets a column.
    pub fn set<T: Value>(&mut self, column: &'static ColumnInfo, value: T) {
        self.columns.push(column);
        self.values.push(value.into_param());
    }

    /// Sets a column that has a default, unless the value is left to the database.
    pub fn set_default<T: Value>(&mut self, column: &'static ColumnInfo, value: Option<T>) {
        if let Some(value) = value {
            self.set(column, value);
        }
    }
}

/// The values of many new rows, an array for each column.
#[derive(Debug, Default)]
pub struct Arrays(pub(crate) Vec<ColumnValues>);

impl Arrays {
    /// The next column.
    pub fn push<T: Value>(&mut self, column: Vec<T>) {
        self.0.push(T::into_column(column));
    }

    /// The next column, which has a default: rows without a value leave it to the database.
    pub fn push_default<T: Value>(&mut self, column: Vec<Option<T>>) {
        self.0.push(T::into_nullable_column(column));
    }
}

/// Some columns of an entity with new values. `#[orm(patch(UserPatch))]` writes such a struct.
pub trait Patch: Send {
    /// The entity that is changed.
    type Entity: Entity;

    /// Gives the columns that change.
    fn changes(self, changes: &mut Changes);
}

/// Columns and their new values.
#[derive(Debug, Default)]
pub struct Changes(pub(crate) Vec<(&'static ColumnInfo, Expr)>);

impl Changes {
    /// Changes a column; of several values for one column the last counts.
    pub fn set<T: Value>(&mut self, column: &'static ColumnInfo, value: T) {
        self.put(column, Expr::Value(value.into_param()));
    }

    pub(crate) fn put(&mut self, column: &'static ColumnInfo, value: Expr) {
        let earlier = self
            .0
            .iter_mut()
            .find(|(other, _)| std::ptr::eq(*other, column));
        match earlier {
            Some(change) => change.1 = value,
            None => self.0.push((column, value)),
        }
    }
}
