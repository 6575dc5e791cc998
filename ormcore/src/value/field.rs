//! One value as a field of a row in a binary COPY: its length, and its bytes.

use super::rows::put_at;
use super::{DecodeError, Type, Value};
use bytes::{BufMut as _, BytesMut};
use postgres_types::{IsNull, Kind};

/// Writes a value for a column of this type.
///
/// # Errors
/// When PostgreSQL cannot hold the value, or the column is of another type. What is in `out` then is of no use.
#[inline]
pub(crate) fn write_field<T: Value>(
    value: &T,
    ty: &Type,
    out: &mut BytesMut,
) -> Result<(), DecodeError> {
    if let Some(flaw) = value.flaw() {
        return Err(flaw.into());
    }
    let place = out.len();
    out.put_i32(-1);
    if let IsNull::No = encode(value, ty, out)? {
        put_at(out, place, i32::try_from(out.len() - place - 4)?);
    }
    Ok(())
}

fn encode<T: Value>(value: &T, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
    let place = out.len();
    match value.to_sql_checked(ty, out) {
        Ok(is_null) => Ok(is_null),
        Err(error) => match ty.kind() {
            // A domain takes what the type under it takes; only a type of the caller's own may know better.
            Kind::Domain(under) => {
                out.truncate(place);
                encode(value, under, out)
            }
            _ => Err(error),
        },
    }
}
