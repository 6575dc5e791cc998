//! Dates and times.

use super::on_terms;
use crate::entity::{Argument, Assignment, Entity, Expression, Term};
use crate::sql::Expr;
use crate::value::{Interval, Moment, SqlType, Value};

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

/// PostgreSQL makes a timestamp of a day and an interval.
fn shifted(words: &'static [&'static str], moment: Expr, by: Expr, ty: SqlType) -> Expr {
    let moment = Expr::Words(words, vec![moment, by]);
    match ty.base() {
        "date" => Expr::Cast(Box::new(moment), ty),
        _ => moment,
    }
}

/// And a number of days of two days.
fn exact(moment: Expr, ty: SqlType) -> Expr {
    const TIMESTAMP: SqlType = SqlType::named("timestamp");
    match ty.base() {
        "date" => Expr::Cast(Box::new(moment), TIMESTAMP),
        _ => moment,
    }
}

on_terms! { [] [T::Scalar: Moment]
    /// So much later.
    pub fn plus(self, interval: impl Term<E, Interval>) -> Expression<E, T> {
        let (moment, by) = (Argument::from(self).0, interval.into_term().0);
        Expression::new(shifted(&["(", " + ", ")"], moment, by, T::TYPE))
    }

    /// So much earlier.
    pub fn minus(self, interval: impl Term<E, Interval>) -> Expression<E, T> {
        let (moment, by) = (Argument::from(self).0, interval.into_term().0);
        Expression::new(shifted(&["(", " - ", ")"], moment, by, T::TYPE))
    }

    /// The time that has passed since another moment, in days and microseconds.
    pub fn since(self, other: impl Term<E, T::Scalar>) -> Expression<E, T::With<Interval>> {
        let (moment, other) = (Argument::from(self).0, other.into_term().0);
        let parts = vec![exact(moment, T::TYPE), exact(other, T::TYPE)];
        Expression::new(Expr::Words(&["(", " - ", ")"], parts))
    }
}

/// The time at which the transaction began, on the server's clock: [`now`].
#[derive(Debug)]
#[must_use = "it does nothing until it is compared with a moment, or a column is set to it"]
pub struct Now(Expr);

/// The time at which the transaction began, on the server's clock. It is of the type it is compared with.
///
/// ```no_run
/// # use ormcore::{Db, Entity, Result, now};
/// # use chrono::{DateTime, Utc};
/// # #[derive(Entity)]
/// # struct Visit { #[orm(primary_key, generated)] id: i64, at: DateTime<Utc>, left_at: Option<DateTime<Utc>> }
/// # async fn run(db: &Db) -> Result<()> {
/// use ormcore::value::Interval;
///
/// let week = Interval { days: 7, ..Interval::default() };
/// let recent = Visit::find().filter(Visit::AT.gt(now().minus(week))).all(db).await?;
/// # Ok(()) }
/// ```
pub fn now() -> Now {
    Now(Expr::Words(&["now()"], Vec::new()))
}

impl Now {
    /// So much later.
    pub fn plus(self, interval: Interval) -> Self {
        self.shifted(&["(", " + ", ")"], interval)
    }

    /// So much earlier.
    pub fn minus(self, interval: Interval) -> Self {
        self.shifted(&["(", " - ", ")"], interval)
    }

    fn shifted(self, words: &'static [&'static str], by: Interval) -> Self {
        let by = Expr::Typed(by.into_param(), <Interval as Value>::TYPE);
        Self(Expr::Words(words, vec![self.0, by]))
    }

    fn into_argument<E, T: Moment>(self) -> Argument<E> {
        Argument::new(Expr::Cast(Box::new(self.0), T::TYPE))
    }
}

impl<E: Entity, T: Moment> Term<E, T> for Now {
    fn into_term(self) -> Argument<E> {
        self.into_argument::<E, T>()
    }
}

impl<E: Entity, T: Moment> Assignment<E, T> for Now {
    fn into_assignment(self) -> Argument<E> {
        self.into_argument::<E, T>()
    }
}

impl<E: Entity, T: Moment> Assignment<E, Option<T>> for Now {
    fn into_assignment(self) -> Argument<E> {
        self.into_argument::<E, T>()
    }
}
