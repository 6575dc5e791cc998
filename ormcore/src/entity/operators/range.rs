//! Ranges and sets of ranges.

use super::on_terms;
use crate::entity::{Argument, Condition, Entity, Expression, Term};
use crate::sql::Expr;
use crate::value::{Range, RangeElement, RangeSet, SqlType, Value};
use std::ops;

/// The type of the values in a range.
type Element<T> = <<T as Value>::Scalar as RangeSet>::Element;

macro_rules! beside {
    ($($(#[$doc:meta])* $name:ident $op:literal;)*) => {
        on_terms! { [] [T::Scalar: RangeSet]
            $(
                $(#[$doc])*
                pub fn $name<R: RangeSet<Element = Element<T>>>(self, other: impl Term<E, R>) -> Condition<E> {
                    let parts = vec![Argument::from(self).0, other.into_term().0];
                    Condition::new(Expr::Words(&["", $op, ""], parts))
                }
            )*
        }
    };
}

beside! {
    /// Has every value of another range, which may be one of Rust's: `Room::SEATS.covers(1..4)`.
    covers " @> ";
    /// Has no value that another range does not have.
    covered_by " <@ ";
    /// Has a value in common with another range.
    overlaps " && ";
    /// Ends before another range begins.
    is_before " << ";
    /// Begins after another range has ended.
    is_after " >> ";
    /// Ends where another range begins, or begins where it ends, without a value in common.
    is_adjacent_to " -|- ";
}

macro_rules! combined {
    ($($(#[$doc:meta])* $name:ident $words:expr;)*) => {
        on_terms! { [] [T::Scalar: RangeSet]
            $(
                $(#[$doc])*
                pub fn $name(self, other: impl Term<E, T::Scalar>) -> Expression<E, T> {
                    let parts = vec![Argument::from(self).0, other.into_term().0];
                    Expression::new(Expr::Words($words, parts))
                }
            )*
        }
    };
}

combined! {
    /// The values of both. Of two ranges with a gap between them there is none: an error of the server's.
    joined_with &["(", " + ", ")"];
    /// The values that are in both.
    in_common_with &["(", " * ", ")"];
    /// The values that are not in the other. Where that leaves two ranges, it is an error of the server's.
    without &["(", " - ", ")"];
}

/// PostgreSQL does not look under a domain for a range's element.
fn bare(value: Expr, ty: SqlType) -> Expr {
    let base = SqlType::named(ty.base());
    match value {
        value if ty == base => value,
        Expr::Typed(value, _) => Expr::Typed(value, base),
        value => Expr::Cast(Box::new(value), base),
    }
}

on_terms! { [] [T::Scalar: RangeSet]
    /// Has this value.
    pub fn includes(self, value: impl Term<E, Element<T>>) -> Condition<E> {
        let value = bare(value.into_term().0, <Element<T> as Value>::TYPE);
        let parts = vec![Argument::from(self).0, value];
        Condition::new(Expr::Words(&["", " @> ", ""], parts))
    }

    /// Where it begins; NULL of an empty range, and of one without a beginning.
    pub fn lower_bound(self) -> Expression<E, Option<Element<T>>> {
        Expression::new(Expr::Call("lower", vec![Argument::from(self).0]))
    }

    /// Where it ends; NULL of an empty range, and of one without an end.
    pub fn upper_bound(self) -> Expression<E, Option<Element<T>>> {
        Expression::new(Expr::Call("upper", vec![Argument::from(self).0]))
    }

    /// Has no values.
    pub fn is_empty(self) -> Condition<E> {
        Condition::new(Expr::Call("isempty", vec![Argument::from(self).0]))
    }
}

on_terms! { [] [T::Scalar: RangeElement]
    /// Lies in a range: `Ware::STOCK.in_range(1..10)`, or a column of ranges.
    pub fn in_range<R: RangeSet<Element = T::Scalar>>(self, range: impl Term<E, R>) -> Condition<E> {
        let parts = vec![bare(Argument::from(self).0, T::TYPE), range.into_term().0];
        Condition::new(Expr::Words(&["", " <@ ", ""], parts))
    }
}

macro_rules! of_rust {
    ($($range:ident)*) => {$(
        impl<E: Entity, U: RangeElement> Term<E, Range<U>> for ops::$range<U> {
            fn into_term(self) -> Argument<E> {
                Term::<E, Range<U>>::into_term(Range::from(self))
            }
        }
    )*};
}

of_rust!(Range RangeFrom RangeTo RangeInclusive RangeToInclusive);
