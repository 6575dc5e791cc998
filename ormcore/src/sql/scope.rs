//! The scope of rows, such as the tenant they belong to: which column names it, which one a statement is about, and what is
//! wrong with a statement that does not say.

use super::table::is_among;
use super::{ColumnInfo, Shape, Table};
use crate::error::{Error, ErrorKind};
use crate::value::{KeyType, KeyValue, Param, Value};
use std::any::{TypeId, type_name};

/// The column that names the scope of a table's rows. Tables with columns of one Rust type have their scopes in common.
#[derive(Debug)]
pub struct ScopeColumn {
    pub(crate) column: &'static ColumnInfo,
    ty: fn() -> TypeId,
    name: fn() -> &'static str,
}

impl ScopeColumn {
    /// A column whose field has this type; called by generated code.
    #[must_use]
    pub const fn of<T: KeyType + Value<Scalar = T>>(column: &'static ColumnInfo) -> Self {
        Self {
            column,
            ty: TypeId::of::<T>,
            name: type_name::<T>,
        }
    }

    /// The same scope, named by a column of another table; called by generated code.
    #[must_use]
    pub const fn named_by(&self, column: &'static ColumnInfo) -> Self {
        Self { column, ..*self }
    }

    /// Whether both name scopes of one kind.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.ty)() == (other.ty)()
    }
}

/// The column of a table between two others that names the scope of both; called by generated code, at compile time.
#[must_use]
pub const fn link_scope(column: &'static ColumnInfo) -> ColumnInfo {
    ColumnInfo {
        generated: false,
        default: None,
        unique: false,
        constraints: &[],
        references: None,
        rules: &[],
        description: None,
        ..*column
    }
}

/// Whether a table has scopes that its links have too; called by generated code, at compile time.
#[must_use]
pub const fn shares_scope(table: &'static Table) -> bool {
    table.scope.is_some()
}

/// Whether a table has scopes that none of these columns names; called by generated code, at compile time.
#[must_use]
pub const fn scope_is_beside(table: &'static Table, columns: &[&ColumnInfo]) -> bool {
    match table.scope {
        Some(scope) => !is_among(scope.column.name, columns),
        None => false,
    }
}

