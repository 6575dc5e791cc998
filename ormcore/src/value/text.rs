//! Text and bytes.

use super::{KeyValue, Param, values};

values! {
    String => "text", decode = |raw| Ok(std::str::from_utf8(raw)?.to_owned()), param = Param::from_text,
        key = |key| KeyValue::from_text(key);
    Vec<u8> => "bytea", decode = |raw| Ok(raw.to_vec());
}
