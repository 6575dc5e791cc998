//! Arrays.

use super::on_terms;
use crate::entity::{Argument, Condition, Expression, Term};
use crate::sql::Expr;
use crate::value::Value;

on_terms! { [U: Value] [T: Value<Scalar = Vec<U>>]
    /// Has this element.
    pub fn has(self, element: impl Term<E, U::Scalar>) -> Condition<E> {
        let parts = vec![element.into_term().0, Argument::from(self).0];
        Condition::new(Expr::Words(&["", " = ANY(", ")"], parts))
    }

    /// Has each of these elements, in any order. A NULL among them is never there.
    pub fn has_all<V: Value<Scalar = U::Scalar>>(self, elements: impl Term<E, Vec<V>>) -> Condition<E> {
        let parts = vec![Argument::from(self).0, elements.into_term().0];
        Condition::new(Expr::Words(&["", " @> ", ""], parts))
    }

    /// Has at least one of these elements.
    pub fn has_any<V: Value<Scalar = U::Scalar>>(self, elements: impl Term<E, Vec<V>>) -> Condition<E> {
        let parts = vec![Argument::from(self).0, elements.into_term().0];
        Condition::new(Expr::Words(&["", " && ", ""], parts))
    }

    /// Has no other element than these.
    pub fn is_within<V: Value<Scalar = U::Scalar>>(self, elements: impl Term<E, Vec<V>>) -> Condition<E> {
        let parts = vec![Argument::from(self).0, elements.into_term().0];
        Condition::new(Expr::Words(&["", " <@ ", ""], parts))
    }

    /// How many elements it has; of NULL, NULL.
    pub fn count_elements(self) -> Expression<E, T::With<i32>> {
        Expression::new(Expr::Call("cardinality", vec![Argument::from(self).0]))
    }
}
