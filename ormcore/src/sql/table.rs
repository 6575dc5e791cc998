//! What a table is: plain static data that the derive writes.

use crate::value::{DecodeError, KeyValue, SqlType, Type};
use std::fmt;

/// A table, as an entity describes it.
#[derive(Debug)]
pub struct Table {
    /// The schema, unless the search path finds the table.
    pub schema: Option<&'static str>,
    /// The table's name.
    pub name: &'static str,
    /// The entity's name, for messages.
    pub entity: &'static str,
    /// The columns in the order of the entity's fields.
    pub columns: &'static [&'static ColumnInfo],
    /// The columns of the primary key.
    pub key: &'static [&'static ColumnInfo],
    /// The column that counts the changes of a row.
    pub version: Option<&'static ColumnInfo>,
    /// The column with the moment of a row's last change.
    pub updated: Option<&'static ColumnInfo>,
    /// The column with the moment when a row was marked as deleted.
    pub deleted: Option<&'static ColumnInfo>,
}

/// A column, as a field describes it.
pub struct ColumnInfo {
    /// The column's name.
    pub name: &'static str,
    /// The field's name, for messages.
    pub field: &'static str,
    /// PostgreSQL's type of the column.
    pub ty: SqlType,
    /// Whether the field is an `Option`.
    pub nullable: bool,
    /// Whether a result column of that type can be read into the field.
    pub accepts: fn(&Type) -> bool,
    /// Reads a value of the column as (part of) a key.
    pub key: fn(&Type, Option<&[u8]>) -> Result<KeyValue, DecodeError>,
    /// Whether the database makes the value when a row is inserted.
    pub generated: bool,
    /// The expression that stands in for a value that is left out.
    pub default: Option<&'static str>,
    /// Whether no two rows may share a value.
    pub unique: bool,
    /// The names of constraints on it, where they are not PostgreSQL's own.
    pub constraints: &'static [&'static str],
    /// Whether values must never be shown, not even to those who ask for values.
    pub sensitive: bool,
    /// The table whose primary key the column holds.
    pub references: Option<Reference>,
}

/// A foreign key to the primary key of another table.
#[derive(Debug)]
pub struct Reference {
    /// The other table. A function, because two tables may refer to each other.
    pub table: fn() -> &'static Table,
    /// What happens to this row when the other is deleted, such as `cascade`.
    pub on_delete: Option<&'static str>,
    /// What happens to this row when the other's key changes.
    pub on_update: Option<&'static str>,
}

impl Table {
    /// Where these columns are in the table.
    pub(crate) fn positions(&self, columns: &[&'static ColumnInfo]) -> Vec<usize> {
        let position = |column: &&'static ColumnInfo| {
            let is_it = |other: &&ColumnInfo| std::ptr::eq(*other, *column);
            self.columns.iter().position(is_it)
        };
        columns.iter().filter_map(position).collect()
    }
}

impl ColumnInfo {
    /// Whether a value beside the column is taken for one of its type: beside a composite value any record may stand.
    pub(crate) fn tells_type(&self) -> bool {
        !self.ty.is_composite()
    }
}

impl fmt::Debug for ColumnInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)
    }
}
