//! `uuid::Uuid` as `uuid`.

use super::{KeyValue, Param, values};
use ::uuid::Uuid;

values! {
    Uuid => "uuid", decode = |_, raw| Ok(Uuid::from_slice(raw)?), param = Param::from_uuid,
        key = |key| KeyValue::from_uuid(*key);
}
