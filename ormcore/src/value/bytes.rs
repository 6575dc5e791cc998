//! Bytes in PostgreSQL's binary format: numbers, and parts with their length before them.

use super::DecodeError;
use bytes::{BufMut as _, BytesMut};
use postgres_types::IsNull;

/// Bytes that are read from the front.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(CUT_OFF)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        Ok(self.take(N)?.try_into()?)
    }

    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn int(&mut self) -> Result<i32, DecodeError> {
        self.array().map(i32::from_be_bytes)
    }

    /// A number of things.
    pub(super) fn count(&mut self) -> Result<usize, DecodeError> {
        Ok(usize::try_from(self.int()?)?)
    }

    /// A part with its length before it; NULL has the length -1.
    pub(super) fn part(&mut self) -> Result<Option<&'a [u8]>, DecodeError> {
        match self.int()? {
            -1 => Ok(None),
            length => self.take(usize::try_from(length)?).map(Some),
        }
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), DecodeError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err("the value is longer than it should be".into())
        }
    }
}

const CUT_OFF: &str = "the value is cut off";

/// Writes a part with its length before it.
pub(super) fn put_part(
    out: &mut BytesMut,
    write: impl FnOnce(&mut BytesMut) -> Result<IsNull, DecodeError>,
) -> Result<IsNull, DecodeError> {
    let place = out.len();
    out.put_i32(-1);
    let is_null = write(out)?;
    if matches!(is_null, IsNull::No) {
        put_at(out, place, i32::try_from(out.len() - place - 4)?);
    }
    Ok(is_null)
}

/// Fills in what was not known yet when its place was written.
pub(super) fn put_at(out: &mut BytesMut, place: usize, number: i32) {
    if let Some(field) = out.get_mut(place..place + 4) {
        field.copy_from_slice(&number.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, put_part};
    use bytes::{BufMut as _, BytesMut};
    use postgres_types::IsNull;

    #[test]
    fn what_is_written_is_read() {
        let mut out = BytesMut::new();
        let text = |out: &mut BytesMut| {
            out.put_slice(b"abc");
            Ok(IsNull::No)
        };
        put_part(&mut out, text).unwrap();
        put_part(&mut out, |_| Ok(IsNull::Yes)).unwrap();
        let mut reader = Reader(&out);
        assert_eq!(reader.part().unwrap(), Some(&b"abc"[..]));
        assert_eq!(reader.part().unwrap(), None);
        reader.end().unwrap();
    }

    #[test]
    fn what_is_cut_off_or_too_long_is_an_error() {
        assert!(Reader(&[0, 0, 0]).int().is_err());
        assert!(Reader(&[0, 0, 0, 2, 1]).part().is_err());
        assert!(Reader(&[255, 255, 255, 254]).part().is_err());
        assert!(Reader(&[0]).end().is_err());
    }
}
