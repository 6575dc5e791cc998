//! What is written: the values of a new row, of many new rows, and of changed columns.

use super::{Assignment, Check, Column, Entity, rules_of};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{ColumnInfo, Expr};
use crate::value::{ColumnValues, KeyValue, Param, Type, Value, settle};
use bytes::{BufMut as _, BytesMut};
use std::fmt;
use std::panic::Location;

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

    /// Tells the columns that this row has values for: all but those it leaves to the database.
    fn given(&self, columns: &mut Vec<&'static ColumnInfo>);

    /// Writes the values of one row, in the order of `COLUMNS`.
    fn copy(&self, row: &mut CopyRow<'_>);

    /// Whether some column has rules for its values.
    #[doc(hidden)]
    const CHECKED: bool = false;

    /// Looks at the values of one row.
    #[doc(hidden)]
    fn check(&self, check: &mut Check) {
        let _ = check;
    }

    /// Gives values that are left out, and that a function of the program makes.
    #[doc(hidden)]
    fn fill(&mut self) {}
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
        self.0.push(ColumnValues::or_default(column));
    }
}

/// One row on its way into a table, in the format of a binary COPY.
pub struct CopyRow<'a> {
    columns: &'a [&'static ColumnInfo],
    types: &'a mut [Type],
    out: &'a mut BytesMut,
    /// Which one it is; the first is 1.
    number: u64,
    /// How many values were written.
    at: usize,
    flaw: Option<String>,
}

impl<'a> CopyRow<'a> {
    /// A row that has values for these columns. In the first one the types are those of the columns; then they are settled.
    pub(crate) fn new(
        number: u64,
        columns: &'a [&'static ColumnInfo],
        types: &'a mut [Type],
        out: &'a mut BytesMut,
    ) -> Self {
        // A table has no more than 1600 columns.
        out.put_i16(i16::try_from(columns.len()).unwrap_or(i16::MAX));
        Self {
            columns,
            types,
            out,
            number,
            at: 0,
            flaw: None,
        }
    }

    /// Writes the value of a column.
    #[inline]
    pub fn put<T: Value>(&mut self, column: &'static ColumnInfo, value: &T) {
        let (next, ty) = (self.is_next(column), self.types.get_mut(self.at));
        let Some(ty) = ty.filter(|_| next && self.flaw.is_none()) else {
            return self.refuse(column, "is not the next of those that the first row has");
        };
        let settled = match self.number {
            1 => settle::<T>(ty),
            _ => Ok(()),
        };
        match settled.and_then(|()| value.put(ty, self.out)) {
            Ok(_) => self.at += 1,
            Err(error) => self.refuse(column, &format!("cannot be sent: {error}")),
        }
    }

    /// Writes the value of a column that has a default, unless it is left to the database.
    pub fn put_default<T: Value>(&mut self, column: &'static ColumnInfo, value: &Option<T>) {
        match value {
            Some(value) if self.is_next(column) => self.put(column, value),
            None if !self.is_next(column) => {}
            Some(_) => self.refuse(column, "has a value, which the first row leaves to the database; a COPY fills the same columns in all rows: give \
                 all rows a value or none, or use `insert_many`"),
            None => self.refuse(column, "is left to the database, and in the first row it has a value; a COPY fills the same columns in all rows: \
                 give all rows a value or none, or use `insert_many`"),
        }
    }

    /// Writes the value of a column that is the same in all rows.
    pub(crate) fn put_key(&mut self, column: &'static ColumnInfo, key: &KeyValue) {
        let (next, ty) = (self.is_next(column), self.types.get(self.at));
        let Some(ty) = ty.filter(|_| next && self.flaw.is_none()) else {
            return self.refuse(column, "is not the next of those that the first row has");
        };
        match key.put(ty, self.out) {
            Ok(_) => self.at += 1,
            Err(error) => self.refuse(column, &format!("cannot be sent: {error}")),
        }
    }

    /// The end of the row.
    pub(crate) fn end(self) -> Result<()> {
        match self.flaw {
            None => Ok(()),
            Some(flaw) => Err(Error::new(
                ErrorKind::Encode,
                format!("row {} cannot be copied: {flaw}", self.number),
            )),
        }
    }

    fn is_next(&self, column: &'static ColumnInfo) -> bool {
        let next = self.columns.get(self.at);
        next.is_some_and(|next| std::ptr::eq(*next, column))
    }

    #[cold]
    fn refuse(&mut self, column: &ColumnInfo, why: &str) {
        self.flaw
            .get_or_insert_with(|| format!("column `{}` {why}", column.name));
    }
}

impl fmt::Debug for CopyRow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyRow")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
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
pub struct Changes(
    pub(crate) Vec<(&'static ColumnInfo, Expr)>,
    /// What rules refuse of them, if there is any.
    Option<Box<Check>>,
);

impl Changes {
    /// Changes a column; of several values for one column the last counts.
    pub fn set<T: Value>(&mut self, column: &'static ColumnInfo, value: T) {
        self.put(column, Expr::Value(value.into_param()));
    }

    /// The same for a column with rules for its values.
    pub fn set_checked<T: Value>(&mut self, column: &'static ColumnInfo, value: T) {
        let mut check = Check::default();
        check.look(column, &value);
        self.set(column, value);
        self.refuse(check);
    }

    /// Changes a column to what it is assigned.
    #[inline]
    pub(crate) fn assign<E: Entity, T: Value>(
        &mut self,
        column: Column<E, T>,
        value: impl Assignment<E, T>,
    ) {
        let info = column.info();
        let ruled = rules_of::<E>(info).any(|rules| !rules.is_empty());
        let check = ruled.then(|| looked_at(column, &value));
        self.put(info, value.into_assignment().0);
        check.into_iter().for_each(|check| self.refuse(check));
    }

    #[cold]
    fn refuse(&mut self, check: Check) {
        match &mut self.1 {
            Some(all) => all.append(check),
            None => self.1 = (!check.is_empty()).then(|| Box::new(check)),
        }
    }

    /// What rules refuse of it.
    pub(crate) fn take_check(&mut self) -> Check {
        self.1.take().map_or_else(Check::default, |check| *check)
    }

    /// Refuses what no column may be set to, and columns that cannot be set.
    ///
    /// # Errors
    /// What rules refuse; that the database computes a column.
    pub(crate) fn allowed<E: Entity>(&self, caller: &'static Location<'static>) -> Result<()> {
        not_computed::<E>(self.0.iter().map(|(column, _)| *column), caller)?;
        match &self.1 {
            Some(check) => check.end::<E>(caller),
            None => Ok(()),
        }
    }

    pub(crate) fn put(&mut self, column: &'static ColumnInfo, value: Expr) {
        if let Some(check) = &mut self.1 {
            check.forget(column);
        }
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

#[cold]
fn looked_at<E: Entity, T: Value>(column: Column<E, T>, value: &impl Assignment<E, T>) -> Check {
    let mut check = Check::default();
    value.given(&mut |value| {
        for rules in rules_of::<E>(column.info()) {
            check.look_at(column.info(), rules, value);
        }
    });
    check
}

/// Refuses to set a column that the database computes.
pub(crate) fn not_computed<E: Entity>(
    mut columns: impl Iterator<Item = &'static ColumnInfo>,
    caller: &'static Location<'static>,
) -> Result<()> {
    match columns.find(|column| column.computed.is_some()) {
        None => Ok(()),
        Some(column) => Err(Error::usage(format!(
            "`{}::{}` is computed by the database, and cannot be set: set what it is computed from",
            E::TABLE.entity,
            column.field
        ))
        .at(caller)),
    }
}
