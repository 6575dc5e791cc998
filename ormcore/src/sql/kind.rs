//! Tables that hold several kinds of rows: what is checked, and gathered, at compile time.

use super::{ColumnInfo, Table};

/// Which of the rows of a table an entity is: those that have this in a column.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The column that says of which kind a row is; the last one of the entity.
    pub column: &'static ColumnInfo,
    /// What it has in the rows of this kind.
    pub value: &'static str,
}

/// Refuses, at compile time, two entities that are no kinds of rows of one table; called by generated code.
///
/// # Panics
/// When they are not.
pub const fn kinds_of_one_table(one: &'static Table, other: &'static Table) {
    assert!(
        one.kind.is_some() && other.kind.is_some(),
        "a variant holds an entity that is one kind of a table's rows: `#[orm(table = \"…\", kind(column = \"…\", value = \"…\"))]`"
    );
    assert!(
        is_same(one.name, other.name) && is_same_if_any(one.schema, other.schema),
        "the variants are kinds of rows of one table: their entities have the same `table` and `schema`"
    );
    if let (Some(kind), Some(other_kind)) = (&one.kind, &other.kind) {
        assert!(
            is_same(kind.column.name, other_kind.column.name)
                && is_same(kind.column.ty.name(), other_kind.column.ty.name()),
            "one column says of which kind a row is: the entities have the same `column` and `type` in `kind`"
        );
    }
    assert!(
        is_same_column(one.version, other.version)
            && is_same_column(one.updated, other.updated)
            && is_same_column(one.deleted, other.deleted),
        "the kinds of a table have the same columns for `version`, `updated` and `soft_delete`, or none of them has any"
    );
    assert!(
        match (one.scope, other.scope) {
            (Some(one), Some(other)) => is_same(one.column.name, other.column.name),
            (None, None) => true,
            _ => false,
        },
        "the kinds of a table have the same column for `scope`, or none of them has any"
    );
    let mut same = one.key.len() == other.key.len();
    let mut at = 0;
    while same && at < one.key.len() {
        same = is_same(one.key[at].name, other.key[at].name);
        at += 1;
    }
    assert!(
        same,
        "the kinds of a table have one primary key: the same columns, in the same order"
    );
    let mut at = 0;
    while at < other.columns.len() {
        let column = other.columns[at];
        if let Some(place) = place(column.name, one.columns) {
            let ty = one.columns[place].ty;
            assert!(
                is_same(ty.name(), column.ty.name()) && ty.is_array() == column.ty.is_array(),
                "a column that several kinds have is of one type"
            );
        }
        at += 1;
    }
}

/// Refuses, at compile time, two kinds that cannot be told apart; called by generated code.
///
/// # Panics
/// When they have the same value.
pub const fn other_kind(one: &'static Table, other: &'static Table) {
    if let (Some(one), Some(other)) = (&one.kind, &other.kind) {
        assert!(
            !is_same(one.value, other.value),
            "two variants have the same `value` in `kind`: a row could be either"
        );
    }
}

/// Refuses, at compile time, columns of different names; called by generated code.
///
/// # Panics
/// When their names differ.
pub const fn one_column(one: &'static ColumnInfo, other: &'static ColumnInfo) {
    assert!(
        is_same(one.name, other.name),
        "a column that all kinds have goes by one name in the table"
    );
}

/// How many columns these tables have, each name counted once; called by generated code.
#[must_use]
pub const fn columns_of_kinds(kinds: &'static [&'static Table]) -> usize {
    let mut count = 0;
    let mut kind = 0;
    while kind < kinds.len() {
        let mut at = 0;
        while at < kinds[kind].columns.len() {
            if is_first(kinds, kind, at) {
                count += 1;
            }
            at += 1;
        }
        kind += 1;
    }
    count
}

/// Those columns; called by generated code.
#[must_use]
pub const fn gathered<const N: usize>(
    kinds: &'static [&'static Table],
) -> [&'static ColumnInfo; N] {
    let mut gathered = [kinds[0].columns[0]; N];
    let mut count = 0;
    let mut kind = 0;
    while kind < kinds.len() {
        let mut at = 0;
        while at < kinds[kind].columns.len() {
            if is_first(kinds, kind, at) {
                gathered[count] = kinds[kind].columns[at];
                count += 1;
            }
            at += 1;
        }
        kind += 1;
    }
    gathered
}

/// Where the columns of one kind are among those of all; called by generated code.
#[must_use]
pub const fn places_of_kind<const N: usize>(
    kind: &'static Table,
    all: &[&'static ColumnInfo],
) -> [usize; N] {
    let mut places = [0; N];
    let mut at = 0;
    while at < N {
        if let Some(place) = place(kind.columns[at].name, all) {
            places[at] = place;
        }
        at += 1;
    }
    places
}

/// Whether no table before this one, and no column before it, has a column of the name.
const fn is_first(kinds: &'static [&'static Table], kind: usize, at: usize) -> bool {
    let name = kinds[kind].columns[at].name;
    let mut before = 0;
    while before < kind {
        if place(name, kinds[before].columns).is_some() {
            return false;
        }
        before += 1;
    }
    true
}

const fn place(name: &str, columns: &[&'static ColumnInfo]) -> Option<usize> {
    let mut at = 0;
    while at < columns.len() {
        if is_same(name, columns[at].name) {
            return Some(at);
        }
        at += 1;
    }
    None
}

const fn is_same_column(
    one: Option<&'static ColumnInfo>,
    other: Option<&'static ColumnInfo>,
) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => is_same(one.name, other.name),
        (None, None) => true,
        _ => false,
    }
}

const fn is_same_if_any(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => is_same(one, other),
        (None, None) => true,
        _ => false,
    }
}

pub(crate) const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
