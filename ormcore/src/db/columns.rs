//! The columns of a result, looked at once per prepared statement instead of once per value.

use super::plan::Reader;
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{ColumnInfo, Table};
use crate::value::Type;
use smallvec::SmallVec;

/// Finds an entity's columns by name in a result that the caller's own SQL made.
pub(super) fn positions(
    table: &'static Table,
    columns: &[tokio_postgres::Column],
) -> Result<Box<[usize]>> {
    let find = |name: &'static str| {
        let mut found = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.name() == name)
            .map(|(position, _)| position);
        let first = found.next();
        if found.next().is_some() {
            let message = format!(
                "the result has several columns `{name}`, so that it is not clear which of them `{}` needs; give the \
                 others another name with AS",
                table.entity
            );
            return Err(Error::new(ErrorKind::Decode, message));
        }
        first.ok_or_else(|| {
            let message = format!(
                "the result has no column `{name}`, which `{}` needs; it has: {}",
                table.entity,
                columns
                    .iter()
                    .map(tokio_postgres::Column::name)
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            Error::new(ErrorKind::Decode, message)
        })
    };
    table
        .columns
        .iter()
        .map(|column| find(column.name))
        .collect()
}

/// Checks once per prepared statement what would otherwise be checked for every value.
pub(super) fn check_types<'c>(
    table: &'static Table,
    types: impl Iterator<Item = &'c tokio_postgres::Column>,
) -> Result<()> {
    let types: SmallVec<[_; 16]> = types.take(table.columns.len()).collect();
    check_columns(table, types.iter().copied())?;
    // What several kinds have is read by each in its own way.
    for kind in table.kinds {
        let place = |column: &&ColumnInfo| {
            let is_it = |other: &&ColumnInfo| other.name == column.name;
            table.columns.iter().position(is_it)
        };
        let places = kind.columns.iter().filter_map(place);
        check_columns(kind, places.filter_map(|place| types.get(place).copied()))?;
    }
    Ok(())
}

fn check_columns<'c>(
    table: &'static Table,
    mut types: impl Iterator<Item = &'c tokio_postgres::Column>,
) -> Result<()> {
    for column in table.columns {
        let found = types.next().map(tokio_postgres::Column::type_);
        if !found.is_some_and(column.accepts) {
            return Err(Error::new(
                ErrorKind::Decode,
                format!(
                    "column `{}` of {} has type {}, which the field `{}::{}` cannot be read from; it expects {}{}",
                    column.name,
                    place(table),
                    found.map_or("nothing", Type::name),
                    table.entity,
                    column.field,
                    column.ty.name(),
                    if column.ty.is_array() { "[]" } else { "" },
                ),
            ));
        }
    }
    Ok(())
}

/// What is read as an entity, which has a key, comes from a table.
fn place(table: &Table) -> String {
    match table.key {
        [] => "the result".to_owned(),
        _ => format!("table `{}`", table.name),
    }
}

/// The same for values that a query selects one by one.
pub(super) fn check_each(readers: &[Reader], columns: &[tokio_postgres::Column]) -> Result<()> {
    for (position, reader) in readers.iter().enumerate() {
        let found = columns.get(position).map(tokio_postgres::Column::type_);
        let (accepts, expected) = match reader {
            Reader::Column(column) => (column.accepts, column.ty),
            Reader::Value {
                accepts, expected, ..
            } => (*accepts, *expected),
        };
        if !found.is_some_and(accepts) {
            return Err(Error::new(
                ErrorKind::Decode,
                format!(
                    "column {} of the result has type {}, but is read as {}{}; a cast changes the type",
                    position + 1,
                    found.map_or("nothing", Type::name),
                    expected.name(),
                    if expected.is_array() { "[]" } else { "" },
                ),
            ));
        }
    }
    Ok(())
}
