//! Which row is which: the rows of one table are told apart by their primary keys and scopes, and numbered as they come.

use super::wire::Row;
use crate::error::Result;
use crate::sql::Table;
use crate::value::{Keys, Numbering};

/// The numbers of rows: the first is 0, and each that has not been seen before the next.
pub(crate) struct Identity {
    table: &'static Table,
    /// Where the columns of the primary key and the scope are.
    key: Vec<usize>,
    /// Whether it is one integer, which is numbered as it stands in the row.
    integer: bool,
    numbers: Numbering,
}

impl Identity {
    /// For about as many rows.
    pub(crate) fn expecting(rows: usize, table: &'static Table) -> Self {
        let integer = match table.key {
            // A key of several scopes is not one integer.
            [only] if table.identity().count() == 1 => {
                !only.ty.is_array() && matches!(only.ty.base(), "bigint" | "integer" | "smallint")
            }
            _ => false,
        };
        Self {
            table,
            key: table.identity_positions(),
            integer,
            numbers: Numbering::expecting(rows),
        }
    }

    /// The row's number; none, where an outer join found no row.
    #[inline]
    pub(crate) fn number(&mut self, row: &Row<'_>) -> Result<Option<usize>> {
        let Some(raw) = self.first(row) else {
            return Ok(None);
        };
        if self.integer
            && let Some(integer) = integer(raw)
        {
            return Ok(Some(self.numbers.number_of(integer)));
        }
        let key = row.keys(self.table, &self.key)?;
        Ok(Some(self.numbers.number(key)))
    }

    /// The same, if it has one already.
    pub(crate) fn find(&self, row: &Row<'_>) -> Result<Option<usize>> {
        let Some(raw) = self.first(row) else {
            return Ok(None);
        };
        match integer(raw).filter(|_| self.integer) {
            Some(integer) => Ok(self.numbers.find_of(integer)),
            None => Ok(self.numbers.find(&row.keys(self.table, &self.key)?)),
        }
    }

    /// The number of a row that is each time another, beside something else.
    pub(crate) fn number_beside(&mut self, row: &Row<'_>, beside: &Keys) -> Result<usize> {
        let key = row.keys(self.table, &self.key)?.followed_by(beside);
        Ok(self.numbers.number(key))
    }

    /// Whether an outer join found no row: no part of a primary key is ever NULL.
    #[inline]
    pub(crate) fn is_absent(&self, row: &Row<'_>) -> bool {
        self.first(row).is_none()
    }

    #[inline]
    fn first<'a>(&self, row: &Row<'a>) -> Option<&'a [u8]> {
        row.raw(*self.key.first()?)
    }
}

/// An integer of any width, as the server sends it.
#[inline]
fn integer(raw: &[u8]) -> Option<i64> {
    match *raw {
        [a, b, c, d, e, f, g, h] => Some(i64::from_be_bytes([a, b, c, d, e, f, g, h])),
        [a, b, c, d] => Some(i32::from_be_bytes([a, b, c, d]).into()),
        [a, b] => Some(i16::from_be_bytes([a, b]).into()),
        _ => None,
    }
}
