//! Functions that have a value only within a window: the row's place, and its neighbours.

use super::operators::on_terms;
use super::{Aggregate, Argument, Entity, Expression, Term, Window};
use crate::sql::Expr;
use crate::value::Value;
use std::fmt;

/// A function of a row's place among others: say which others with [`over`](Self::over).
#[must_use = "a window function does nothing without `over`"]
pub struct Ranking<E, T>(Aggregate<E, T>);

impl<E: Entity, T: Value> Ranking<E, T> {
    /// Within this window.
    pub fn over(self, window: Window<E>) -> Expression<E, T> {
        self.0.over(window)
    }
}

impl<E, T> fmt::Debug for Ranking<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The row's number in its window, from 1.
pub fn row_number<E: Entity>() -> Ranking<E, i64> {
    Ranking(Aggregate::of("row_number", Vec::new()))
}

/// The row's rank in its window, from 1; equal rows share one, and leave a gap behind them.
pub fn rank<E: Entity>() -> Ranking<E, i64> {
    Ranking(Aggregate::of("rank", Vec::new()))
}

/// The row's rank in its window, from 1; equal rows share one, without a gap behind them.
pub fn dense_rank<E: Entity>() -> Ranking<E, i64> {
    Ranking(Aggregate::of("dense_rank", Vec::new()))
}

/// Which of so many parts of equal size the row is in, from 1.
pub fn ntile<E: Entity>(parts: i32) -> Ranking<E, i32> {
    let parts = Expr::Typed(parts.into_param(), <i32 as Value>::TYPE);
    Ranking(Aggregate::of("ntile", vec![parts]))
}

/// The part of the window's rows that come before this one, from 0 to 1.
pub fn percent_rank<E: Entity>() -> Ranking<E, f64> {
    Ranking(Aggregate::of("percent_rank", Vec::new()))
}

/// The part of the window's rows that come before this one or are equal to it, from above 0 to 1.
pub fn cume_dist<E: Entity>() -> Ranking<E, f64> {
    Ranking(Aggregate::of("cume_dist", Vec::new()))
}

fn neighbour<E, T>(name: &'static str, of: Argument<E>, rows: i32) -> Ranking<E, T> {
    let rows = Expr::Typed(rows.into_param(), <i32 as Value>::TYPE);
    Ranking(Aggregate::of(name, vec![of.0, rows]))
}

fn neighbour_or<E, T>(
    name: &'static str,
    of: Argument<E>,
    rows: i32,
    other: Argument<E>,
) -> Ranking<E, T> {
    let rows = Expr::Typed(rows.into_param(), <i32 as Value>::TYPE);
    Ranking(Aggregate::of(name, vec![of.0, rows, other.0]))
}

on_terms! { [] []
    /// The value so many rows before this one, or the other where there is none.
    pub fn lag_or(self, rows: i32, other: impl Term<E, T::Scalar>) -> Ranking<E, T> {
        neighbour_or("lag", self.into(), rows, other.into_term())
    }

    /// The value so many rows after this one, or the other where there is none.
    pub fn lead_or(self, rows: i32, other: impl Term<E, T::Scalar>) -> Ranking<E, T> {
        neighbour_or("lead", self.into(), rows, other.into_term())
    }
}

on_terms! { [] [Option<T::Scalar>: Value]
    /// The value so many rows before this one; NULL where there is none.
    pub fn lag(self, rows: i32) -> Ranking<E, Option<T::Scalar>> {
        neighbour("lag", self.into(), rows)
    }

    /// The value so many rows after this one; NULL where there is none.
    pub fn lead(self, rows: i32) -> Ranking<E, Option<T::Scalar>> {
        neighbour("lead", self.into(), rows)
    }

    /// The value of the window's n-th row, from 1; NULL where there is none.
    pub fn nth_value(self, n: i32) -> Ranking<E, Option<T::Scalar>> {
        neighbour("nth_value", self.into(), n)
    }

    /// The value of the window's first row.
    pub fn first_value(self) -> Ranking<E, T> {
        Ranking(Aggregate::of("first_value", vec![Argument::from(self).0]))
    }

    /// The value of the window's last row: of an ordered window the current one, unless it says [`Window::all_rows`].
    pub fn last_value(self) -> Ranking<E, T> {
        Ranking(Aggregate::of("last_value", vec![Argument::from(self).0]))
    }
}
