//! The columns of a row as they are sent, and many of them as arrays.

use super::bytes::Reader;
use super::sql_type::writable;
use super::{ColumnValues, DecodeError, Param, SqlType, Type, Value};
use bytes::{BufMut as _, BytesMut};
use postgres_types::{IsNull, Kind, ToSql, WrongType, to_sql_checked};
use std::error::Error as StdError;
use std::fmt;

/// Writes the value of a column, with its length before it; called by generated code.
///
/// # Errors
/// When the column cannot hold it.
pub fn put_column<T: Value>(value: &T, ty: &Type, out: &mut BytesMut) -> Result<(), DecodeError> {
    let written = writable::<T>(ty);
    if !<T as ToSql>::accepts(written) {
        return Err(Box::new(WrongType::new::<T>(ty.clone())));
    }
    value.put(written, out).map(|_| ())
}

/// The values of some columns of one row, one after the other, each with its length before it.
#[derive(Clone, Default)]
pub(crate) struct Encoded {
    bytes: BytesMut,
    /// Where each of them ends.
    ends: Vec<u32>,
}

impl Encoded {
    /// Writes the next value.
    ///
    /// # Errors
    /// That of `put`; then nothing is written.
    pub(crate) fn push(
        &mut self,
        put: impl FnOnce(&mut BytesMut) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let before = self.bytes.len();
        let put = put(&mut self.bytes);
        if put.is_err() {
            self.bytes.truncate(before);
        }
        let end = u32::try_from(self.bytes.len()).map_err(|_| "the row is too large")?;
        self.ends.push(end);
        put
    }

    /// Forgets the values, and keeps the memory for others.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Adds a value that is written already.
    pub(crate) fn push_part(&mut self, part: &[u8]) {
        let put = self.push(|out| {
            out.put_slice(part);
            Ok(())
        });
        debug_assert!(put.is_ok(), "a copy of a part fits");
    }

    /// The value at this place, with its length before it.
    pub(crate) fn part(&self, at: usize) -> &[u8] {
        let start = match at.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(0),
            None => 0,
        };
        let end = self.ends.get(at).copied().unwrap_or(start);
        &self.bytes[start as usize..end as usize]
    }

    /// The value's bytes; none, where it is NULL.
    pub(crate) fn raw(&self, at: usize) -> Option<&[u8]> {
        raw(self.part(at))
    }

    /// The same with another value at this place.
    pub(crate) fn with(&self, at: usize, part: &[u8]) -> Self {
        let mut other = Self::default();
        for place in 0..self.len() {
            other.push_part(if place == at { part } else { self.part(place) });
        }
        other
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The bytes of a value that has its length before it; none, where it is NULL.
fn raw(part: &[u8]) -> Option<&[u8]> {
    match part.split_first_chunk() {
        Some((length, bytes)) if i32::from_be_bytes(*length) >= 0 => Some(bytes),
        _ => None,
    }
}

/// The same value for each of many rows as an array; `parts` have their lengths before them.
///
/// # Errors
/// When one is not what its column holds.
pub(crate) fn column_of<'a>(
    ty: SqlType,
    parts: impl Iterator<Item = &'a [u8]>,
) -> Result<ColumnValues, DecodeError> {
    if !ty.holds_arrays() {
        return Ok(ColumnValues::Plain(list_of(parts)));
    }
    let (mut lengths, mut rows, mut items) = (Vec::new(), Vec::new(), Vec::new());
    for (row, part) in (1_i64..).zip(parts) {
        let Some(array) = raw(part) else {
            lengths.push(None);
            continue;
        };
        let mut reader = Reader(array);
        let dimensions = reader.int()?;
        let (_, _) = (reader.int()?, reader.int()?);
        let mut length = 0;
        if dimensions > 0 {
            length = reader.count()?;
            let _ = reader.int()?;
        }
        for _ in 0..length {
            let start = reader.0;
            reader.part()?;
            items.push(&start[..start.len() - reader.0.len()]);
            rows.push(row);
        }
        lengths.push(Some(length as i64));
    }
    Ok(ColumnValues::Lists {
        lengths: Param::value(lengths),
        items: list_of(items.into_iter()),
        rows: Param::value(rows),
    })
}

/// Values, each with its length before it, as one array.
pub(crate) fn list_of<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Param {
    let mut list = Elements::default();
    for part in parts {
        list.count += 1;
        list.has_null |= raw(part).is_none();
        list.bytes.extend_from_slice(part);
    }
    Param::other(list)
}

/// The elements of an array, written already.
#[derive(Default)]
struct Elements {
    count: usize,
    has_null: bool,
    bytes: Vec<u8>,
}

impl fmt::Debug for Elements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Elements {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let Kind::Array(member) = ty.kind() else {
            return Err(Box::new(WrongType::new::<Vec<u8>>(ty.clone())));
        };
        out.put_i32(1);
        out.put_i32(i32::from(self.has_null));
        out.put_u32(member.oid());
        out.put_i32(i32::try_from(self.count)?);
        out.put_i32(1);
        out.put_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::{Encoded, Type, put_column, raw};

    #[test]
    fn columns_are_found_by_their_places() {
        let mut row = Encoded::default();
        row.push(|out| put_column(&7_i64, &Type::INT8, out))
            .unwrap();
        row.push(|out| put_column(&None::<i32>, &Type::INT4, out))
            .unwrap();
        assert!(
            row.push(|out| put_column(&7_i64, &Type::TEXT, out))
                .is_err()
        );
        row.push(|out| put_column(&"Ada".to_owned(), &Type::TEXT, out))
            .unwrap();
        assert_eq!(row.len(), 4);
        assert_eq!(row.raw(0), Some(&7_i64.to_be_bytes()[..]));
        assert_eq!((row.raw(1), row.raw(2)), (None, None));
        assert_eq!(row.raw(3), Some(&b"Ada"[..]));
        assert_eq!(raw(row.part(3)), row.raw(3));
        assert_eq!(row.part(9), b"");
    }
}
