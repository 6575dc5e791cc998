//! Families of types: numbers, and moments.

use super::Value;

/// A type of numbers: what arithmetic works on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number",
    label = "arithmetic needs numbers"
)]
pub trait Number: Value<Scalar = Self> {
    /// The type of a sum of many: the next wider one. PostgreSQL adds `bigint`s as `numeric`; here their sum is a `bigint`
    /// again, and one that does not fit is the server's error.
    type Sum: Value<Scalar = Self::Sum>;
    /// The type of the mean of many.
    type Mean: Value<Scalar = Self::Mean>;
}

macro_rules! numbers {
    ($($type:ty => $sum:ty, $mean:ty;)*) => {$(
        impl Number for $type {
            type Sum = $sum;
            type Mean = $mean;
        }
    )*};
}

numbers! {
    i16 => i64, f64;
    i32 => i64, f64;
    i64 => i64, f64;
    f32 => f32, f64;
    f64 => f64, f64;
}

#[cfg(feature = "decimal")]
numbers! {
    rust_decimal::Decimal => rust_decimal::Decimal, rust_decimal::Decimal;
}

/// A type of dates or times.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a date nor a time",
    label = "a date or time is needed here"
)]
pub trait Moment: Value<Scalar = Self> {}

#[cfg(feature = "chrono")]
mod chrono {
    use super::Moment;
    use ::chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

    impl Moment for DateTime<Utc> {}
    impl Moment for NaiveDateTime {}
    impl Moment for NaiveDate {}
}
