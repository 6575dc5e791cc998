//! What may stand in a list to compare with.

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
