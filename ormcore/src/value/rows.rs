//! The values of one column of many rows, encoded as one array.

use super::DecodeError;
use super::bytes::put_at;
use super::sql_type::writable;
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
}

type Flaw<V> = fn(&V) -> Option<&'static str>;

/// Writes a value with its length before it.
type Put<V> = fn(&V, &Type, &mut BytesMut) -> Result<IsNull, DecodeError>;

impl<V> Rows<V> {
    pub(super) fn new(values: Vec<V>, flaw: Flaw<V>, put: Put<V>) -> Self {
        Self { values, flaw, put }
    }
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
        let member = match ty.kind() {
            // These two count from 0.
            Kind::Array(_) if matches!(*ty, Type::OID_VECTOR | Type::INT2_VECTOR) => None,
            Kind::Array(member) => {
                Some((member.oid(), writable::<V>(member))).filter(|(_, ty)| V::accepts(ty))
            }
            _ => None,
        };
        let Some((oid, member)) = member else {
            return match self.values.iter().find_map(self.flaw) {
                Some(flaw) => Err(flaw.into()),
                None => self.values.to_sql_checked(ty, out),
            };
        };
        out.put_i32(1);
        let has_null = out.len();
        out.put_i32(0);
        out.put_u32(oid);
        out.put_i32(i32::try_from(self.values.len())?);
        out.put_i32(1);
        out.reserve(self.values.len() * 8);
        for value in &self.values {
            if let IsNull::Yes = (self.put)(value, member, out)? {
                put_at(out, has_null, 1);
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
