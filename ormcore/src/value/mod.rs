//! Rust values and PostgreSQL values: which types a column may have, and a parameter ready to bind.
//!
//! The encodings are those of `postgres-types`, which this room is the door to.

mod array;
mod binary;
mod bytes;
mod catalog;
mod composite;
mod described;
mod document;
mod encoded;
mod family;
mod field;
mod interval;
mod key;
mod key_map;
mod keys;
mod kind_name;
mod label;
mod list;
mod multirange;
mod network;
mod numbering;
mod numbers;
mod numeric;
mod numeric_text;
mod operand;
mod option;
mod param;
mod range;
mod rows;
mod serde;
mod sql_type;
mod text;

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "decimal")]
mod decimal;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "uuid")]
mod uuid;

#[doc(hidden)]
pub use self::serde::IdText;
pub use catalog::{Char, Oid};
pub use composite::{Fields, takes, write_field, write_fields};
pub(crate) use described::{Catalog, Described};
pub use document::JsonDocument;
#[doc(hidden)]
pub use encoded::put_column;
pub(crate) use encoded::{Encoded, column_of, list_of};
pub use family::{Fraction, Moment, Network, Number, RangeSet};
pub(crate) use field::settle;
pub use interval::{Inexact, Interval};
#[cfg(feature = "json")]
pub use json::Json;
pub use key::{IntoKey, KeyType, KeyValue};
pub(crate) use key_map::{Entry, KeyMap};
pub use keys::Keys;
#[doc(hidden)]
pub use kind_name::KindName;
pub use label::{Label, is_text, read_label, write_label};
pub use list::ColumnValues;
pub use multirange::Multirange;
pub use network::{Cidr, Inet, NotANetwork};
pub(crate) use numbering::Numbering;
pub use numeric::Numeric;
pub use numeric_text::NotNumeric;
pub use operand::{Bind, Operand};
pub use param::Param;
pub use postgres_types::Type;
pub use range::{Range, RangeElement};
pub use sql_type::{Definition, Form, SqlType};
pub use text::TextValue;

use ::bytes::BytesMut;
use postgres_types::{FromSqlOwned, IsNull, ToSql};
use std::error::Error as StdError;

/// What a value's own decoder may say.
pub type DecodeError = Box<dyn StdError + Send + Sync>;

/// A type an entity's column can have.
///
/// | Rust | PostgreSQL |
/// | --- | --- |
/// | `bool`, `i16`, `i32`, `i64` | `boolean`, `smallint`, `integer`, `bigint` |
/// | `f32`, `f64` | `real`, `double precision` |
/// | `String` | `text`; with `#[orm(type = "…")]` also `varchar(n)`, `char(n)`, `citext` |
/// | `Vec<u8>` | `bytea` |
/// | [`Interval`] | `interval` |
/// | [`Numeric`] | `numeric` of any length |
/// | [`Oid`], [`Char`] | `oid`, `"char"`, which PostgreSQL's own tables have |
/// | `std::net::IpAddr`, [`Inet`], [`Cidr`] | `inet`, `inet`, `cidr` |
/// | [`Range<T>`](Range), [`Multirange<T>`](Multirange) | `int4range`, `int4multirange` and the others |
/// | `uuid::Uuid` (feature `uuid`) | `uuid` |
/// | `DateTime<Utc>`, `NaiveDateTime`, `NaiveDate`, `NaiveTime` (`chrono`) | `timestamptz`, `timestamp`, `date`, `time` |
/// | `rust_decimal::Decimal` (`decimal`) | `numeric` |
/// | `serde_json::Value`, `Json<T>` (`json`) | `jsonb`; with `#[orm(type = "json")]` also `json` |
/// | what has `#[derive(ormcore::Value)]` | an enum, a domain, a composite type, or what a newtype is around |
/// | `Vec` of all of these, and of `Option` of them | arrays |
/// | `Option` of all of these | the same, NULL allowed |
///
/// A value that the Rust type cannot hold, such as a rounded number, an infinite date or an unknown word of an enum, is
/// an error that names the column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type a column can have",
    label = "no PostgreSQL type is known for this",
    note = "for a type of your own: `#[derive(ormcore::Value)]`, or `ormcore::value::Json<{Self}>`",
    note = "use i16, i32 or i64, a float, bool, String, Vec<u8>, Option or Vec of them, a type of `ormcore::value`, or switch on \
            the feature `uuid`, `chrono`, `decimal` or `json`"
)]
pub trait Value: ToSql + FromSqlOwned + Send + Sync + 'static {
    /// PostgreSQL's type of such a column.
    const TYPE: SqlType;
    /// Whether the column may be NULL.
    const NULLABLE: bool = false;
    /// The type without its `Option`: what a condition compares with.
    type Scalar: Value<Scalar = Self::Scalar>;
    /// Another type, in an `Option` where this one is: what a function of this value gives.
    type With<U: Value<Scalar = U>>: Value<Scalar = U>;

    /// Whether a result column of this type can be read as `Self`.
    fn accepts(ty: &Type) -> bool {
        <Self as postgres_types::FromSql<'_>>::accepts(ty)
    }

    /// Reads one value in PostgreSQL's binary format; `None` is NULL.
    ///
    /// # Errors
    /// When the bytes are not such a value, or NULL is read into a type that has none.
    fn decode(ty: &Type, raw: Option<&[u8]>) -> Result<Self, DecodeError> {
        Self::from_sql_nullable(ty, raw)
    }

    /// The value as a parameter.
    fn into_param(self) -> Param {
        Param::value(self)
    }

    /// Whether it is NULL.
    #[doc(hidden)]
    fn is_null(&self) -> bool {
        false
    }

    /// Why PostgreSQL cannot hold the value although it can hold others of the type.
    #[doc(hidden)]
    fn flaw(&self) -> Option<&'static str> {
        None
    }

    /// Whether a value can be written as one of this type. The elements of an array may be of a domain.
    #[doc(hidden)]
    fn takes(ty: &Type) -> bool {
        <Self as ToSql>::accepts(ty)
    }

    /// Writes the value, for a type that takes it.
    ///
    /// # Errors
    /// When PostgreSQL cannot hold the value.
    #[doc(hidden)]
    fn write(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        self.to_sql(ty, out)
    }

    /// Writes the value with its length before it, for a type that takes it.
    ///
    /// # Errors
    /// When PostgreSQL cannot hold the value.
    #[doc(hidden)]
    fn put(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        field::put(self, ty, out)
    }

    /// A value for each of many rows.
    #[doc(hidden)]
    fn into_column(rows: Vec<Self>) -> ColumnValues {
        ColumnValues::Plain(Param::other(rows::Rows::new(
            rows,
            Self::flaw,
            Self::put,
            Self::takes,
        )))
    }

    /// A value, or NULL, for each of many rows.
    #[doc(hidden)]
    fn into_nullable_column(rows: Vec<Option<Self>>) -> ColumnValues {
        let flaw = |row: &Option<Self>| row.as_ref().and_then(Self::flaw);
        let put = |row: &Option<Self>, ty: &Type, out: &mut BytesMut| match row {
            Some(value) => value.put(ty, out),
            None => Ok(field::put_null(out)),
        };
        let rows = rows::Rows::new(rows, flaw, put, Self::takes);
        ColumnValues::Plain(Param::other(rows))
    }

    /// The value as a key, if the type can be (part of) one.
    fn as_key(&self) -> Option<KeyValue> {
        None
    }

    /// Reads one value as a key.
    ///
    /// # Errors
    /// When the bytes are not such a value, or the type cannot be a key.
    fn decode_key(ty: &Type, raw: Option<&[u8]>) -> Result<KeyValue, DecodeError> {
        match Self::decode(ty, raw)?.as_key() {
            Some(key) => Ok(key),
            None => {
                Err(format!("{} cannot be part of a key", std::any::type_name::<Self>()).into())
            }
        }
    }
}

