//! What lies between tables as they are to be and tables as they are.

use super::live::{LiveColumn, LiveForeignKey, LiveTable};
use crate::sql::{ColumnInfo, ForeignKey, Layout, Wanted, WantedIndex};
use crate::value::{Definition, SqlType};

/// Something that a table lacks.
#[derive(Debug)]
pub(super) struct TableGap<'a> {
    pub(super) layout: &'a Layout,
    /// The table, if there is one.
    pub(super) live: Option<&'a LiveTable>,
    pub(super) lack: Lack<'a>,
    /// Whether another gap says it already: who misses a table misses its indexes too.
    pub(super) implied: bool,
}

/// What a table lacks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lack<'a> {
    /// Being there.
    Table,
    Column(&'a Wanted),
    /// A type that the field can hold.
    Type(&'a Wanted, &'a LiveColumn),
    /// That it is never NULL.
    Required(&'a Wanted),
    /// That it may be NULL.
    Nullable(&'a Wanted),
    /// A value for rows that leave it out.
    Default(&'a Wanted),
    /// That rows may bring their own value.
    Given(&'a Wanted, &'a LiveColumn),
    /// That the database computes it.
    Computed(&'a Wanted),
    /// A field for a column that new rows cannot leave out.
    Field(&'a LiveColumn),
    PrimaryKey,
    Unique(&'a [&'static ColumnInfo]),
    ForeignKey(&'a ForeignKey),
    /// What is to happen to its rows when the others change.
    Action(&'a ForeignKey, &'a LiveForeignKey),
    Index(&'a WantedIndex),
    /// A comment, on a column or on the table itself.
    Description(Option<&'a Wanted>, &'static str),
}

/// Something that a type lacks.
#[derive(Debug)]
pub(super) struct TypeGap {
    pub(super) definition: &'static Definition,
    /// The number of the type, if there is one.
    pub(super) oid: u32,
    pub(super) lack: TypeLack,
}

/// What a type lacks, or has and must not.
#[derive(Debug)]
pub(super) enum TypeLack {
    /// Being there.
    Type,
    /// Being of this form.
    Form,
    Labels {
        missing: Vec<&'static str>,
        unknown: Vec<String>,
    },
    Fields {
        missing: Vec<Field>,
        unknown: Vec<String>,
        /// Those of another type.
        other: Vec<Field>,
        /// Whether the names are the same, in the same order.
        same_names: bool,
    },
    /// Being a domain over this type.
    Base(SqlType),
}

/// A field of a composite type, as it is to be.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) ty: SqlType,
}
