//! What a column can be set to.

use super::{Argument, Column, Entity, Expression};
use crate::sql::Expr;
use crate::value::{Operand, Value};
use std::any::Any;

/// Something a column of type `T` can be set to: a value, another column of the row, or an expression.
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be set to `{Self}`",
    label = "expected a value of type `{T}`, or a column or expression of `{E}` with that type"
)]
pub trait Assignment<E, T> {
    /// What the column is set to.
    #[doc(hidden)]
    fn into_assignment(self) -> Argument<E>;

    /// Shows the value, where it is at hand.
    #[doc(hidden)]
    fn given(&self, look: &mut dyn FnMut(&dyn Any)) {
        let _ = look;
    }
}

impl<E: Entity, T: Value> Assignment<E, T> for T {
    fn into_assignment(self) -> Argument<E> {
        Argument::new(Expr::Value(self.into_param()))
    }

    fn given(&self, look: &mut dyn FnMut(&dyn Any)) {
        look(self);
    }
}

impl<E: Entity, T: Value<Scalar = T>> Assignment<E, Option<T>> for T {
    fn into_assignment(self) -> Argument<E> {
        Argument::new(Expr::Value(self.into_param()))
    }

    fn given(&self, look: &mut dyn FnMut(&dyn Any)) {
        look(self);
    }
}

/// The same for a column that may be NULL and one that may not.
macro_rules! borrowed {
    ($($borrowed:ty => $owned:ty;)*) => {$(
        impl<E: Entity> Assignment<E, $owned> for $borrowed {
            fn into_assignment(self) -> Argument<E> {
                Argument::new(Expr::Value(Operand::<$owned>::into_operand(self)))
            }

            fn given(&self, look: &mut dyn FnMut(&dyn Any)) {
                look(&<$owned>::from(*self));
            }
        }

        impl<E: Entity> Assignment<E, Option<$owned>> for $borrowed {
            fn into_assignment(self) -> Argument<E> {
                Argument::new(Expr::Value(Operand::<$owned>::into_operand(self)))
            }

            fn given(&self, look: &mut dyn FnMut(&dyn Any)) {
                look(&<$owned>::from(*self));
            }
        }
    )*};
}

borrowed! {
    &str => String;
    &String => String;
    &[u8] => Vec<u8>;
}

macro_rules! assignments {
    ($($kind:ident)*) => {$(
        impl<E: Entity, T: Value> Assignment<E, T> for $kind<E, T> {
            fn into_assignment(self) -> Argument<E> {
                self.into()
            }
        }

        impl<E: Entity, T: Value<Scalar = T>> Assignment<E, Option<T>> for $kind<E, T> {
            fn into_assignment(self) -> Argument<E> {
                self.into()
            }
        }
    )*};
}

assignments!(Column Expression);
