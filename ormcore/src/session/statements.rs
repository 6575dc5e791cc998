//! The statements of a flush for rows of one entity.

use super::erased::{AnyArena, DirtyRow, Insertion, Wrong};
use super::returned::Returned;
use super::steps::{FlushKind, FlushStep};
use super::todo::{is_key, wrong};
use crate::error::{Error, ErrorKind};
use crate::sql::{ColumnInfo, Table, WriteBack};
use crate::value::{ColumnValues, KeyValue, Keys, Param, column_of};

impl Insertion {
    pub(super) fn into_step(self, at: usize, arena: &dyn AnyArena) -> FlushStep {
        FlushStep {
            arena: at,
            slots: self.slots,
            kind: FlushKind::Insert {
                statement: self.statement,
                rows: arena.reader(),
            },
            error: None,
        }
    }
}

/// An update of rows in the same columns.
pub(super) fn write_back(
    at: usize,
    arena: &dyn AnyArena,
    set: &[usize],
    updates: Vec<DirtyRow>,
) -> Result<FlushStep, Wrong> {
    let table = arena.table();
    let mut columns: Vec<&'static ColumnInfo> = table.key.to_vec();
    let mut arrays = Vec::new();
    let mut array = |info: &'static ColumnInfo, parts: Vec<&[u8]>| {
        let array = column_of(info.ty, parts.into_iter());
        let slot = updates.first().map_or(0, |update| update.slot);
        arrays.push(array.map_err(|error| {
            let error = Error::new(ErrorKind::Encode, "a row cannot be sent").with_source(error);
            wrong(slot, Some(info), error)
        })?);
        Ok::<(), Wrong>(())
    };
    for (key, place) in table.key.iter().zip(table.positions(table.key)) {
        array(key, updates.iter().map(|row| row.now.part(place)).collect())?;
    }
    if let Some(version) = table.version {
        let versions = updates.iter();
        let versions = versions.map(|row| row.version.as_deref().unwrap_or_default());
        array(version, versions.collect())?;
        columns.push(version);
    }
    let found_by = columns.len();
    for place in set {
        if let Some(info) = table.columns.get(*place) {
            array(
                info,
                updates.iter().map(|row| row.now.part(*place)).collect(),
            )?;
            columns.push(info);
        }
    }
    let (returned, places) = returned(table);
    let keys = match returned.is_empty() {
        true => Vec::new(),
        false => updates.iter().map(|row| arena.key_of(&row.now)).collect(),
    };
    Ok(FlushStep {
        arena: at,
        slots: updates.iter().map(|update| update.slot).collect(),
        kind: FlushKind::Update {
            keys,
            statement: WriteBack {
                table,
                columns,
                found_by,
                arrays,
                returned: returned.clone(),
            },
            updates,
            returned: Returned::new(returned, table.key.len()),
            places,
        },
        error: None,
    })
}

/// What comes back of a row that was changed: what the database makes itself, its key before it. Besides the columns the
/// places of those without the key. Where the database makes nothing, nothing comes back.
pub(super) fn returned(table: &'static Table) -> (Vec<&'static ColumnInfo>, Vec<usize>) {
    let is = |one: Option<&ColumnInfo>, other: &ColumnInfo| {
        one.is_some_and(|one| std::ptr::eq(one, other))
    };
    let made = |column: &&'static ColumnInfo| {
        let made = column.generated || is(table.version, column) || is(table.updated, column);
        made && !is_key(table, column)
    };
    let made: Vec<_> = table.columns.iter().copied().filter(made).collect();
    if made.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let places = table.positions(&made);
    (table.key.iter().copied().chain(made).collect(), places)
}

/// Keys as arrays, part by part.
pub(super) fn key_arrays(table: &'static Table, keys: &[Keys]) -> Vec<ColumnValues> {
    let lists = key_lists(table, keys).into_iter();
    lists.map(ColumnValues::Plain).collect()
}

/// The same, where all of them are plain.
pub(super) fn key_lists(table: &'static Table, keys: &[Keys]) -> Vec<Param> {
    let parts = 0..table.key.len();
    let list = |part: usize| {
        let list: Vec<KeyValue> = keys
            .iter()
            .filter_map(|key| key.parts().get(part).cloned())
            .collect();
        Param::other(list)
    };
    parts.map(list).collect()
}

/// Two new rows must refer to each other, and neither can be inserted first.
pub(super) fn hopeless(table: &'static Table, column: usize, slot: u32) -> Wrong {
    let column = table.columns.get(column).copied();
    let field = column.map_or("", |column| column.field);
    let message = format!(
        "new rows refer to each other in a circle, and none of the keys may be NULL: make `{}::{field}` an `Option`, which is \
         then set behind the inserts",
        table.entity
    );
    wrong(slot, column, Error::usage(message))
}
