//! `uuid::Uuid` as `uuid`.

use super::field::put_fixed;
use super::{KeyValue, Param, values};
use ::uuid::Uuid;

values! {
    Uuid => "uuid", decode = |_, raw| Ok(Uuid::from_slice(raw)?), put = |value, _, out| Ok(put_fixed(out, value.into_bytes())), param = Param::from_uuid,
        key = |key| KeyValue::from_uuid(*key);
}
