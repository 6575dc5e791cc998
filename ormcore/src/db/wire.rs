//! Parameters and rows at the driver's edge.

use super::copied::Copied;
use super::peers::{Batch, Lazy, Peers};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::Table;
use crate::telemetry::ResultSet;
use crate::value::{DecodeError, KeyValue, Keys, Param, Type, Value};
use bytes::BytesMut;
use postgres_types::{FromSql, IsNull, ToSql, to_sql_checked};
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// A parameter as the driver takes it. The driver logs parameters with `Debug`: there is nothing to see in this one.
pub(super) struct Bound<'a>(pub(super) &'a Param);

impl fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Bound<'_> {
    #[inline]
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.0.to_sql(ty, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column's bytes, whatever its type: types are checked once, when a statement is prepared.
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    #[inline]
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A value, decoded where the driver looks up its bytes and type.
struct Decoded<T>(T);

impl<'a, T: Value> FromSql<'a> for Decoded<T> {
    #[inline]
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        T::decode(ty, Some(raw)).map(Self)
    }

    #[inline]
    fn from_sql_null(ty: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        T::decode(ty, None).map(Self)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A value that is not copied out of its row.
struct Borrowed<T>(T);

impl<'a, T: FromSql<'a>> FromSql<'a> for Borrowed<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        T::from_sql(ty, raw).map(Self)
    }

    fn from_sql_null(ty: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        T::from_sql_null(ty).map(Self)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// One row, read by position straight into the fields of an entity.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    cells: Cells<'a>,
    positions: Positions<'a>,
    batch: Option<&'a Batch>,
}

/// Where its values are.
#[derive(Clone, Copy)]
enum Cells<'a> {
    Reply(&'a tokio_postgres::Row),
    /// In a piece of a COPY.
    Copied(&'a Copied<'a>),
}

/// What is to be done after a row was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The next one: all of them are wanted.
    Next,
    /// The next one, for a reader who may stop at any row.
    NextIfAny,
    /// Nothing, until the reader asks again.
    Pause,
    /// The next one: this one stood for so many.
    NextAfter(u64),
}

impl From<()> for Then {
    fn from((): ()) -> Self {
        Self::Next
    }
}

/// Where an entity's columns are in the row.
#[derive(Clone, Copy)]
enum Positions<'a> {
    /// One after the other, from here on.
    From(usize),
    /// Wherever the caller's own SQL put them.
    Map(&'a [usize]),
    /// Some of those that are there.
    Picked(&'a Picked<'a>),
}

/// Of which columns, and which.
struct Picked<'a> {
    from: Positions<'a>,
    places: &'a [usize],
}

impl<'a> Row<'a> {
    pub(super) fn new(row: &'a tokio_postgres::Row, map: Option<&'a [usize]>) -> Self {
        let positions = map.map_or(Positions::From(0), Positions::Map);
        Self {
            cells: Cells::Reply(row),
            positions,
            batch: None,
        }
    }

    /// One that was copied.
    pub(super) fn copied(row: &'a Copied<'a>) -> Self {
        Self {
            cells: Cells::Copied(row),
            positions: Positions::From(0),
            batch: None,
        }
    }

    /// The same row for the columns that begin further to the right.
    #[inline]
    pub(crate) fn from(self, offset: usize) -> Self {
        Self {
            positions: Positions::From(offset),
            ..self
        }
    }

    /// The same row for some of its columns, those at these places.
    pub(crate) fn picked<T>(&self, places: &[usize], read: impl FnOnce(&Row<'_>) -> T) -> T {
        let picked = Picked {
            from: self.positions,
            places,
        };
        read(&Row {
            cells: self.cells,
            positions: Positions::Picked(&picked),
            batch: self.batch,
        })
    }

    /// The same row as one of a result, whose rows may find each other.
    #[inline]
    pub(crate) fn among(self, batch: &'a Batch) -> Self {
        Self {
            batch: Some(batch),
            ..self
        }
    }

    #[inline]
    pub(crate) fn set(&self) -> ResultSet {
        self.batch.map_or(ResultSet::NONE, |batch| batch.set)
    }

    /// What its relations do, if the question said so.
    #[inline]
    pub(crate) fn lazy(&self) -> Option<Lazy> {
        self.batch.and_then(|batch| batch.lazy)
    }

    /// Where it finds the others.
    pub(crate) fn peers(&self) -> Option<&'a Arc<Peers>> {
        self.batch.map(Batch::peers)
    }

    /// Reads the entity's column at this position.
    ///
    /// # Errors
    /// When the bytes are not such a value, or the column is NULL and the field is not an `Option`.
    #[inline]
    pub fn get<T: Value>(&self, column: usize) -> Result<T> {
        let (Cells::Reply(row), Positions::From(offset)) = (self.cells, self.positions) else {
            return self.get_elsewhere(column);
        };
        let position = offset + column;
        match row.try_get::<_, Decoded<T>>(position) {
            Ok(decoded) => Ok(decoded.0),
            Err(error) => Err(undecodable_at(row, position, error)),
        }
    }