/// The column that names the scope of a table that has some; called by generated code, at compile time.
#[must_use]
pub const fn scope_column(table: &'static Table) -> &'static ColumnInfo {
    match table.scope {
        Some(scope) => scope.column,
        // Nobody looks at it.
        None => table.key[0],
    }
}

/// What is said about the scope of a statement, or of a part of it.
#[derive(Debug)]
pub(crate) enum Said {
    /// It is about the rows of all scopes.
    All,
    /// It is about the rows of this one.
    One(ScopeValue),
}

/// The name of one scope.
#[derive(Debug)]
pub(crate) struct ScopeValue {
    key: KeyValue,
    param: Param,
    ty: TypeId,
    name: &'static str,
}

impl ScopeValue {
    pub(crate) fn new<T: KeyType>(value: &T) -> Self {
        Self::known(value.key_value(), TypeId::of::<T>(), type_name::<T>())
    }

    /// The value of such a column.
    pub(crate) fn of(key: KeyValue, scope: &ScopeColumn) -> Self {
        Self::known(key, (scope.ty)(), (scope.name)())
    }

    fn known(key: KeyValue, ty: TypeId, name: &'static str) -> Self {
        let param = Param::other(key.clone());
        Self {
            key,
            param,
            ty,
            name,
        }
    }

    /// The value, for a row of this table.
    ///
    /// # Errors
    /// When the table's scopes are named by values of another type.
    pub(crate) fn for_row(
        &self,
        table: &'static Table,
        scope: &ScopeColumn,
    ) -> Result<&KeyValue, Unscoped> {
        match self.ty == (scope.ty)() {
            true => Ok(&self.key),
            false => Err(Unscoped::Otherwise(table, self.name)),
        }
    }
}

/// Why a statement about a table with scopes is not sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unscoped {
    /// Nothing is said about the scope.
    Missing(&'static Table),
    /// Nothing is said about the scope of a new row.
    New(&'static Table),
    /// The scope that is said has a name of this type.
    Otherwise(&'static Table, &'static str),
    /// Rows of these two are to be linked, and are not of the links' scope.
    Across(&'static Table, &'static Table),
}

impl From<Unscoped> for Error {
    #[cold]
    fn from(unscoped: Unscoped) -> Self {
        let (table, kind) = match unscoped {
            Unscoped::Missing(table) | Unscoped::New(table) => (table, ErrorKind::ScopeMissing),
            Unscoped::Otherwise(table, _) | Unscoped::Across(table, _) => (table, ErrorKind::Usage),
        };
        let (entity, scope) = (table.entity, table.scope);
        let column = scope.map_or("", |scope| scope.column.name);
        let ty = scope.map_or("", |scope| (scope.name)());
        let message = match unscoped {
            Unscoped::Missing(_) => format!(
                "rows of `{entity}` are scoped by their column `{column}`, and the statement does not say of which scope: take \
                 a handle that does, `db.scope(…)`, say `.scope(…)` in the statement, or `.all_scopes()` if it is meant for the \
                 rows of all"
            ),
            Unscoped::New(_) => format!(
                "a new `{entity}` is of one scope, which its column `{column}` names, and the statement does not say which: take \
                 a handle that does, `db.scope(…)`, or say `.scope(…)` in the statement"
            ),
            Unscoped::Otherwise(_, said) => format!(
                "rows of `{entity}` are scoped by their column `{column}`, a `{ty}`, and the scope of the statement is a \
                 `{said}`; say one of that type"
            ),
            Unscoped::Across(_, other) => format!(
                "links between `{entity}` and `{}` are of one scope, and so are the rows they link; these rows are not of the \
                 scope of the handle, or of the row that is linked: take a handle of their scope, `db.scope(…)`, and link rows \
                 that it finds",
                other.entity
            ),
        };
        Self::new(kind, message)
    }
}

/// What is said of the scope where the next words stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Within {
    /// Nothing: no table that has scopes can be named.
    #[default]
    Nothing,
    /// All of them.
    All,
    /// One, whose value has this placeholder, if it has one already.
    One(Option<usize>),
}

impl From<Option<&Said>> for Within {
    #[inline]
    fn from(said: Option<&Said>) -> Self {
        match said {
            None => Self::Nothing,
            Some(Said::All) => Self::All,
            Some(Said::One(_)) => Self::One(None),
        }
    }
}

impl<'a> Shape<'a> {
    /// The shape of a statement about whose scope this is said, unless it says something itself.
    pub(crate) fn within(said: Option<&'a Said>) -> Self {
        let mut shape = Self::default();
        shape.hear(said);
        shape
    }

    /// Why the statement must not be sent, if so.
    pub(crate) fn unscoped(&self) -> Option<Unscoped> {
        self.unscoped
    }

    /// What is said of the scope before the first word, as well as behind the last.
    pub(crate) fn begins_within(&self) -> Within {
        match self.within {
            Within::One(_) => Within::One(None),
            within => within,
        }
    }

    /// Takes in what is said, if anything is, until the words are over.
    pub(super) fn hear_out(&mut self, said: Option<&'a Said>, words: impl FnOnce(&mut Self)) {
        let before = (self.within, self.scope);
        let heard = self.hear(said);
        words(self);
        if heard {
            (self.within, self.scope) = before;
        }
    }

    fn hear(&mut self, said: Option<&'a Said>) -> bool {
        match said {
            None => return false,
            Some(Said::All) => self.scope = None,
            Some(Said::One(value)) => self.scope = Some(value),
        }
        self.within = said.into();
        true
    }

    /// The scope's value, and where it is bound already.
    pub(super) fn value_of(
        &mut self,
        table: &'static Table,
        scope: &ScopeColumn,
    ) -> Option<(&'a Param, Option<usize>)> {
        let value = self.scope?;
        if value.ty != (scope.ty)() {
            self.unscoped = Some(Unscoped::Otherwise(table, value.name));
        }
        let bound = match self.within {
            Within::One(bound) => bound,
            Within::All | Within::Nothing => None,
        };
        self.within = Within::One(Some(bound.unwrap_or(self.params.len())));
        Some((&value.param, bound))
    }
}
