//! What comes of a COPY in the binary format, taken apart into rows.

use super::wire::{Then, absent, undecodable};
use crate::error::{Error, ErrorKind, Result};
use bytes::{Buf as _, Bytes, BytesMut};
use postgres_types::FromSql;
use smallvec::SmallVec;
use tokio_postgres::Column;

/// One row of a COPY: the columns of what was copied, and their values.
pub(super) struct Copied<'a> {
    pub(super) columns: &'a [Column],
    pub(super) values: &'a [Option<&'a [u8]>],
}

impl<'a> Copied<'a> {
    pub(super) fn value(&self, position: usize) -> Option<(&'a Column, Option<&'a [u8]>)> {
        Some((self.columns.get(position)?, *self.values.get(position)?))
    }

    pub(super) fn get<T: FromSql<'a>>(&self, position: usize) -> Result<T> {
        let (column, value) = self.value(position).ok_or_else(|| absent(position))?;
        let read = T::from_sql_nullable(column.type_(), value);
        read.map_err(|error| undecodable(column.name(), column.type_(), error))
    }
}

/// The signature, flags, and the length of what follows them.
const HEADER: usize = 19;
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Takes pieces of a COPY and gives rows. A piece need not end where a row does.
#[derive(Default)]
pub(super) struct Unpacking {
    /// What came of a row that is not complete.
    rest: BytesMut,
    begun: bool,
    ended: bool,
}

impl Unpacking {
    /// The rows that are complete with this piece.
    pub(super) fn take(
        &mut self,
        mut piece: Bytes,
        columns: usize,
        on_row: &mut impl FnMut(&[Option<&[u8]>]) -> Result<Then>,
    ) -> Result<Then> {
        if !self.rest.is_empty() {
            self.rest.extend_from_slice(&piece);
            piece = self.rest.split().freeze();
        }
        let mut then = Then::Next;
        let mut at = &*piece;
        while !self.ended {
            // Where the next row begins, once this one is complete.
            let mut next = at;
            if !self.begun {
                if !header(&mut next)? {
                    break;
                }
                self.begun = true;
            } else {
                let mut values = SmallVec::new();
                if !self.row(&mut next, columns, &mut values)? {
                    break;
                }
                if !self.ended {
                    then = behind(then, on_row(&values)?);
                }
            }
            at = next;
        }
        self.rest.extend_from_slice(at);
        Ok(then)
    }

    /// Whether the next row is there, or the end.
    fn row<'p>(
        &mut self,
        at: &mut &'p [u8],
        columns: usize,
        values: &mut SmallVec<[Option<&'p [u8]>; 32]>,
    ) -> Result<bool> {
        let Ok(count) = at.try_get_i16() else {
            return Ok(false);
        };
        if count == -1 {
            self.ended = true;
            return Ok(true);
        }
        if usize::try_from(count) != Ok(columns) {
            return Err(garbled());
        }
        for _ in 0..columns {
            let Ok(length) = at.try_get_i32() else {
                return Ok(false);
            };
            if length == -1 {
                values.push(None);
                continue;
            }
            let length = usize::try_from(length).map_err(|_| garbled())?;
            let Some((value, rest)) = at.split_at_checked(length) else {
                return Ok(false);
            };
            values.push(Some(value));
            *at = rest;
        }
        Ok(true)
    }
}

/// Whether the beginning is there.
fn header(at: &mut &[u8]) -> Result<bool> {
    let Some((header, rest)) = at.split_at_checked(HEADER) else {
        return Ok(false);
    };
    // No version of the server there is says more than that here.
    if !header.starts_with(SIGNATURE) || header[SIGNATURE.len()..] != [0; 8] {
        return Err(garbled());
    }
    *at = rest;
    Ok(true)
}

/// What is to be done after two rows: whoever wants to pause pauses.
fn behind(before: Then, then: Then) -> Then {
    match before {
        Then::Pause => before,
        _ => then,
    }
}

fn garbled() -> Error {
    Error::new(
        ErrorKind::Decode,
        "what the server copied is not in its binary format",
    )
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Result, Then, Unpacking};

    type Row = Vec<Option<Vec<u8>>>;

    /// Two rows of three columns.
    fn copied() -> (Vec<u8>, [Row; 2]) {
        let rows = [
            vec![Some(vec![1, 2, 3]), None, Some(Vec::new())],
            vec![None, Some(vec![255; 300]), None],
        ];
        let mut bytes = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
        for row in &rows {
            bytes.extend(3_i16.to_be_bytes());
            for value in row {
                let length = value.as_ref().map_or(-1, |value| value.len() as i32);
                bytes.extend(length.to_be_bytes());
                bytes.extend(value.iter().flatten());
            }
        }
        bytes.extend((-1_i16).to_be_bytes());
        (bytes, rows)
    }

    fn rows<'p>(pieces: impl Iterator<Item = &'p [u8]>) -> Result<Vec<Row>> {
        let mut unpacking = Unpacking::default();
        let mut rows = Vec::new();
        for piece in pieces {
            unpacking.take(Bytes::copy_from_slice(piece), 3, &mut |values| {
                rows.push(
                    values
                        .iter()
                        .map(|value| value.map(<[u8]>::to_vec))
                        .collect(),
                );
                Ok(Then::Next)
            })?;
        }
        Ok(rows)
    }

    #[test]
    fn it_does_not_matter_where_a_piece_ends() {
        let (bytes, expected) = copied();
        for size in [1, 2, 3, 18, 19, 20, 21, 50, bytes.len()] {
            assert_eq!(rows(bytes.chunks(size)).unwrap(), expected, "{size}");
        }
        for at in 0..bytes.len() {
            let (one, other) = bytes.split_at(at);
            assert_eq!(rows([one, other].into_iter()).unwrap(), expected, "{at}");
        }
    }

    #[test]
    fn what_is_not_the_format_is_refused() {
        let (bytes, _) = copied();
        for at in [0, 12, 18, 20] {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert!(rows([&*other].into_iter()).is_err(), "{at}");
        }
    }
}
