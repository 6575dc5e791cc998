//! A value as the server gave it, given back.

use super::{Param, Type};
use bytes::BytesMut;
use postgres_types::{IsNull, ToSql, to_sql_checked};
use std::error::Error as StdError;
use std::fmt;

/// The bytes of a value in PostgreSQL's binary format, whatever its type.
struct Binary(Vec<u8>);

impl Param {
    /// A value as it stood in a row, for a parameter of the same type.
    pub(crate) fn binary(bytes: Vec<u8>) -> Self {
        Self::other(Binary(bytes))
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Binary {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
