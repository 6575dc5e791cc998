//! Types of PostgreSQL's own tables.

use super::{DecodeError, KeyValue, values};
use bytes::BytesMut;
use postgres_types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use std::fmt;

/// The number of a table, type or other object, as `oid`. It is a type of its own because a number in a program's table is
/// none: for that there is `i64`.
///
/// ```no_run
/// # use ormcore::{Db, Result, sql};
/// # async fn run(db: &Db) -> Result<()> {
/// use ormcore::value::{Char, Oid};
///
/// #[derive(ormcore::Row)]
/// struct Class { oid: Oid, relname: String, relkind: Char }
///
/// let text = "SELECT oid, relname, relkind FROM pg_class WHERE relnamespace = $1 AND relkind = $2";
/// let tables = sql(text).bind(Oid(2200)).bind(Char(b'r')).all::<Class>(db).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(pub u32);

/// One byte, as `"char"`: a letter that says what kind of thing it is. Text of one character is a `String`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Char(pub u8);

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A byte that is no letter of ASCII is shown as an escape: `\\x00`.
impl fmt::Display for Char {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_ascii().fmt(f)
    }
}

macro_rules! catalog {
    ($($name:ident, $ty:ident, $under:ty, $into:path, $from:path;)*) => {$(
        impl<'a> FromSql<'a> for $name {
            fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, DecodeError> {
                <$under>::from_sql(ty, raw).map($from).map(Self)
            }

            fn accepts(ty: &Type) -> bool {
                *ty == Type::$ty
            }
        }

        impl ToSql for $name {
            fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
                $into(self.0).to_sql(ty, out)
            }

            fn accepts(ty: &Type) -> bool {
                *ty == Type::$ty
            }

            to_sql_checked!();
        }
    )*};
}

catalog! {
    Oid, OID, u32, std::convert::identity, std::convert::identity;
    Char, CHAR, i8, u8::cast_signed, i8::cast_unsigned;
}

values! {
    Oid => "oid", key = |key| KeyValue::other(*key);
    Char => "\"char\"", key = |key| KeyValue::other(*key);
}
