//! A value with its length before it, as it stands in an array and in the rows of a binary COPY.

use super::bytes::put_part;
use super::sql_type::writable;
use super::{DecodeError, Type, Value};
use bytes::{BufMut as _, BytesMut};
use postgres_types::{IsNull, WrongType};

/// Finds the type that a `T` is written as for a column of this one: a domain takes what the type under it takes, and only
/// a type of the caller's own may know better.
///
/// # Errors
/// When the column cannot hold a `T`.
pub(crate) fn settle<T: Value>(ty: &mut Type) -> Result<(), DecodeError> {
    *ty = settled::<T>(ty)?.clone();
    Ok(())
}

pub(super) fn settled<T: Value>(ty: &Type) -> Result<&Type, DecodeError> {
    let written = writable::<T>(ty);
    if T::takes(written) {
        Ok(written)
    } else {
        Err(Box::new(WrongType::new::<T>(ty.clone())))
    }
}

/// Writes any value.
pub(super) fn put<T: Value>(
    value: &T,
    ty: &Type,
    out: &mut BytesMut,
) -> Result<IsNull, DecodeError> {
    if let Some(flaw) = value.flaw() {
        return Err(flaw.into());
    }
    put_part(out, |out| value.write(ty, out))
}

/// Writes no value.
#[inline]
pub(super) fn put_null(out: &mut BytesMut) -> IsNull {
    out.put_i32(-1);
    IsNull::Yes
}

/// Writes a value of few bytes, in one go.
#[inline]
pub(super) fn put_fixed<const N: usize>(out: &mut BytesMut, bytes: [u8; N]) -> IsNull {
    const { assert!(N <= 16, "it is not that long") };
    let mut field = [0; 20];
    field[3] = N as u8;
    field[4..4 + N].copy_from_slice(&bytes);
    out.put_slice(&field[..4 + N]);
    IsNull::No
}

/// Writes bytes as they stand.
#[inline]
pub(super) fn put_bytes(out: &mut BytesMut, bytes: &[u8]) -> Result<IsNull, DecodeError> {
    out.reserve(4 + bytes.len());
    out.put_i32(i32::try_from(bytes.len())?);
    out.put_slice(bytes);
    Ok(IsNull::No)
}
