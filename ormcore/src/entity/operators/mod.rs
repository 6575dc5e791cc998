//! What can be asked of a column, and of anything made from one.

mod array;
mod compare;
mod json;
mod network;
mod number;
mod range;
mod text;
mod time;

pub use number::random;
pub use time::{Now, Unit, now};

/// Gives columns, expressions and aggregates the same methods; those of a family only where the values are of it.
macro_rules! on_terms {
    ([$($family:tt)*] [$($bounds:tt)*] $($methods:tt)*) => {
        impl<E: $crate::entity::Entity, T: $crate::value::Value, $($family)*> $crate::entity::Column<E, T>
        where $($bounds)* { $($methods)* }

        impl<E: $crate::entity::Entity, T: $crate::value::Value, $($family)*> $crate::entity::Expression<E, T>
        where $($bounds)* { $($methods)* }

        impl<E: $crate::entity::Entity, T: $crate::value::Value, $($family)*> $crate::entity::Aggregate<E, T>
        where $($bounds)* { $($methods)* }
    };
}
pub(super) use on_terms;
