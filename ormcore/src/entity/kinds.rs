//! Rows of several kinds in one table: what says of which kind a row is, and what becomes of it.

use super::{Check, Column, Entity};
use crate::db::Row;
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{ColumnInfo, Expr, Kind, Table};
use crate::value::KindName;
use std::any::TypeId;

/// An enum whose rows may be of the kind `K`; written by the derive. The rows of every entity are of its own.
#[diagnostic::on_unimplemented(
    message = "`{K}` is no kind of `{Self}`",
    label = "no variant of `{Self}` holds a `{K}`"
)]
pub trait Holds<K> {
    /// The row as what it is, if it is of this kind.
    #[doc(hidden)]
    fn held(&self) -> Option<&K>;

    /// The same, to be changed.
    #[doc(hidden)]
    fn held_mut(&mut self) -> Option<&mut K>;
}

#[diagnostic::do_not_recommend]
impl<E> Holds<E> for E {
    fn held(&self) -> Option<&E> {
        Some(self)
    }

    fn held_mut(&mut self) -> Option<&mut E> {
        Some(self)
    }
}

/// The key of a kind, which is of the type that the first kind's is; called by generated code.
#[diagnostic::on_unimplemented(
    message = "the kinds of a table have one primary key, of one type",
    label = "the key of this kind is of type `{Self}`, and that of the first of type `{K}`"
)]
pub trait SameKey<K> {
    /// That it is.
    const CHECKED: () = ();

    /// The same key.
    fn same(self) -> K;
}

#[diagnostic::do_not_recommend]
impl<K> SameKey<K> for K {
    fn same(self) -> K {
        self
    }
}

/// What tells the rows of a kind among those of an enum; nothing, where they are all.
pub(crate) fn told_by<K: Entity, E: Entity + Holds<K>>() -> Option<&'static Kind> {
    match TypeId::of::<K>() == TypeId::of::<E>() {
        true => None,
        false => K::TABLE.kind.as_ref(),
    }
}

/// What holds for rows of a kind, among those of an enum: it holds for no others.
pub(super) fn among_kinds<K: Entity, E: Entity + Holds<K>>(expr: Expr) -> Expr {
    let Some(kind) = told_by::<K, E>() else {
        return expr;
    };
    let is_it = vec![Expr::Column(kind.column), Expr::Literal(kind.value)];
    Expr::Words(&["", " = ", ""], is_it).and(expr)
}

/// The column that says of which kind a row is; called by generated code.
#[must_use]
pub const fn kind_column(name: &'static str, sql_type: Option<&'static str>) -> ColumnInfo {
    let plain = ColumnInfo::plain::<KindName>(name);
    ColumnInfo {
        ty: match sql_type {
            Some(name) => plain.ty.renamed(name),
            None => plain.ty,
        },
        ..plain
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

/// Looks at a column of all kinds in a row of one; called by generated code.
pub fn check_kind<E: Entity>(row: &E, places: &[usize], at: usize, check: &mut Check) {
    if let Some(column) = places.iter().position(|place| *place == at) {
        row.check(column, check);
    }
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
