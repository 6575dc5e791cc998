//! What a table is: plain static data that the derive writes.

use super::kind::is_same;
use super::{Kind, Rule, ScopeColumn};
use crate::value::{DecodeError, KeyValue, SqlType, Type, Value};
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
    /// Which of the table's rows these are, if not all.
    pub kind: Option<Kind>,
    /// The kinds of its rows, where one is read as one of several entities.
    pub kinds: &'static [&'static Table],
    /// The column that names the scope of a row, such as its tenant.
    pub scope: Option<&'static ScopeColumn>,
    /// The tables between this one and others that no entity is there for, and the others. Functions, because each may
    /// lead to the other.
    pub links: &'static [fn() -> (&'static Through, &'static Table)],
    /// Indexes besides those of keys and of what is unique.
    pub indexes: &'static [Index],
    /// What the database says about the table: its comment.
    pub description: Option<&'static str>,
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
    /// The expression that the database computes every value from.
    pub computed: Option<&'static str>,
    /// Whether no two rows may share a value.
    pub unique: bool,
    /// The names of constraints on it, where they are not PostgreSQL's own.
    pub constraints: &'static [&'static str],
    /// Whether values must never be shown, not even to those who ask for values.
    pub sensitive: bool,
    /// The table whose primary key the column holds.
    pub references: Option<Reference>,
    /// What values have to be like, before they are sent.
    pub rules: &'static [Rule],
    /// What the database says about the column: its comment.
    pub description: Option<&'static str>,
}

/// An index, as an entity describes it.
#[derive(Debug)]
pub struct Index {
    /// Its name, where it is not PostgreSQL's own.
    pub name: Option<&'static str>,
    /// Its columns.
    pub columns: &'static [&'static ColumnInfo],
    /// Whether no two rows may share their values.
    pub unique: bool,
    /// How it works, such as `gin`, where it is no B-tree.
    pub using: Option<&'static str>,
    /// Which rows it has, where it has not all.
    pub predicate: Option<&'static str>,
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

/// The table between two others, whose rows say which of theirs belong together.
#[derive(Debug)]
pub struct Through {
    /// The table, with the columns of both keys.
    pub table: &'static Table,
    /// The same, with nothing but the columns that hold the owner's key.
    pub owners: &'static Table,
    /// The columns that hold the target's key.
    pub there: &'static [&'static ColumnInfo],
}

/// A column that holds a part of a table's key; called by generated code, at compile time.
///
/// # Panics
/// When the key has another number of columns.
#[must_use]
pub const fn link_column(
    name: &'static str,
    table: &'static Table,
    part: usize,
    parts: usize,
) -> ColumnInfo {
    assert!(
        table.key.len() == parts,
        "a table between two others needs a column for each of their keys: name them in `here` and `there`"
    );
    let key = table.key[part];
    ColumnInfo {
        name,
        field: name,
        ty: key.ty,
        nullable: false,
        accepts: key.accepts,
        key: key.key,
        generated: false,
        default: None,
        computed: None,
        unique: false,
        constraints: &[],
        sensitive: key.sensitive,
        references: None,
        rules: &[],
        description: None,
    }
}

/// Refuses, at compile time, a key that several rows may have; called by generated code.
///
/// # Panics
/// When none of the columns is unique, and they are not the whole primary key.
pub const fn unique_key(columns: &[&ColumnInfo], table: &'static Table) {
    let mut unique = false;
    let mut whole = columns.len() == table.key.len();
    let mut at = 0;
    while at < columns.len() {
        unique = unique || columns[at].unique;
        whole = whole && is_among(columns[at].name, table.key);
        at += 1;
    }
    assert!(
        unique || whole,
        "`has_one` needs a key that no two rows share: put `unique` on its column, or make it a `has_many`"
    );
}

pub(super) const fn is_among(name: &str, columns: &[&ColumnInfo]) -> bool {
    let mut at = 0;
    while at < columns.len() {
        if is_same(name, columns[at].name) {
            return true;
        }
        at += 1;
    }
    false
}

impl Table {
    /// The columns that tell a row from all others: the key, and the scope where that is no part of it.
    pub(crate) fn identity(&self) -> impl Iterator<Item = &'static ColumnInfo> {
        let scope = self.scope.map(|scope| scope.column);
        let beside = scope.filter(|scope| !self.key.iter().any(|part| std::ptr::eq(*part, *scope)));
        self.key.iter().copied().chain(beside)
    }

    /// Where they are in the table.
    pub(crate) fn identity_positions(&self) -> Vec<usize> {
        let columns: Vec<_> = self.identity().collect();
        self.positions(&columns)
    }

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
    /// A column of which nothing is said but its name and type.
    pub(crate) const fn plain<T: Value>(name: &'static str) -> Self {
        Self {
            name,
            field: name,
            ty: T::TYPE,
            nullable: T::NULLABLE,
            accepts: <T as Value>::accepts,
            key: T::decode_key,
            generated: false,
            default: None,
            computed: None,
            unique: false,
            constraints: &[],
            sensitive: false,
            references: None,
            rules: &[],
            description: None,
        }
    }

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
