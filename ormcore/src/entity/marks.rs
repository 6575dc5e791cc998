//! Columns that say something about the row itself: its version, and that it is deleted.

use super::Entity;
use crate::value::{Moment, Value};

/// An entity with a column that counts the changes of a row: `#[orm(version)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no version",
    label = "no column of this entity counts the changes of a row",
    note = "put `#[orm(version)]` on a field of type `i32` or `i64`"
)]
pub trait Versioned: Entity {
    /// The type of the count; a new row has the version 1.
    type Version: Counter;
}

/// A type that counts the changes of a row.
#[diagnostic::on_unimplemented(
    message = "a version is an `i16`, `i32` or `i64`, not a `{Self}`",
    label = "this cannot count changes"
)]
pub trait Counter: Value<Scalar = Self> {}

impl Counter for i16 {}
impl Counter for i32 {}
impl Counter for i64 {}

/// An entity whose rows are marked as deleted instead of being removed: `#[orm(soft_delete)]`.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` are not marked as deleted but removed",
    label = "no column of this entity says that a row is deleted",
    note = "put `#[orm(soft_delete)]` on a field of type `Option<DateTime<Utc>>`"
)]
pub trait SoftDelete: Entity {}

/// Compiles only for a date or time; called by generated code.
#[doc(hidden)]
pub const fn is_moment<T: Moment>() {}
