//! Text and bytes.

use super::{DecodeError, KeyValue, Param, Type, Value, field, values};
use bytes::BytesMut;
use postgres_types::{FromSql as _, IsNull};

values! {
    String => "text", decode = text, put = put_text, param = Param::from_text, key = |key| KeyValue::from_text(key), flaw = has_nul;
    Vec<u8> => "bytea", decode = |_, raw| Ok(raw.to_vec());
}

/// Text: `String`, and newtypes of it.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` is no text",
    label = "expected `String`, or a newtype of it"
)]
pub trait TextValue: Value {
    /// The text.
    #[doc(hidden)]
    fn as_text(&self) -> &str;
}

impl TextValue for String {
    fn as_text(&self) -> &str {
        self
    }
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

/// The same, written.
#[inline]
fn put_text(text: &String, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
    if !matches!(*ty, Type::TEXT | Type::VARCHAR) {
        return field::put(text, ty, out);
    }
    match nul_in(text) {
        Some(flaw) => Err(flaw.into()),
        None => field::put_bytes(out, text.as_bytes()),
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

/// Whether one of eight bytes is zero: only from such a one a borrow reaches the top bit of a byte that had none.
fn has_zero(bytes: [u8; 8]) -> bool {
    let word = u64::from_ne_bytes(bytes);
    word.wrapping_sub(0x0101_0101_0101_0101) & !word & 0x8080_8080_8080_8080 != 0
}

/// Why PostgreSQL cannot hold this text, if it cannot.
pub(super) fn nul_in(text: &str) -> Option<&'static str> {
    // Nearly no text has one, so nothing is gained by stopping there; most are short, so eight bytes are looked at in a step,
    // and the last eight once more instead of one by one.
    let bytes = text.as_bytes();
    let (words, rest) = bytes.as_chunks();
    let in_words = words
        .iter()
        .fold(false, |found, word| found | has_zero(*word));
    let has_nul = match bytes.last_chunk() {
        Some(last) => in_words | has_zero(*last),
        None => rest.contains(&0),
    };
    has_nul.then_some("text for PostgreSQL cannot hold a NUL character (U+0000)")
}

#[cfg(test)]
mod tests {
    use super::nul_in;

    #[test]
    fn a_nul_is_found_wherever_it_is_and_nothing_else_is_taken_for_one() {
        for length in 0..40 {
            for other in ["a", "\u{1}", "\u{7f}", "\u{80}", "ÿ"] {
                let text = other.repeat(length);
                assert!(nul_in(&text).is_none(), "{text:?}");
                for (at, _) in text.char_indices() {
                    let mut text = text.clone();
                    text.insert(at, '\0');
                    assert!(nul_in(&text).is_some(), "{text:?}");
                }
            }
        }
    }
}
