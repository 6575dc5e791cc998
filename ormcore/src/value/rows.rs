//! The values of one column of many rows, encoded as one array.

use super::DecodeError;
use super::bytes::put_at;
use super::sql_type::under;
use bytes::{BufMut as _, BytesMut};
use postgres_types::{IsNull, Kind, ToSql, Type, to_sql_checked};
use std::error::Error as StdError;
use std::fmt;

/// An element for each row. What holds for all of them is looked at once, not once a row.
pub(super) struct Rows<V> {
    values: Vec<V>,
    /// Why PostgreSQL cannot hold a value, if it cannot.
    flaw: Flaw<V>,
    put: Put<V>,
    takes: Takes,
}

type Flaw<V> = fn(&V) -> Option<&'static str>;

/// Writes a value with its length before it.
type Put<V> = fn(&V, &Type, &mut BytesMut) -> Result<IsNull, DecodeError>;

/// Whether a value can be written as one of a type.
type Takes = fn(&Type) -> bool;

impl<V> Rows<V> {
    pub(super) fn new(values: Vec<V>, flaw: Flaw<V>, put: Put<V>, takes: Takes) -> Self {
        Self {
            values,
            flaw,
            put,
            takes,
        }
    }
}

/// The type that the elements of an array are written as, under the domain they may be of, if they can be.
pub(super) fn element(ty: &Type, takes: Takes) -> Option<&Type> {
    match ty.kind() {
        // These two count from 0.
        Kind::Array(_) if matches!(*ty, Type::OID_VECTOR | Type::INT2_VECTOR) => None,
        Kind::Array(element) => Some(under(element, takes)).filter(|element| takes(element)),
        _ => None,
    }
}

/// Writes an array of one dimension.
pub(super) fn write<V>(
    values: &[V],
    ty: &Type,
    element: &Type,
    put: Put<V>,
    out: &mut BytesMut,
) -> Result<IsNull, DecodeError> {
    let Kind::Array(declared) = ty.kind() else {
        return Err(format!("{ty} is no array").into());
    };
    out.put_i32(1);
    let has_null = out.len();
    out.put_i32(0);
    out.put_u32(declared.oid());
    out.put_i32(i32::try_from(values.len())?);
    out.put_i32(1);
    out.reserve(values.len() * 8);
    for value in values {
        if let IsNull::Yes = put(value, element, out)? {
            put_at(out, has_null, 1);
        }
    }
    Ok(IsNull::No)
}

impl<V> fmt::Debug for Rows<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<V: ToSql> ToSql for Rows<V> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match element(ty, self.takes) {
            Some(element) => write(&self.values, ty, element, self.put, out),
            None => match self.values.iter().find_map(self.flaw) {
                Some(flaw) => Err(flaw.into()),
                None => self.values.to_sql_checked(ty, out),
            },
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
