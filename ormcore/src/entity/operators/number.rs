//! Numbers: arithmetic.

use super::on_terms;
use crate::entity::{Aggregate, Argument, Column, Entity, Expression, Term};
use crate::sql::Expr;
use crate::value::{Fraction, Number, SqlType, Value};
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

const DOUBLE: SqlType = <f64 as Value>::TYPE;

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

fn rounded(function: &'static str, value: Expr, ty: SqlType) -> Expr {
    Expr::Cast(Box::new(Expr::Call(function, vec![value])), ty)
}

on_terms! { [] [T::Scalar: Number]
    /// -1, 0 or 1: below zero, zero, or above.
    pub fn sign(self) -> Expression<E, T> {
        Expression::new(rounded("sign", Argument::from(self).0, T::TYPE))
    }

    /// Its square root; of a number below zero, an error of the server's.
    pub fn sqrt(self) -> Expression<E, T::With<f64>> {
        let value = Expr::Cast(Box::new(Argument::from(self).0), DOUBLE);
        Expression::new(Expr::Call("sqrt", vec![value]))
    }

    /// So many times by itself.
    pub fn power(self, exponent: impl Term<E, f64>) -> Expression<E, T::With<f64>> {
        let value = Expr::Cast(Box::new(Argument::from(self).0), DOUBLE);
        Expression::new(Expr::Call("power", vec![value, exponent.into_term().0]))
    }
}

on_terms! { [] [T::Scalar: Fraction]
    /// The nearest whole number.
    pub fn round(self) -> Expression<E, T> {
        Expression::new(rounded("round", Argument::from(self).0, T::TYPE))
    }

    /// The nearest number with so many digits after the point.
    pub fn round_to(self, digits: impl Term<E, i32>) -> Expression<E, T> {
        const NUMERIC: SqlType = SqlType::named("numeric");
        let value = Expr::Cast(Box::new(Argument::from(self).0), NUMERIC);
        let round = Expr::Call("round", vec![value, digits.into_term().0]);
        Expression::new(Expr::Cast(Box::new(round), T::TYPE))
    }

    /// The greatest whole number that is not above it.
    pub fn floor(self) -> Expression<E, T> {
        Expression::new(rounded("floor", Argument::from(self).0, T::TYPE))
    }

    /// The least whole number that is not below it.
    pub fn ceil(self) -> Expression<E, T> {
        Expression::new(rounded("ceil", Argument::from(self).0, T::TYPE))
    }
}

/// A number from 0 to below 1, another one for each row: `User::find().order_by(random()).limit(3)`.
pub fn random<E: Entity>() -> Expression<E, f64> {
    Expression::new(Expr::Call("random", Vec::new()))
}
