//! Primary keys, and foreign keys that match them.

use super::{Column, Entity};
use crate::db::Row;
use crate::error::Result;
use crate::value::{ColumnValues, KeyType, Keys};

/// A primary key: a [`KeyType`], or a tuple of several.
pub trait Key: Clone + Send + Sync + 'static {
    /// The parts, in the order of the key's columns.
    fn keys(&self) -> Keys;

    /// Reads a key from the columns at these places of its table.
    ///
    /// # Errors
    /// When a column cannot be read as its part.
    #[doc(hidden)]
    fn read(row: &Row<'_>, places: &[usize]) -> Result<Self>;

    /// Reads many keys from a row that has an array for each part of them.
    ///
    /// # Errors
    /// When a column cannot be read as its parts.
    #[doc(hidden)]
    fn many(row: &Row<'_>) -> Result<Vec<Self>>;

    /// Many keys, part by part.
    #[doc(hidden)]
    fn arrays(keys: Vec<Self>) -> Vec<ColumnValues>;
}

impl<K: KeyType> Key for K {
    #[inline]
    fn keys(&self) -> Keys {
        Keys::Single(self.key_value())
    }

    #[inline]
    fn read(row: &Row<'_>, places: &[usize]) -> Result<Self> {
        part(row, places, 0)
    }

    fn many(row: &Row<'_>) -> Result<Vec<Self>> {
        parts(row, 0)
    }

    fn arrays(keys: Vec<Self>) -> Vec<ColumnValues> {
        vec![K::into_column(keys)]
    }
}

/// One part of a key.
#[inline]
fn part<K: KeyType>(row: &Row<'_>, places: &[usize], position: usize) -> Result<K> {
    row.get(places.get(position).copied().unwrap_or(usize::MAX))
}

/// One part of each key; no keys are no array.
fn parts<K: KeyType>(row: &Row<'_>, position: usize) -> Result<Vec<K>> {
    let parts: Option<Vec<K>> = row.get(position)?;
    Ok(parts.unwrap_or_default())
}

macro_rules! composite {
    ($($part:ident $position:tt),*) => {
        impl<$($part: KeyType),*> Key for ($($part,)*) {
            fn keys(&self) -> Keys {
                Keys::from([$(self.$position.key_value()),*])
            }

            fn read(row: &Row<'_>, places: &[usize]) -> Result<Self> {
                Ok(($(part::<$part>(row, places, $position)?,)*))
            }

            fn many(row: &Row<'_>) -> Result<Vec<Self>> {
                let mut parts = ($(parts::<$part>(row, $position)?.into_iter(),)*);
                let next = || Some(($(parts.$position.next()?,)*));
                Ok(std::iter::from_fn(next).collect())
            }

            fn arrays(keys: Vec<Self>) -> Vec<ColumnValues> {
                let mut parts = ($(Vec::<$part>::with_capacity(keys.len()),)*);
                for key in keys {
                    $(parts.$position.push(key.$position);)*
                }
                vec![$($part::into_column(parts.$position)),*]
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

/// Compiles only when a column can hold the key of `T`; called by generated code.
pub const fn leads_to<T: Entity, A, F: Joins<T::Key>>(_: &Column<A, F>) {}

/// Compiles only when a foreign key can hold the key it refers to; called by generated code.
pub const fn same_key<A, B, K: KeyType, F: Joins<K>>(_: &Column<A, K>, _: &Column<B, F>) {}
