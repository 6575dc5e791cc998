//! Dates and times.

use super::on_terms;
use crate::entity::{Argument, Expression};
use crate::sql::Expr;
use crate::value::{Moment, SqlType, Value};

/// A part of a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// A year.
    Year,
    /// A quarter of a year.
    Quarter,
    /// A month.
    Month,
    /// A week, which begins on Monday.
    Week,
    /// A day.
    Day,
    /// An hour.
    Hour,
    /// A minute.
    Minute,
    /// A second.
    Second,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
        }
    }
}

on_terms! { [] [T::Scalar: Moment]
    /// The beginning of the year, month, day … it is in. A time with zone is cut in the session's time zone.
    pub fn truncate(self, unit: Unit) -> Expression<E, T> {
        let parts = vec![Expr::Literal(unit.name()), Argument::from(self).0];
        // `date_trunc` makes a timestamp of a date.
        Expression::new(Expr::Cast(Box::new(Expr::Call("date_trunc", parts)), T::TYPE))
    }

    /// The number of its year, month, day … as a whole number; of NULL, NULL. A time with zone is read in the session's time
    /// zone.
    pub fn part(self, unit: Unit) -> Expression<E, T::With<i32>> {
        const INTEGER: SqlType = <i32 as Value>::TYPE;
        let parts = vec![Expr::Literal(unit.name()), Argument::from(self).0];
        let part = Expr::Call("floor", vec![Expr::Call("date_part", parts)]);
        Expression::new(Expr::Cast(Box::new(part), INTEGER))
    }
}
