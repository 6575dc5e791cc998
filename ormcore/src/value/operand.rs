//! What may stand in a list to compare with.

use super::{Param, SqlType, Value};

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

/// A value that can be bound to SQL of the caller's own: what a column can hold, and borrowed text and bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be bound to SQL",
    label = "expected a value that a column can hold, or `&str`",
    note = "of a reference to a value the value is bound: write `*value`, or `value.clone()`"
)]
pub trait Bind {
    /// The value as a parameter.
    #[doc(hidden)]
    fn into_bound(self) -> Param;

    /// The type it has where nothing else tells.
    #[doc(hidden)]
    fn ty(&self) -> SqlType;
}

impl<T: Value> Bind for T {
    fn into_bound(self) -> Param {
        self.into_param()
    }

    fn ty(&self) -> SqlType {
        T::TYPE
    }
}

macro_rules! borrowed {
    ($($borrowed:ty => $owned:ty;)*) => {$(
        impl Bind for $borrowed {
            fn into_bound(self) -> Param {
                Operand::<$owned>::into_operand(self)
            }

            fn ty(&self) -> SqlType {
                <$owned as Value>::TYPE
            }
        }
    )*};
}

borrowed! {
    &str => String;
    &String => String;
    &[u8] => Vec<u8>;
}
