//! Arrays.

use super::{SqlType, Value};

/// An array column, or a list to compare with. The elements may be `Option`s where PostgreSQL may hold NULLs.
impl<T: Value> Value for Vec<T> {
    const TYPE: SqlType = T::TYPE.array();
    type Scalar = Self;
}
