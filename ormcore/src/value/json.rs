//! `serde_json::Value` as `jsonb`.

use super::values;

values! {
    serde_json::Value => "jsonb";
}
