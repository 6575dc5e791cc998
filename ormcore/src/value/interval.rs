//! `interval`: months, days and microseconds, which PostgreSQL keeps apart.

use super::bytes::Reader;
use super::{DecodeError, values};
use bytes::{BufMut as _, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

/// A span of time as PostgreSQL's `interval` keeps it: a month is no number of days, a day no number of hours.
///
/// Two intervals are equal here when all three parts are; to PostgreSQL `1 month` equals `30 days`.
///
/// # Examples
/// ```no_run
/// use ormcore::value::Interval;
/// use ormcore::{Db, Entity};
///
/// #[derive(Entity, Debug)]
/// #[orm(insert(NewPlan))]
/// struct Plan {
///     #[orm(primary_key)]
///     name: String,
///     renewed_every: Interval,
/// }
///
/// #[tokio::main]
/// async fn main() -> ormcore::Result<()> {
///     let db = Db::connect("postgres://localhost/shop").await?;
///     let renewed_every = Interval { months: 1, ..Interval::default() };
///     Plan::insert(NewPlan { name: "basic".into(), renewed_every }).execute(&db).await?;
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Months; a year is 12 of them.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Microseconds.
    pub microseconds: i64,
}

impl Interval {
    /// So many microseconds, without months and days.
    #[must_use]
    pub const fn microseconds(microseconds: i64) -> Self {
        Self {
            months: 0,
            days: 0,
            microseconds,
        }
    }

    /// PostgreSQL's two infinities have all parts at one end.
    const INFINITIES: [Self; 2] = [
        Self {
            months: i32::MAX,
            days: i32::MAX,
            microseconds: i64::MAX,
        },
        Self {
            months: i32::MIN,
            days: i32::MIN,
            microseconds: i64::MIN,
        },
    ];

    fn checked(&self) -> Option<&'static str> {
        let infinite = Self::INFINITIES.contains(self);
        infinite.then_some("the greatest interval is PostgreSQL's infinity, not a number of months")
    }

    /// The time it takes, where that is always the same: without months and days.
    fn fixed(self) -> Result<i64, Inexact> {
        if self.months == 0 && self.days == 0 {
            Ok(self.microseconds)
        } else {
            Err(Inexact("months and days are not always equally long"))
        }
    }
}

impl<'a> FromSql<'a> for Interval {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader(raw);
        let interval = Self {
            microseconds: i64::from_be_bytes(reader.array()?),
            days: reader.int()?,
            months: reader.int()?,
        };
        reader.end()?;
        if Self::INFINITIES.contains(&interval) {
            return Err("infinity is an interval that Interval cannot hold".into());
        }
        Ok(interval)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::INTERVAL
    }
}

impl ToSql for Interval {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        out.put_i64(self.microseconds);
        out.put_i32(self.days);
        out.put_i32(self.months);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::INTERVAL
    }

    to_sql_checked!();
}

values! {
    Interval => "interval", flaw = Interval::checked;
}

/// Why a span of time cannot become one of another type without a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inexact(&'static str);

const FINER: Inexact = Inexact("an interval counts microseconds, and this is finer");
const LONGER: Inexact = Inexact("the time is longer than the other type can hold");

impl fmt::Display for Inexact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for Inexact {}

impl TryFrom<Duration> for Interval {
    type Error = Inexact;

    fn try_from(duration: Duration) -> Result<Self, Inexact> {
        if !duration.subsec_nanos().is_multiple_of(1000) {
            return Err(FINER);
        }
        let microseconds = i64::try_from(duration.as_micros()).map_err(|_| LONGER)?;
        Ok(Self::microseconds(microseconds))
    }
}

impl TryFrom<Interval> for Duration {
    type Error = Inexact;

    fn try_from(interval: Interval) -> Result<Self, Inexact> {
        let negative = Inexact("a Duration is never negative");
        let microseconds = u64::try_from(interval.fixed()?).map_err(|_| negative)?;
        Ok(Self::from_micros(microseconds))
    }
}

#[cfg(feature = "chrono")]
impl TryFrom<chrono::TimeDelta> for Interval {
    type Error = Inexact;

    fn try_from(delta: chrono::TimeDelta) -> Result<Self, Inexact> {
        if delta.subsec_nanos() % 1000 != 0 {
            return Err(FINER);
        }
        let microseconds = delta.num_microseconds().ok_or(LONGER)?;
        Ok(Self::microseconds(microseconds))
    }
}

#[cfg(feature = "chrono")]
impl TryFrom<Interval> for chrono::TimeDelta {
    type Error = Inexact;

    fn try_from(interval: Interval) -> Result<Self, Inexact> {
        interval.fixed().map(Self::microseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::Interval;
    use crate::value::Value as _;
    use bytes::BytesMut;
    use postgres_types::{FromSql as _, ToSql as _, Type};
    use std::time::Duration;

    #[test]
    fn a_duration_becomes_an_interval_only_exactly() {
        let interval = Interval::try_from(Duration::from_micros(1_500_000));
        assert_eq!(interval, Ok(Interval::microseconds(1_500_000)));
        assert!(Interval::try_from(Duration::from_nanos(1)).is_err());
        assert!(Interval::try_from(Duration::MAX).is_err());
    }

    #[test]
    fn infinity_is_neither_read_nor_written() {
        for interval in Interval::INFINITIES {
            let mut raw = BytesMut::new();
            interval.to_sql(&Type::INTERVAL, &mut raw).unwrap();
            assert!(Interval::from_sql(&Type::INTERVAL, &raw).is_err());
            assert!(interval.flaw().is_some());
        }
    }

    #[test]
    fn an_interval_of_days_is_no_duration() {
        let day = Interval {
            days: 1,
            ..Interval::default()
        };
        assert!(Duration::try_from(day).is_err());
        assert!(Duration::try_from(Interval::microseconds(-1)).is_err());
        let second = Interval::microseconds(1_000_000);
        assert_eq!(Duration::try_from(second), Ok(Duration::from_secs(1)));
    }

    #[test]
    #[cfg(feature = "chrono")]
    fn a_time_delta_becomes_an_interval_only_exactly() {
        use chrono::TimeDelta;
        for microseconds in [i64::MIN, -1_000_001, -1, 0, 1, i64::MAX] {
            let delta = TimeDelta::microseconds(microseconds);
            let interval = Interval::try_from(delta);
            assert_eq!(interval, Ok(Interval::microseconds(microseconds)));
            assert_eq!(TimeDelta::try_from(interval.unwrap()), Ok(delta));
        }
        assert!(Interval::try_from(TimeDelta::nanoseconds(-1)).is_err());
        assert!(Interval::try_from(TimeDelta::MAX).is_err());
    }
}
