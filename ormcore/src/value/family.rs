//! Families of types: numbers, networks, ranges, and moments.

use super::{Cidr, Inet, Multirange, Numeric, Range, RangeElement, Value};
use std::net::IpAddr;

/// A type of numbers: what arithmetic works on. A newtype of one is one too, and its sums are those of the type inside.
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
    Numeric => Numeric, Numeric;
}

#[cfg(feature = "decimal")]
numbers! {
    rust_decimal::Decimal => rust_decimal::Decimal, rust_decimal::Decimal;
}

/// A type of numbers that need not be whole.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no digits after the point",
    label = "expected a number that need not be whole: f32, f64, Decimal or Numeric"
)]
pub trait Fraction: Number {}

impl Fraction for f32 {}
impl Fraction for f64 {}
impl Fraction for Numeric {}
#[cfg(feature = "decimal")]
impl Fraction for rust_decimal::Decimal {}

/// A type of addresses or networks: `IpAddr`, [`Inet`], [`Cidr`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an address nor a network",
    label = "expected IpAddr, Inet or Cidr"
)]
pub trait Network: Value<Scalar = Self> {}

impl Network for IpAddr {}
impl Network for Inet {}
impl Network for Cidr {}

/// A type of ranges: [`Range`], and [`Multirange`], which is a set of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no range",
    label = "expected a range or a multirange"
)]
pub trait RangeSet: Value<Scalar = Self> {
    /// The type of the values in it.
    type Element: RangeElement;
}

impl<T: RangeElement> RangeSet for Range<T> {
    type Element = T;
}

impl<T: RangeElement> RangeSet for Multirange<T> {
    type Element = T;
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
