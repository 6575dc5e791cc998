//! `rust_decimal::Decimal` as `numeric`.

use super::{KeyValue, values};
use rust_decimal::Decimal;

// Up to 28 significant digits. A stored number that has more, NaN and the infinities are an error, never a rounded value.
values! {
    Decimal => "numeric", key = |key| KeyValue::other(*key);
}
