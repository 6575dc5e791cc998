//! Enums whose values are words: PostgreSQL's enums, and text.

use super::DecodeError;
use bytes::{BufMut as _, BytesMut};
use postgres_types::{FromSql, IsNull, Type};

/// An enum without fields, and the word of each variant. `#[derive(ormcore::Value)]` writes it.
#[doc(hidden)]
pub trait Label: Sized {
    /// All words, in the order of the variants.
    const LABELS: &'static [&'static str];

    /// The word.
    fn label(&self) -> &'static str;

    /// The variant of a word.
    fn from_label(label: &str) -> Option<Self>;
}

/// Reads a word. The error does not say which it was: that is data.
///
/// # Errors
/// When no variant has this word.
#[doc(hidden)]
pub fn read_label<T: Label>(raw: &[u8]) -> Result<T, DecodeError> {
    T::from_label(std::str::from_utf8(raw)?).ok_or_else(|| {
        let name = std::any::type_name::<T>();
        let name = name.rsplit("::").next().unwrap_or(name);
        let labels = T::LABELS.join("`, `");
        format!("`{name}` has no variant for it; it has `{labels}`").into()
    })
}

/// Writes a word.
///
/// # Errors
/// Never; it is called where errors are possible.
#[doc(hidden)]
pub fn write_label<T: Label>(value: &T, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
    out.put_slice(value.label().as_bytes());
    Ok(IsNull::No)
}

/// Whether it is one of the types that hold text.
#[doc(hidden)]
pub fn is_text(ty: &Type) -> bool {
    <String as FromSql<'_>>::accepts(ty)
}
