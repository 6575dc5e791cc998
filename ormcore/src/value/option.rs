//! NULL.

use super::{DecodeError, KeyValue, Param, SqlType, Type, Value};

impl<T: Value<Scalar = T>> Value for Option<T> {
    const TYPE: SqlType = T::TYPE;
    const NULLABLE: bool = true;
    type Scalar = T;

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

    fn into_param(self) -> Param {
        match self {
            Some(value) => value.into_param(),
            None => Param::null(),
        }
    }

    #[inline]
    fn as_key(&self) -> Option<KeyValue> {
        match self {
            Some(value) => value.as_key(),
            None => Some(KeyValue::null()),
        }
    }
}
