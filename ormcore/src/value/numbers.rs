//! Integers, floats and booleans: fixed widths, big-endian.

use super::field::put_fixed;
use super::{DecodeError, KeyValue, Param, values};

/// The bytes of a fixed-width value, or why they are not one.
#[inline]
fn fixed<const N: usize>(raw: &[u8]) -> Result<[u8; N], DecodeError> {
    match raw.try_into() {
        Ok(bytes) => Ok(bytes),
        Err(_) => Err(format!("{} bytes where {N} were expected", raw.len()).into()),
    }
}

values! {
    bool => "boolean", decode = |_, raw| Ok(fixed::<1>(raw)? != [0]), put = |value, _, out| Ok(put_fixed(out, [u8::from(*value)])), param = Param::from_bool;
    i16 => "smallint", decode = |_, raw| Ok(i16::from_be_bytes(fixed(raw)?)), put = |value, _, out| Ok(put_fixed(out, value.to_be_bytes())), param = Param::from_i16, key = |key| KeyValue::from_i16(*key);
    i32 => "integer", decode = |_, raw| Ok(i32::from_be_bytes(fixed(raw)?)), put = |value, _, out| Ok(put_fixed(out, value.to_be_bytes())), param = Param::from_i32, key = |key| KeyValue::from_i32(*key);
    i64 => "bigint", decode = |_, raw| Ok(i64::from_be_bytes(fixed(raw)?)), put = |value, _, out| Ok(put_fixed(out, value.to_be_bytes())), param = Param::from_i64, key = |key| KeyValue::from_i64(*key);
    f32 => "real", decode = |_, raw| Ok(f32::from_be_bytes(fixed(raw)?)), put = |value, _, out| Ok(put_fixed(out, value.to_be_bytes()));
    f64 => "double precision", decode = |_, raw| Ok(f64::from_be_bytes(fixed(raw)?)), put = |value, _, out| Ok(put_fixed(out, value.to_be_bytes()));
}
