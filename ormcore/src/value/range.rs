//! `int4range`, `tstzrange` and the others.

use super::bytes::{Reader, put_part};
use super::sql_type::{readable, writable};
use super::{DecodeError, Numeric, SqlType, Value};
use bytes::{BufMut as _, BytesMut};
use postgres_types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};
use std::ops::{self, Bound, RangeBounds};

/// A type that PostgreSQL has ranges of: `i32`, `i64`, [`Numeric`], and, by feature, `rust_decimal::Decimal`, `chrono::NaiveDate`,
/// `NaiveDateTime` and `DateTime<Utc>`.
#[diagnostic::on_unimplemented(
    message = "PostgreSQL has no ranges of `{Self}`",
    label = "expected i32, i64, Numeric, Decimal, NaiveDate, NaiveDateTime or DateTime<Utc>"
)]
pub trait RangeElement: Value<Scalar = Self> {
    /// The type of such ranges.
    const RANGE: SqlType;
    /// The type of sets of such ranges.
    const MULTIRANGE: SqlType;
}

macro_rules! elements {
    ($($(#[$condition:meta])* $element:ty => $range:literal, $multirange:literal;)*) => {$(
        $(#[$condition])*
        impl RangeElement for $element {
            const RANGE: SqlType = SqlType::named($range);
            const MULTIRANGE: SqlType = SqlType::named($multirange);
        }
    )*};
}

elements! {
    i32 => "int4range", "int4multirange";
    i64 => "int8range", "int8multirange";
    Numeric => "numrange", "nummultirange";
    #[cfg(feature = "decimal")] rust_decimal::Decimal => "numrange", "nummultirange";
    #[cfg(feature = "chrono")] chrono::NaiveDateTime => "tsrange", "tsmultirange";
    #[cfg(feature = "chrono")] chrono::DateTime<chrono::Utc> => "tstzrange", "tstzmultirange";
    #[cfg(feature = "chrono")] chrono::NaiveDate => "daterange", "datemultirange";
}

/// A range of values; it is made from one of Rust's ranges, or from two bounds.
///
/// PostgreSQL stores ranges of numbers and days in one form, with the lower bound in and the upper one out: `1..=3` comes
/// back as `1..4`, and `5..5` as the empty range.
///
/// # Examples
/// ```no_run
/// use chrono::NaiveDate;
/// use ormcore::value::Range;
/// use ormcore::{Db, Entity};
///
/// #[derive(Entity, Debug)]
/// #[orm(insert(NewStay))]
/// struct Stay {
///     #[orm(primary_key, generated)]
///     id: i64,
///     nights: Range<NaiveDate>,
/// }
///
/// #[tokio::main]
/// async fn main() -> ormcore::Result<()> {
///     let db = Db::connect("postgres://localhost/hotel").await?;
///     let (from, to) = (NaiveDate::MIN, NaiveDate::MAX);
///     let stay = Stay::insert(NewStay { nights: (from..to).into() }).one(&db).await?;
///     assert!(stay.nights.contains(&from) && !stay.nights.contains(&to));
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range<T>(Option<(Bound<T>, Bound<T>)>);

impl<T> Range<T> {
    /// The range between two bounds. PostgreSQL refuses it when the lower one is above the upper one.
    #[must_use]
    pub const fn new(lower: Bound<T>, upper: Bound<T>) -> Self {
        Self(Some((lower, upper)))
    }

    /// The range that has no values.
    #[must_use]
    pub const fn empty() -> Self {
        Self(None)
    }

    /// The lower and the upper bound; none of the empty range.
    #[must_use]
    pub fn bounds(&self) -> Option<(Bound<&T>, Bound<&T>)> {
        let bounds = self.0.as_ref();
        bounds.map(|(lower, upper)| (lower.as_ref(), upper.as_ref()))
    }

    /// The lower and the upper bound themselves; none of the empty range.
    #[must_use]
    pub fn into_bounds(self) -> Option<(Bound<T>, Bound<T>)> {
        self.0
    }

    /// Whether it is the empty range. A range from the database that has no values always is.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the value lies in the range.
    pub fn contains(&self, value: &T) -> bool
    where
        T: PartialOrd,
    {
        self.0.as_ref().is_some_and(|range| range.contains(value))
    }
}

const EMPTY: u8 = 1;
const LOWER_IN: u8 = 2;
const UPPER_IN: u8 = 4;
const NO_LOWER: u8 = 8;
const NO_UPPER: u8 = 16;

/// What is set in the flags for a bound that is in, out, or not there.
fn flag<T>(bound: &Bound<T>, included: u8, unbounded: u8) -> u8 {
    match bound {
        Bound::Included(_) => included,
        Bound::Excluded(_) => 0,
        Bound::Unbounded => unbounded,
    }
}

fn value<T>(bound: &Bound<T>) -> Option<&T> {
    match bound {
        Bound::Included(value) | Bound::Excluded(value) => Some(value),
        Bound::Unbounded => None,
    }
}

fn element(ty: &Type) -> Option<&Type> {
    match ty.kind() {
        Kind::Range(element) => Some(element),
        _ => None,
    }
}

impl<'a, T: RangeElement> FromSql<'a> for Range<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, DecodeError> {
        let element = element(ty).ok_or_else(|| format!("{ty} is no range"))?;
        read(readable::<T>(element), raw)
    }

    fn accepts(ty: &Type) -> bool {
        element(ty).is_some_and(|element| <T as Value>::accepts(readable::<T>(element)))
    }
}

impl<T: RangeElement> ToSql for Range<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        let element = element(ty).ok_or_else(|| format!("{ty} is no range"))?;
        write(self, writable::<T>(element), out)
    }

    fn accepts(ty: &Type) -> bool {
        element(ty).is_some_and(|element| T::takes(writable::<T>(element)))
    }

    to_sql_checked!();
}

