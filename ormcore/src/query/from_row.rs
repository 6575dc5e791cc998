//! What a row of your own SQL can be read as.

use crate::db::{Reader, Reads, Row};
use crate::entity::Entity;
use crate::error::Result;
use crate::value::Value;

/// What a row of [`sql`](super::sql) can be read as: an entity, by the names of its columns, or a tuple of values, in order.
#[diagnostic::on_unimplemented(
    message = "a row cannot be read as `{Self}`",
    label = "expected an entity or a tuple of values",
    note = "a single value is read by `.scalar(&db)`, `.scalars(&db)`, or as a tuple of one: `(i64,)`"
)]
pub trait FromRow: Sized + Send + 'static {
    /// How the result is read.
    #[doc(hidden)]
    fn reads() -> How;

    /// Reads a row.
    ///
    /// # Errors
    /// When a column cannot be read.
    #[doc(hidden)]
    fn read(row: &Row<'_>) -> Result<Self>;
}

/// How a result is read.
#[derive(Debug)]
pub struct How(pub(super) Reads);

impl<E: Entity> FromRow for E {
    fn reads() -> How {
        How(Reads::ByName(E::TABLE))
    }

    fn read(row: &Row<'_>) -> Result<Self> {
        E::from_row(row)
    }
}

macro_rules! tuples {
    ($($part:ident $position:tt),*) => {
        impl<$($part: Value),*> FromRow for ($($part,)*) {
            fn reads() -> How {
                How(Reads::Each(Box::new([$(Reader::of::<$part>()),*])))
            }

            fn read(row: &Row<'_>) -> Result<Self> {
                Ok(($(row.get::<$part>($position)?,)*))
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, F 4);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5, H 6);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7);
