//! Numbers: arithmetic.

use super::on_terms;
use crate::entity::{Aggregate, Argument, Column, Entity, Expression, Term};
use crate::sql::Expr;
use crate::value::{Number, Value};
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

/// `a + b` for every pair of a term and what can be computed with it. Numbers that do not fit are an error of the server's.
macro_rules! arithmetic {
    ($kind:ident: $($op:ident $method:ident $words:expr;)*) => {$(
        impl<E: Entity, T: Value, R: Term<E, T::Scalar>> $op<R> for $kind<E, T>
        where
            T::Scalar: Number,
        {
            type Output = Expression<E, T>;

            fn $method(self, other: R) -> Expression<E, T> {
                let parts = vec![Argument::from(self).0, other.into_term().0];
                Expression::new(Expr::Words($words, parts))
            }
        }
    )*};
    ($($kind:ident)*) => {$(
        arithmetic! { $kind:
            Add add &["(", " + ", ")"];
            Sub sub &["(", " - ", ")"];
            Mul mul &["(", " * ", ")"];
            Div div &["(", " / ", ")"];
            Rem rem &["(", " % ", ")"];
        }

        impl<E: Entity, T: Value> Neg for $kind<E, T>
        where
            T::Scalar: Number,
        {
            type Output = Expression<E, T>;

            fn neg(self) -> Expression<E, T> {
                Expression::new(Expr::Words(&["(- ", ")"], vec![Argument::from(self).0]))
            }
        }
    )*};
}

arithmetic!(Column Expression Aggregate);

on_terms! { [] [T::Scalar: Number]
    /// Without its sign.
    pub fn abs(self) -> Expression<E, T> {
        Expression::new(Expr::Call("abs", vec![Argument::from(self).0]))
    }
}
