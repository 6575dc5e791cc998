//! NULL.

use super::field::put_null;
use super::{ColumnValues, DecodeError, KeyValue, Param, SqlType, Type, Value};
use bytes::BytesMut;
use postgres_types::IsNull;

impl<T: Value<Scalar = T>> Value for Option<T> {
    const TYPE: SqlType = T::TYPE;
    const NULLABLE: bool = true;
    type Scalar = T;
    type With<U: Value<Scalar = U>> = Option<U>;

    fn accepts(ty: &Type) -> bool {
        <T as Value>::accepts(ty)
    }

    #[inline]
    fn decode(ty: &Type, raw: Option<&[u8]>) -> Result<Self, DecodeError> {
        match raw {
            Some(_) => T::decode(ty, raw).map(Some),
            None => Ok(None),
        }
    }

    fn takes(ty: &Type) -> bool {
        T::takes(ty)
    }

    fn write(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        match self {
            Some(value) => value.write(ty, out),
            None => Ok(IsNull::Yes),
        }
    }

    #[inline]
    fn put(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        match self {
            Some(value) => value.put(ty, out),
            None => Ok(put_null(out)),
        }
    }

    fn into_param(self) -> Param {
        match self {
            Some(value) => value.into_param(),
            None => Param::null(),
        }
    }

    fn is_null(&self) -> bool {
        self.is_none()
    }

    fn flaw(&self) -> Option<&'static str> {
        self.as_ref().and_then(T::flaw)
    }

    fn into_column(rows: Vec<Self>) -> ColumnValues {
        T::into_nullable_column(rows)
    }

    fn into_nullable_column(rows: Vec<Option<Self>>) -> ColumnValues {
        T::into_nullable_column(rows.into_iter().map(Option::flatten).collect())
    }

    #[inline]
    fn as_key(&self) -> Option<KeyValue> {
        match self {
            Some(value) => value.as_key(),
            None => Some(KeyValue::null()),
        }
    }
}
