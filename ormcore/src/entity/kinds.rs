//! Rows of several kinds in one table: what says of which kind a row is, and what becomes of it.

use super::{Column, Entity};
use crate::db::Row;
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{ColumnInfo, Table};
use crate::value::{KindName, Value};

/// The column that says of which kind a row is; called by generated code.
#[must_use]
pub const fn kind_column(name: &'static str, sql_type: Option<&'static str>) -> ColumnInfo {
    let ty = <KindName as Value>::TYPE;
    ColumnInfo {
        name,
        field: name,
        ty: match sql_type {
            Some(name) => ty.renamed(name),
            None => ty,
        },
        nullable: false,
        accepts: <KindName as Value>::accepts,
        key: <KindName as Value>::decode_key,
        generated: false,
        default: None,
        unique: false,
        constraints: &[],
        sensitive: false,
        references: None,
    }
}

/// Compiles only for columns of one type; called by generated code.
pub const fn same_type<A, B, T>(_: &Column<A, T>, _: &Column<B, T>) {}

/// What a row says of which kind it is; called by generated code.
///
/// # Errors
/// When it says nothing.
pub fn kind_name<'a>(row: &Row<'a>, column: usize) -> Result<&'a str> {
    row.text(column)
}

/// Whether rows that say so are this entity's; called by generated code.
#[must_use]
pub fn is_kind<E: Entity>(name: &str) -> bool {
    let kind = E::TABLE.kind.as_ref();
    kind.is_some_and(|kind| kind.value == name)
}

/// Reads a row of one kind, whose columns are at these places among those of all kinds; called by generated code.
///
/// # Errors
/// When it cannot be read.
pub fn read_kind<E: Entity>(row: &Row<'_>, places: &[usize]) -> Result<E> {
    row.picked(places, E::from_row)
}

/// The refusal to read a row of a kind that no variant is there for; called by generated code. It does not say which: that is
/// data.
#[cold]
#[must_use]
pub fn unknown_kind(table: &'static Table) -> Error {
    let kinds = table.kinds.iter().filter_map(|table| table.kind.as_ref());
    let column = kinds.clone().next().map_or("", |kind| kind.column.name);
    let known: Vec<&str> = kinds.map(|kind| kind.value).collect();
    Error::new(
        ErrorKind::Decode,
        format!(
            "column `{column}` of table `{}` says that a row is of a kind that `{}` has no variant for; it has `{}`",
            table.name,
            table.entity,
            known.join("`, `")
        ),
    )
}
