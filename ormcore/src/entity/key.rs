//! Primary keys, and foreign keys that match them.

use super::Column;
use crate::db::Row;
use crate::error::Result;
use crate::value::{KeyType, Keys};

/// A primary key: a [`KeyType`], or a tuple of several.
pub trait Key: Clone + Send + Sync + 'static {
    /// The parts, in the order of the key's columns.
    fn keys(&self) -> Keys;

    /// Reads the key from a row that has nothing else.
    ///
    /// # Errors
    /// When a column cannot be read as its part.
    #[doc(hidden)]
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

impl<K: KeyType> Key for K {
    fn keys(&self) -> Keys {
        Keys::Single(self.key_value())
    }

    fn from_row(row: &Row<'_>) -> Result<Self> {
        row.get(0)
    }
}

macro_rules! composite {
    ($($part:ident $position:tt),*) => {
        impl<$($part: KeyType),*> Key for ($($part,)*) {
            fn keys(&self) -> Keys {
                Keys::from([$(self.$position.key_value()),*])
            }

            fn from_row(row: &Row<'_>) -> Result<Self> {
                Ok(($(row.get::<$part>($position)?,)*))
            }
        }
    };
}

composite!(A 0, B 1);
composite!(A 0, B 1, C 2);
composite!(A 0, B 1, C 2, D 3);

/// The type of a foreign key column that can hold a key of type `K`: `K` itself or `Option<K>`.
#[diagnostic::on_unimplemented(
    message = "a foreign key of type `{Self}` cannot hold a key of type `{K}`",
    label = "the key column has another type",
    note = "the foreign key must be a `{K}` or an `Option<{K}>`"
)]
pub trait Joins<K> {}

impl<K: KeyType> Joins<K> for K {}
impl<K: KeyType> Joins<K> for Option<K> {}

/// Compiles only when a foreign key can hold the key it refers to; called by generated code.
pub const fn same_key<A, B, K: KeyType, F: Joins<K>>(_: &Column<A, K>, _: &Column<B, F>) {}
