//! The name of a kind of rows, where a table holds several.

use super::{DecodeError, SqlType, Type, Value, is_text};
use bytes::{BufMut as _, BytesMut};
use postgres_types::{FromSql, IsNull, Kind, ToSql, to_sql_checked};
use std::borrow::Cow;

/// What the column says that tells kinds apart: text, or a word of one of PostgreSQL's enums. Made by generated code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindName(Cow<'static, str>);

impl KindName {
    /// The name of a kind.
    #[must_use]
    pub const fn of(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
}

impl Value for KindName {
    const TYPE: SqlType = SqlType::named("text");
    type Scalar = Self;
    type With<U: Value<Scalar = U>> = U;
}

impl ToSql for KindName {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        out.put_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        tells(ty)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for KindName {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, DecodeError> {
        Ok(Self(Cow::Owned(std::str::from_utf8(raw)?.to_owned())))
    }

    fn accepts(ty: &Type) -> bool {
        tells(ty)
    }
}

fn tells(ty: &Type) -> bool {
    is_text(ty) || matches!(ty.kind(), Kind::Enum(_))
}
