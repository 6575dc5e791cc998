//! Comparing, and ordering by, values of any type.

use super::on_terms;
use crate::entity::{Argument, Column, Condition, Entity, Expression, Order, Subquery, Term};
use crate::sql::Expr;
use crate::value::{Operand, Param, SqlType, Value};

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $op:literal;)*) => {
        on_terms! { [] []
            $(
                $(#[$doc])*
                pub fn $name(self, other: impl Term<E, T::Scalar>) -> Condition<E> {
                    let other = other.into_term().0;
                    Condition::new(Expr::compare(Argument::from(self).0, $op, &["", $op, ""], other))
                }
            )*
        }
    };
}

comparisons! {
    /// Equal to a value, a column or an expression.
    eq " = ";
    /// Different from it. A NULL is neither equal to it nor different.
    ne " <> ";
    /// Less than it.
    lt " < ";
    /// Less than it, or equal.
    le " <= ";
    /// Greater than it.
    gt " > ";
    /// Greater than it, or equal.
    ge " >= ";
    /// Different from it, where NULL differs from every value and not from NULL.
    is_distinct_from " IS DISTINCT FROM ";
    /// Equal to it, where NULL equals NULL and nothing else.
    is_not_distinct_from " IS NOT DISTINCT FROM ";
}

on_terms! { [] []
    /// One of the values, however many: they are one parameter. Of none, nothing is.
    pub fn in_<V: Operand<T::Scalar>>(self, values: impl IntoIterator<Item = V>) -> Condition<E> {
        let values: Vec<Param> = values.into_iter().map(Operand::into_operand).collect();
        Condition::new(among(Argument::from(self).0, values, T::TYPE))
    }

    /// None of the values.
    pub fn not_in<V: Operand<T::Scalar>>(self, values: impl IntoIterator<Item = V>) -> Condition<E> {
        let values: Vec<Param> = values.into_iter().map(Operand::into_operand).collect();
        Condition::new(not_among(Argument::from(self).0, values, T::TYPE))
    }

    /// One of the values that a query selects: `User::ID.in_query(Post::find().select(Post::AUTHOR_ID))`.
    pub fn in_query(self, query: impl Subquery<T::Scalar>) -> Condition<E> {
        let query = query.into_select().0;
        Condition::new(Expr::Words(&["", " IN ", ""], vec![Argument::from(self).0, query]))
    }

    /// None of the values that a query selects. When one of those is NULL, this holds for no row.
    pub fn not_in_query(self, query: impl Subquery<T::Scalar>) -> Condition<E> {
        let query = query.into_select().0;
        Condition::new(Expr::Words(&["", " NOT IN ", ""], vec![Argument::from(self).0, query]))
    }

    /// Between two values, both included.
    pub fn between(self, low: impl Term<E, T::Scalar>, high: impl Term<E, T::Scalar>) -> Condition<E> {
        let value = Argument::from(self).0;
        let (low, high) = (low.into_term().0.beside(&value), high.into_term().0.beside(&value));
        Condition::new(Expr::Words(&["", " BETWEEN ", " AND ", ""], vec![value, low, high]))
    }

    /// The value, or the other one where it is NULL.
    pub fn coalesce(self, other: impl Term<E, T::Scalar>) -> Expression<E, T::Scalar> {
        Expression::new(pair("coalesce", Argument::from(self).0, other.into_term().0))
    }

    /// NULL where the value is equal to the other one.
    pub fn null_if(self, other: impl Term<E, T::Scalar>) -> Expression<E, Option<T::Scalar>>
    where
        Option<T::Scalar>: Value,
    {
        Expression::new(pair("nullif", Argument::from(self).0, other.into_term().0))
    }

    /// The greater of the two.
    pub fn greatest(self, other: impl Term<E, T::Scalar>) -> Expression<E, T> {
        Expression::new(pair("greatest", Argument::from(self).0, other.into_term().0))
    }

    /// The less of the two.
    pub fn least(self, other: impl Term<E, T::Scalar>) -> Expression<E, T> {
        Expression::new(pair("least", Argument::from(self).0, other.into_term().0))
    }

    /// The value as another type, by PostgreSQL's rules: `Post::VIEWS.cast::<f64>()`. Where it may be NULL, say so:
    /// `cast::<Option<f64>>()`.
    pub fn cast<U: Value>(self) -> Expression<E, U> {
        Expression::new(Expr::Cast(Box::new(Argument::from(self).0), U::TYPE))
    }

    /// In ascending order.
    pub fn asc(self) -> Order<E> {
        Order::new(Argument::from(self).0, false)
    }

    /// In descending order.
    pub fn desc(self) -> Order<E> {
        Order::new(Argument::from(self).0, true)
    }
}

/// Only what may be NULL can be asked whether it is.
macro_rules! on_nullable {
    ($($kind:ident)*) => {$(
        impl<E: Entity, T: Value> $kind<E, Option<T>>
        where
            Option<T>: Value,
        {
            /// Without a value.
            pub fn is_null(self) -> Condition<E> {
                Condition::new(null(Argument::from(self).0, T::TYPE))
            }

            /// With a value.
            pub fn is_not_null(self) -> Condition<E> {
                Condition::new(not_null(Argument::from(self).0, T::TYPE))
            }
        }
    )*};
}

on_nullable!(Column Expression);

/// To `IS NULL` a composite value of NULLs is one, and to `IS NOT NULL` one with any NULL is none.
fn null(value: Expr, ty: SqlType) -> Expr {
    let words = if ty.is_composite() {
        &["", " IS NOT DISTINCT FROM NULL"]
    } else {
        &["", " IS NULL"]
    };
    Expr::Words(words, vec![value])
}

fn not_null(value: Expr, ty: SqlType) -> Expr {
    let words = if ty.is_composite() {
        &["", " IS DISTINCT FROM NULL"]
    } else {
        &["", " IS NOT NULL"]
    };
    Expr::Words(words, vec![value])
}

fn pair(function: &'static str, one: Expr, other: Expr) -> Expr {
    let other = other.beside(&one);
    Expr::Call(function, vec![one, other])
}

fn among(left: Expr, values: Vec<Param>, ty: SqlType) -> Expr {
    if ty.holds_arrays() {
        return each(left, values, &["", " IN ", ""], Expr::Any);
    }
    let list = Param::other(values);
    match left {
        Expr::Column(column) if column.tells_type() => Expr::AnyOf { column, list },
        left => Expr::Words(
            &["", " = ANY(", ")"],
            vec![left, Expr::Typed(list, ty.array())],
        ),
    }
}

fn not_among(left: Expr, values: Vec<Param>, ty: SqlType) -> Expr {
    if ty.holds_arrays() {
        return each(left, values, &["", " NOT IN ", ""], Expr::All);
    }
    let list = Expr::Typed(Param::other(values), ty.array()).beside(&left);
    Expr::Words(&["", " <> ALL(", ")"], vec![left, list])
}

/// PostgreSQL has no array whose elements are arrays: then each value is a parameter.
fn each(
    left: Expr,
    values: Vec<Param>,
    words: &'static [&'static str],
    none: fn(Vec<Expr>) -> Expr,
) -> Expr {
    if values.is_empty() {
        return none(Vec::new());
    }
    let values = values.into_iter().map(Expr::Value).collect();
    Expr::Words(words, vec![left, Expr::Call("", values)])
}
