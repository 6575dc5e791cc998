//! A parameter ready to bind.

use super::Value;
use super::text::nul_in;
use bytes::BytesMut;
use postgres_types::{IsNull, Kind, ToSql, Type, to_sql_checked};
use std::error::Error as StdError;
use std::fmt;

/// A value on its way to the server.
///
/// Its `Debug` never shows the value: what is bound is nobody's business but the database's.
pub struct Param(Repr);

enum Repr {
    Null,
    Bool(bool),
    I16(i16),
    I32(i32),
    I64(i64),
    Text(String),
    #[cfg(feature = "uuid")]
    Uuid(uuid::Uuid),
    Other(Box<dyn ToSql + Send + Sync>),
}

impl Param {
    pub(crate) fn null() -> Self {
        Self(Repr::Null)
    }

    pub(super) fn from_bool(value: bool) -> Self {
        Self(Repr::Bool(value))
    }

    pub(super) fn from_i16(value: i16) -> Self {
        Self(Repr::I16(value))
    }

    pub(super) fn from_i32(value: i32) -> Self {
        Self(Repr::I32(value))
    }

    pub(crate) fn from_i64(value: i64) -> Self {
        Self(Repr::I64(value))
    }

    pub(crate) fn from_text(value: String) -> Self {
        Self(Repr::Text(value))
    }

    #[cfg(feature = "uuid")]
    pub(super) fn from_uuid(value: uuid::Uuid) -> Self {
        Self(Repr::Uuid(value))
    }

    pub(crate) fn other(value: impl ToSql + Send + Sync + 'static) -> Self {
        Self(Repr::Other(Box::new(value)))
    }

    /// Any value; one that PostgreSQL cannot hold is refused before it is sent.
    pub(crate) fn value<V: Value>(value: V) -> Self {
        Self::checked(value, V::flaw)
    }

    pub(super) fn checked<V: ToSql + Send + Sync + 'static>(value: V, flaw: Flaw<V>) -> Self {
        Self::other(Checked { value, flaw })
    }

    fn as_sql(&self) -> &(dyn ToSql + Sync) {
        match &self.0 {
            Repr::Null => &None::<bool>,
            Repr::Bool(value) => value,
            Repr::I16(value) => value,
            Repr::I32(value) => value,
            Repr::I64(value) => value,
            Repr::Text(value) => value,
            #[cfg(feature = "uuid")]
            Repr::Uuid(value) => value,
            Repr::Other(value) => &**value,
        }
    }
}

impl fmt::Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Param {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let result = self.write(ty, out);
        if result.is_ok() {
            return result;
        }
        match ty.kind() {
            // A domain takes what the type under it takes; only a type of the caller's own may know better.
            Kind::Domain(under) => self.to_sql(under, out),
            _ => result,
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl Param {
    fn write(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match &self.0 {
            Repr::Null => Ok(IsNull::Yes),
            Repr::Text(text) => match nul_in(text) {
                Some(flaw) => Err(flaw.into()),
                None => text.to_sql_checked(ty, out),
            },
            // The commonest are not looked up in a table of functions.
            Repr::I32(value) => value.to_sql_checked(ty, out),
            Repr::I64(value) => value.to_sql_checked(ty, out),
            Repr::Bool(value) => value.to_sql_checked(ty, out),
            _ => self.as_sql().to_sql_checked(ty, out),
        }
    }
}

/// Why PostgreSQL cannot hold a value, if it cannot.
type Flaw<V> = fn(&V) -> Option<&'static str>;

struct Checked<V> {
    value: V,
    flaw: Flaw<V>,
}

impl<V> fmt::Debug for Checked<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<V: ToSql> ToSql for Checked<V> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self.flaw)(&self.value) {
            Some(flaw) => Err(flaw.into()),
            None => self.value.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
