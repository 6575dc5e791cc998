//! Text and bytes.

use super::{DecodeError, KeyValue, Param, Type, values};
use postgres_types::FromSql as _;

values! {
    String => "text", decode = text, param = Param::from_text, key = |key| KeyValue::from_text(key), flaw = has_nul;
    Vec<u8> => "bytea", decode = |_, raw| Ok(raw.to_vec());
}

/// Reads the built-in text types as they stand; the likes of `ltree` have a header.
#[inline]
fn text(ty: &Type, raw: &[u8]) -> Result<String, DecodeError> {
    if matches!(*ty, Type::TEXT | Type::VARCHAR) {
        Ok(std::str::from_utf8(raw)?.to_owned())
    } else {
        String::from_sql(ty, raw)
    }
}

/// The server refuses NUL inside text too, but only after the bytes were sent, and in words of its own.
#[expect(
    clippy::ptr_arg,
    reason = "it is a function of a `String` column's value"
)]
fn has_nul(text: &String) -> Option<&'static str> {
    nul_in(text)
}

/// Why PostgreSQL cannot hold this text, if it cannot.
pub(super) fn nul_in(text: &str) -> Option<&'static str> {
    text.contains('\0')
        .then_some("text for PostgreSQL cannot hold a NUL character (U+0000)")
}