/// Reads a range whose values are of type `element`.
pub(super) fn read<T: Value>(element: &Type, raw: &[u8]) -> Result<Range<T>, DecodeError> {
    let mut reader = Reader(raw);
    let flags = reader.byte()?;
    if flags & EMPTY != 0 {
        return Ok(Range::empty());
    }
    let mut bound = |included, unbounded| {
        if flags & unbounded != 0 {
            return Ok(Bound::Unbounded);
        }
        let value = T::decode(element, reader.part()?)?;
        Ok::<_, DecodeError>(if flags & included != 0 {
            Bound::Included(value)
        } else {
            Bound::Excluded(value)
        })
    };
    let range = Range::new(bound(LOWER_IN, NO_LOWER)?, bound(UPPER_IN, NO_UPPER)?);
    reader.end()?;
    Ok(range)
}

/// Writes a range whose values are of type `element`.
pub(super) fn write<T: ToSql>(
    range: &Range<T>,
    element: &Type,
    out: &mut BytesMut,
) -> Result<IsNull, DecodeError> {
    let Some((lower, upper)) = &range.0 else {
        out.put_u8(EMPTY);
        return Ok(IsNull::No);
    };
    out.put_u8(flag(lower, LOWER_IN, NO_LOWER) | flag(upper, UPPER_IN, NO_UPPER));
    for value in [value(lower), value(upper)].into_iter().flatten() {
        put_part(out, |out| value.to_sql(element, out))?;
    }
    Ok(IsNull::No)
}

impl<T: RangeElement> Value for Range<T> {
    const TYPE: SqlType = T::RANGE;
    type Scalar = Self;
    type With<U: Value<Scalar = U>> = U;
}

macro_rules! from {
    ($($range:ty, $made:ident => $lower:expr, $upper:expr;)*) => {$(
        impl<T> From<$range> for Range<T> {
            fn from($made: $range) -> Self {
                Self::new($lower, $upper)
            }
        }
    )*};
}

from! {
    ops::Range<T>, range => Bound::Included(range.start), Bound::Excluded(range.end);
    ops::RangeFrom<T>, range => Bound::Included(range.start), Bound::Unbounded;
    ops::RangeTo<T>, range => Bound::Unbounded, Bound::Excluded(range.end);
    ops::RangeToInclusive<T>, range => Bound::Unbounded, Bound::Included(range.end);
}

impl<T> From<ops::RangeInclusive<T>> for Range<T> {
    fn from(range: ops::RangeInclusive<T>) -> Self {
        let (start, end) = range.into_inner();
        Self::new(Bound::Included(start), Bound::Included(end))
    }
}

/// The range of all values.
impl<T> From<ops::RangeFull> for Range<T> {
    fn from(_: ops::RangeFull) -> Self {
        Self::new(Bound::Unbounded, Bound::Unbounded)
    }
}
