//! Columns that say something about the row itself: its version, that it is deleted, which scope it is of.

use super::Entity;
use crate::value::{KeyType, Moment, Value};

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

/// An entity whose rows each belong to one scope, such as a tenant, which a column names: `#[orm(scope)]`.
///
/// A statement about such an entity is about the rows of one scope: the one that its handle carries ([`Db::scope`]), or that it
/// names itself (`.scope(…)`). One that does neither is refused with [`ErrorKind::ScopeMissing`], unless it says
/// `.all_scopes()`. The scope is asked for wherever the table is named: when rows are found by key or condition, counted,
/// locked, updated, deleted, joined, in sub-queries and questions about related rows, in relations however they are
/// loaded, and in the tables between. Your own SQL is sent as it stands.
///
/// - A new row gets the scope of its statement: neither the insert struct nor the patch has the column. It cannot be set.
/// - What is loaded later from a row (`load`) is of that row's scope, whatever the handle says.
/// - Tables have their scopes in common when the columns are of one Rust type. Give scopes a type of their own
///   (`struct TenantId(i64)`), and no other number can be taken for one. The value is bound, never part of the SQL.
/// - A key, and what is `unique`, is so within a scope. [`schema::create`](crate::schema::create) makes the primary key
///   `(tenant_id, id)`, `UNIQUE (tenant_id, path)`, and foreign keys of both columns, as what distributes PostgreSQL
///   (Citus) asks for, and as keeps a row from referring to one of another tenant. On tables of your own ids that are
///   unique in all scopes will do, but an upsert's `on_conflict` needs an index that has the scope's column too.
///   [`Update`](crate::Update) and [`Get`](crate::Get) by key that say `.all_scopes()` mean each row of that key.
/// - Two entities with scopes that a `many_to_many` leads through a named table have the scope in that table too, in a column of
///   the name it has in the entity. A link is of the scope of the rows it links, and ends in that scope alone; rows of two
///   scopes are not linked, and nothing is sent. Where only one of the two has scopes its ids have to be unique in all of them,
///   and the table has no foreign key to it: let an entity with the scope stand between instead, if that matters.
/// - A session keeps to one scope, that of its handle: `db.scope(…).session()`.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Many, Result, Value};
/// # async fn run(db: &Db) -> Result<()> {
/// #[derive(Value, Clone, Copy, Debug, PartialEq, Eq, Hash)]
/// struct TenantId(i64);
///
/// #[derive(Entity)]
/// #[orm(insert(NewInvoice))]
/// struct Invoice {
///     #[orm(primary_key, generated)]
///     id: i64,
///     #[orm(scope)]
///     tenant_id: TenantId,
///     amount: i64,
/// }
///
/// let tenant = db.scope(TenantId(7));
/// Invoice::insert(NewInvoice { amount: 100 }).one(&tenant).await?;
/// let theirs = Invoice::find().filter(Invoice::AMOUNT.gt(50)).all(&tenant).await?;
/// let tx = tenant.begin().await?;
/// Invoice::update(1).set(Invoice::AMOUNT, 90).execute(&tx).await?;
/// tx.commit().await?;
///
/// let of_another = Invoice::find().scope(TenantId(8)).count(db).await?;
/// let of_all = Invoice::find().all_scopes().count(db).await?;
/// # Ok(()) }
/// ```
///
/// [`Db::scope`]: crate::Db::scope
/// [`ErrorKind::ScopeMissing`]: crate::ErrorKind::ScopeMissing
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` have no scope",
    label = "no column of this entity says which scope a row is of",
    note = "put `#[orm(scope)]` on the field that does, such as `tenant_id`"
)]
pub trait Scoped: Entity {
    /// The type of the column.
    type Scope: KeyType + Value<Scalar = Self::Scope>;
}

/// Compiles only for a date or time; called by generated code.
#[doc(hidden)]
pub const fn is_moment<T: Moment>() {}