    /// Apart, so that those rows are read as fast as ever whose columns stand one after the other in a reply.
    #[inline(never)]
    fn get_elsewhere<T: Value>(&self, column: usize) -> Result<T> {
        self.borrowed::<Decoded<T>>(column).map(|decoded| decoded.0)
    }

    /// The text of the entity's column at this position, as it stands in the row.
    pub(crate) fn text(&self, column: usize) -> Result<&'a str> {
        self.borrowed(column)
    }

    /// The same for a column that may be NULL.
    pub(crate) fn maybe_text(&self, column: usize) -> Result<Option<&'a str>> {
        self.borrowed(column)
    }

    fn borrowed<T: FromSql<'a>>(&self, column: usize) -> Result<T> {
        let position = self.position(column);
        let row = match self.cells {
            Cells::Reply(row) => row,
            Cells::Copied(row) => return row.get(position),
        };
        match row.try_get::<_, Borrowed<T>>(position) {
            Ok(borrowed) => Ok(borrowed.0),
            Err(error) => Err(undecodable_at(row, position, error)),
        }
    }

    /// Reads the columns at these positions of the entity's table as a key.
    pub(crate) fn keys(&self, table: &'static Table, columns: &[usize]) -> Result<Keys> {
        if let [column] = columns {
            return self.cell(*column)?.key(table, *column).map(Keys::Single);
        }
        columns
            .iter()
            .map(|column| self.cell(*column)?.key(table, *column))
            .collect()
    }

    #[inline]
    fn cell(&self, column: usize) -> Result<Cell<'a>> {
        let position = self.position(column);
        let row = match self.cells {
            Cells::Reply(row) => row,
            Cells::Copied(row) => {
                let (column, raw) = row.value(position).ok_or_else(|| absent(position))?;
                return Ok(Cell { column, raw });
            }
        };
        match (
            row.columns().get(position),
            row.try_get::<_, Raw<'_>>(position),
        ) {
            (Some(column), Ok(raw)) => Ok(Cell { column, raw: raw.0 }),
            (_, Err(error)) => Err(undecodable_at(row, position, error)),
            (None, Ok(_)) => Err(absent(position)),
        }
    }

    #[inline]
    fn position(&self, column: usize) -> usize {
        self.positions.of(column)
    }

    /// The bytes of the entity's column at this position; `None` is NULL.
    #[inline]
    pub(crate) fn raw(&self, column: usize) -> Option<&'a [u8]> {
        self.value(self.position(column)).flatten()
    }

    /// The bytes at this position, if there is one.
    fn value(&self, position: usize) -> Option<Option<&'a [u8]>> {
        match self.cells {
            Cells::Reply(row) => Some(row.try_get::<_, Raw<'a>>(position).ok()?.0),
            Cells::Copied(row) => Some(row.value(position)?.1),
        }
    }

    /// The type of the entity's column at this position.
    pub(crate) fn ty(&self, column: usize) -> Option<&'a Type> {
        self.cell(column).ok().map(|cell| cell.column.type_())
    }
}

impl Positions<'_> {
    #[inline]
    fn of(self, column: usize) -> usize {
        match self {
            Self::From(offset) => offset + column,
            Self::Map(map) => map.get(column).copied().unwrap_or(usize::MAX),
            Self::Picked(picked) => picked.of(column),
        }
    }
}

impl Picked<'_> {
    fn of(&self, column: usize) -> usize {
        let place = self.places.get(column);
        place.map_or(usize::MAX, |place| self.from.of(*place))
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = match self.cells {
            Cells::Reply(row) => row.columns(),
            Cells::Copied(row) => row.columns,
        };
        f.debug_list()
            .entries(columns.iter().map(tokio_postgres::Column::name))
            .finish()
    }
}

/// A column of a row, as it came.
struct Cell<'a> {
    column: &'a tokio_postgres::Column,
    raw: Option<&'a [u8]>,
}

impl Cell<'_> {
    /// The value as a key, read as this column of the table is.
    #[inline]
    fn key(&self, table: &'static Table, column: usize) -> Result<KeyValue> {
        let Some(described) = table.columns.get(column) else {
            return Err(absent(column));
        };
        let ty = self.column.type_();
        match (described.key)(ty, self.raw) {
            Ok(key) => Ok(key),
            Err(error) => Err(undecodable(self.column.name(), ty, error)),
        }
    }
}

#[cold]
pub(super) fn absent(position: usize) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the row has no column at position {position}"),
    )
}

#[cold]
fn undecodable_at(
    row: &tokio_postgres::Row,
    position: usize,
    error: tokio_postgres::Error,
) -> Error {
    let Some(column) = row.columns().get(position) else {
        return absent(position);
    };
    let cause = error
        .into_source()
        .unwrap_or_else(|| "it is not readable".into());
    undecodable(column.name(), column.type_(), cause)
}

#[cold]
pub(super) fn undecodable(column: &str, ty: &Type, error: DecodeError) -> Error {
    if error.is::<postgres_types::WasNull>() {
        let message = format!("column `{column}` is NULL, but its field is not an Option");
        return Error::new(ErrorKind::Decode, message);
    }
    Error::new(
        ErrorKind::Decode,
        format!("column `{column}` of type {ty} cannot be read"),
    )
    .with_source(error)
}
