//! Key values: small, comparable, and alike whatever entity they come from.

use super::bytes::put_part;
use super::{DecodeError, Operand, Param, Value};
use bytes::BytesMut;
use postgres_types::{IsNull, Kind, ToSql, Type, to_sql_checked};
use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A type that can be (part of) a primary or foreign key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a key",
    label = "not a key type",
    note = "keys are integers, String, uuid::Uuid, chrono dates and times, Decimal, IP addresses, and derived enums and \
            newtypes of them; `Option` of them in a foreign key"
)]
pub trait KeyType: Value + Clone {
    /// The value as a key.
    fn key_value(&self) -> KeyValue;
}

/// One part of a key, without its Rust type.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyValue(Repr);

#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Null,
    I16(i16),
    I32(i32),
    I64(i64),
    Text(Box<str>),
    #[cfg(feature = "uuid")]
    Uuid(uuid::Uuid),
    Other(Other),
}

/// Numbers are one word each, without the kind: keys that are compared are of one kind.
impl Hash for Repr {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Null => {}
            Self::I16(value) => state.write_i64((*value).into()),
            Self::I32(value) => state.write_i64((*value).into()),
            Self::I64(value) => state.write_i64(*value),
            Self::Text(value) => value.hash(state),
            #[cfg(feature = "uuid")]
            Self::Uuid(value) => value.hash(state),
            Self::Other(value) => value.hash(state),
        }
    }
}

impl KeyValue {
    /// Whether the key is NULL: it refers to nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.0, Repr::Null)
    }

    /// The key that refers to nothing.
    #[must_use]
    pub fn null() -> Self {
        Self(Repr::Null)
    }

    /// The key as a number, if it is one, whatever its width.
    #[inline]
    pub(super) fn as_integer(&self) -> Option<i64> {
        match self.0 {
            Repr::I16(value) => Some(value.into()),
            Repr::I32(value) => Some(value.into()),
            Repr::I64(value) => Some(value),
            _ => None,
        }
    }

    /// The same, and the key as it is if it is none.
    #[inline]
    pub(super) fn into_integer(self) -> Result<i64, Self> {
        match self.0 {
            Repr::I16(value) => Ok(value.into()),
            Repr::I32(value) => Ok(value.into()),
            Repr::I64(value) => Ok(value),
            other => Err(Self(other)),
        }
    }

    /// The key as it is sent, for a column of this type, or of the type that such keys usually have.
    pub(crate) fn encode(&self, ty: Option<&Type>) -> Result<(Type, Option<Vec<u8>>), DecodeError> {
        let usual = match &self.0 {
            Repr::I16(_) => Some(Type::INT2),
            Repr::I32(_) => Some(Type::INT4),
            Repr::Null | Repr::I64(_) => Some(Type::INT8),
            Repr::Text(_) => Some(Type::TEXT),
            #[cfg(feature = "uuid")]
            Repr::Uuid(_) => Some(Type::UUID),
            Repr::Other(_) => None,
        };
        let ty = ty.cloned().or(usual).ok_or("flush the row first")?;
        let mut out = BytesMut::new();
        Ok(match self.to_sql(&ty, &mut out)? {
            IsNull::Yes => (ty, None),
            IsNull::No => (ty, Some(out.to_vec())),
        })
    }

    pub(super) fn from_i16(value: i16) -> Self {
        Self(Repr::I16(value))
    }

    pub(super) fn from_i32(value: i32) -> Self {
        Self(Repr::I32(value))
    }

    pub(super) fn from_i64(value: i64) -> Self {
        Self(Repr::I64(value))
    }

    /// The key that is this text; called by generated code, for the label of an enum.
    #[doc(hidden)]
    #[must_use]
    pub fn from_text(value: &str) -> Self {
        Self(Repr::Text(value.into()))
    }

    #[cfg(feature = "uuid")]
    pub(super) fn from_uuid(value: uuid::Uuid) -> Self {
        Self(Repr::Uuid(value))
    }

    /// Writes it with its length before it.
    pub(crate) fn put(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        put_part(out, |out| self.to_sql(ty, out))
    }

    pub(super) fn other(value: impl ToSql + Eq + Hash + Send + Sync + 'static) -> Self {
        Self(Repr::Other(Other(Arc::new(value))))
    }
}

impl fmt::Debug for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_null() { "NULL" } else { "…" })
    }
}

impl ToSql for KeyValue {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (&self.0, ty.kind()) {
            (_, Kind::Domain(under)) => return self.to_sql(under, out),
            // The label of an enum is text in the key.
            (Repr::Text(label), Kind::Enum(_)) => return label.as_ref().to_sql(&Type::TEXT, out),
            _ => {}
        }
        match &self.0 {
            Repr::Null => Ok(IsNull::Yes),
            Repr::I16(value) => value.to_sql_checked(ty, out),
            Repr::I32(value) => value.to_sql_checked(ty, out),
            Repr::I64(value) => value.to_sql_checked(ty, out),
            Repr::Text(value) => value.to_sql_checked(ty, out),
            #[cfg(feature = "uuid")]
            Repr::Uuid(value) => value.to_sql_checked(ty, out),
            Repr::Other(value) => value.0.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<K: KeyType + Value<Scalar = K>> KeyType for Option<K> {
    #[inline]
    fn key_value(&self) -> KeyValue {
        match self {
            Some(key) => key.key_value(),
            None => KeyValue::null(),
        }
    }
}

/// A rarer key type, compared through its own `Eq` and `Hash`.
#[derive(Clone)]
struct Other(Arc<dyn AnyKey>);

trait AnyKey: ToSql + Send + Sync {
    fn equals(&self, other: &dyn Any) -> bool;
    fn hash_into(&self, state: &mut dyn Hasher);
    fn as_any(&self) -> &dyn Any;
}

impl<K: ToSql + Eq + Hash + Send + Sync + 'static> AnyKey for K {
    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<K>().is_some_and(|other| self == other)
    }

    fn hash_into(&self, mut state: &mut dyn Hasher) {
        self.hash(&mut state);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl PartialEq for Other {
    fn eq(&self, other: &Self) -> bool {
        self.0.equals(other.0.as_any())
    }
}

impl Eq for Other {}

impl Hash for Other {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash_into(state);
    }
}

/// Something a row can be got by: a key of type `K`, or, for a `String` key, a `&str`.
#[diagnostic::on_unimplemented(
    message = "the primary key is a `{K}`, not a `{Self}`",
    label = "expected a key of type `{K}`"
)]
pub trait IntoKey<K> {
    /// The parts of the key as parameters, in the order of the key's columns.
    fn into_params(self, push: &mut dyn FnMut(Param));
}

#[diagnostic::do_not_recommend]
impl<T, K: KeyType> IntoKey<K> for T
where
    T: Operand<K>,
{
    fn into_params(self, push: &mut dyn FnMut(Param)) {
        push(self.into_operand());
    }
}

macro_rules! composite {
    ($($part:ident $key:ident),*) => {
        impl<$($part, $key: KeyType),*> IntoKey<($($key,)*)> for ($($part,)*)
        where
            $($part: Operand<$key>,)*
        {
            fn into_params(self, push: &mut dyn FnMut(Param)) {
                #[expect(non_snake_case, reason = "each variable is named like its type")]
                let ($($part,)*) = self;
                $(push($part.into_operand());)*
            }
        }
    };
}

composite!(A KA, B KB);
composite!(A KA, B KB, C KC);
composite!(A KA, B KB, C KC, D KD);
