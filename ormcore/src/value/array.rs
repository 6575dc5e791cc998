//! The bytes of PostgreSQL's arrays.

use super::bytes::Reader;
use super::sql_type::readable;
use super::{DecodeError, Value};
use postgres_types::{Kind, Type, WasNull};

/// The type of an array's elements, as far as `T` can be read from it.
pub(super) fn element<T: Value>(ty: &Type) -> Option<&Type> {
    match ty.kind() {
        Kind::Array(element) => Some(readable::<T>(element)),
        _ => None,
    }
}

/// Reads all elements.
pub(super) fn read<T: Value>(ty: &Type, raw: &[u8]) -> Result<Vec<T>, DecodeError> {
    let element = element::<T>(ty).ok_or_else(|| format!("{ty} is no array"))?;
    let mut reader = Reader(raw);
    let dimensions = reader.int()?;
    // Whether there are NULLs, and the type of the elements: both show.
    reader.take(8)?;
    let length = match dimensions {
        0 => 0,
        1 => {
            let length = reader.count()?;
            // The number of the first element, which a Vec has no place for.
            reader.int()?;
            length
        }
        _ => return Err("the array has too many dimensions: a Vec has one".into()),
    };
    // An element takes 4 bytes at least: a wrong length reserves no more than was sent.
    let mut values = Vec::with_capacity(length.min(reader.0.len() / 4));
    for _ in 0..length {
        let raw = reader.part()?;
        values.push(T::decode(element, raw).map_err(|error| {
            if raw.is_none() && error.is::<WasNull>() {
                "an element of the array is NULL, but the elements are not Options".into()
            } else {
                error
            }
        })?);
    }
    reader.end()?;
    Ok(values)
}
