//! Columns that say something about the row itself: its version, and that it is deleted.

use super::Entity;
use crate::value::{Moment, Value};

/// An entity with a column that counts the changes of a row: `#[orm(version)]`. So a change can be refused that is based on
/// what the row was before somebody else changed it: [`Update::version`](crate::Update::version).
///
/// Every update by ormcore makes the version one greater; what other programs and your own SQL change they have to count
/// themselves.
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
///
/// They are left out wherever the table is named: when rows are found, counted, updated or joined, by keys, by relations however
/// they are loaded, in questions about related rows and in sub-queries. Your own SQL sees them, and so do constraints: where
/// the value of a deleted row may be used again, it takes a unique index `WHERE deleted_at IS NULL`, which an upsert finds.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # async fn run(db: &Db) -> Result<()> {
/// use chrono::{DateTime, Utc};
///
/// #[derive(Entity)]
/// struct Note {
///     #[orm(primary_key, generated)]
///     id: i64,
///     text: String,
///     #[orm(soft_delete)]
///     deleted_at: Option<DateTime<Utc>>,
/// }
///
/// Note::delete().key(1).execute(db).await?;
/// assert!(Note::get(1).maybe(db).await?.is_none());
/// let bin = Note::find().only_deleted().order_by(Note::DELETED_AT.desc()).all(db).await?;
/// Note::restore(1).execute(db).await?;
/// Note::delete().key(1).hard().execute(db).await?;
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` are not marked as deleted but removed",
    label = "no column of this entity says that a row is deleted",
    note = "put `#[orm(soft_delete)]` on a field of type `Option<DateTime<Utc>>`"
)]
pub trait SoftDelete: Entity {}

/// Compiles only for a date or time; called by generated code.
#[doc(hidden)]
pub const fn is_moment<T: Moment>() {}
