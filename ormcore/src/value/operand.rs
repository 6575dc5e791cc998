//! What may stand on the right of a comparison, or of an assignment.

use super::{Param, Value};

/// A value that can be compared with a column of type `T`.
///
/// It is implemented for `T` itself, so that a literal takes the column's type, for `&str` where `T` is `String`, and
/// for byte slices where it is `Vec<u8>`.
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be compared with `{Self}`",
    label = "expected a value of type `{T}`",
    note = "an `Option` column is compared with its inner type; for NULL use `.is_null()` or `.is_not_null()`"
)]
pub trait Operand<T> {
    /// The value as a parameter.
    fn into_operand(self) -> Param;
}

impl<T: Value<Scalar = T>> Operand<T> for T {
    fn into_operand(self) -> Param {
        self.into_param()
    }
}

impl Operand<String> for &str {
    fn into_operand(self) -> Param {
        Param::from_text(self.to_owned())
    }
}

impl Operand<String> for &String {
    fn into_operand(self) -> Param {
        Param::from_text(self.clone())
    }
}

impl Operand<Vec<u8>> for &[u8] {
    fn into_operand(self) -> Param {
        Param::value(self.to_vec())
    }
}

/// A value that a column of type `T` can be set to.
///
/// It is implemented for `T` itself, for the value in it where `T` is an `Option`, for `&str` where it is a `String`, and for
/// byte slices where it is `Vec<u8>`.
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be set to `{Self}`",
    label = "expected a value of type `{T}`"
)]
pub trait Assign<T> {
    /// The value as a parameter.
    fn into_assigned(self) -> Param;
}

impl<T: Value> Assign<T> for T {
    fn into_assigned(self) -> Param {
        self.into_param()
    }
}

impl<T: Value<Scalar = T>> Assign<Option<T>> for T {
    fn into_assigned(self) -> Param {
        self.into_param()
    }
}

/// The same for a column that may be NULL and one that may not.
macro_rules! borrowed {
    ($($borrowed:ty => $owned:ty;)*) => {$(
        impl Assign<$owned> for $borrowed {
            fn into_assigned(self) -> Param {
                Operand::<$owned>::into_operand(self)
            }
        }

        impl Assign<Option<$owned>> for $borrowed {
            fn into_assigned(self) -> Param {
                Operand::<$owned>::into_operand(self)
            }
        }
    )*};
}

borrowed! {
    &str => String;
    &String => String;
    &[u8] => Vec<u8>;
}