/// Says that a type is a column's type as it stands, and, where the hot path pays for it, how its bytes are read.
macro_rules! values {
    ($($type:ty => $name:literal $(, decode = $decode:expr)? $(, put = $put:expr)? $(, param = $param:expr)? $(, key = $key:expr)? $(, flaw = $flaw:expr)?;)*) => {$(
        $(
            impl $crate::value::KeyType for $type {
                #[inline]
                fn key_value(&self) -> $crate::value::KeyValue {
                    let key: fn(&Self) -> $crate::value::KeyValue = $key;
                    key(self)
                }
            }
        )?

        impl $crate::value::Value for $type {
            const TYPE: $crate::value::SqlType = $crate::value::SqlType::named($name);
            type Scalar = Self;
            type With<U: $crate::value::Value<Scalar = U>> = U;

            $(
                #[inline]
                fn decode(
                    ty: &$crate::value::Type,
                    raw: Option<&[u8]>,
                ) -> Result<Self, $crate::value::DecodeError> {
                    let Some(raw) = raw else { return Err($crate::value::null()) };
                    let decode: fn(&$crate::value::Type, &[u8]) -> Result<Self, $crate::value::DecodeError> = $decode;
                    decode(ty, raw)
                }
            )?

            $(
                #[inline]
                fn put(
                    &self,
                    ty: &$crate::value::Type,
                    out: &mut ::bytes::BytesMut,
                ) -> Result<::postgres_types::IsNull, $crate::value::DecodeError> {
                    let put: fn(
                        &Self,
                        &$crate::value::Type,
                        &mut ::bytes::BytesMut,
                    ) -> Result<::postgres_types::IsNull, $crate::value::DecodeError> = $put;
                    put(self, ty, out)
                }
            )?

            $(
                fn into_param(self) -> $crate::value::Param {
                    $param(self)
                }
            )?

            $(
                #[inline]
                fn as_key(&self) -> Option<$crate::value::KeyValue> {
                    let key: fn(&Self) -> $crate::value::KeyValue = $key;
                    Some(key(self))
                }
            )?

            $(
                fn flaw(&self) -> Option<&'static str> {
                    let flaw: fn(&Self) -> Option<&'static str> = $flaw;
                    flaw(self)
                }
            )?
        }
    )*};
}
use values;

/// The refusal to read NULL into a type that has none.
#[cold]
fn null() -> DecodeError {
    Box::new(postgres_types::WasNull)
}
