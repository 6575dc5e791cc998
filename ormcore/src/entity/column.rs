//! Typed columns: `User::NAME.eq("Ada")`.

use crate::sql::ColumnInfo;
use std::fmt;
use std::marker::PhantomData;

/// A column of the entity `E` whose field has type `T`.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewUser), patch(UserPatch))]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// let named = User::NAME.starts_with("A") & User::NAME.ne("Ada");
/// let aged = User::AGE.between(18, 30) | User::AGE.is_null();
/// let users = User::find().filter(named.and(!aged)).order_by(User::AGE.desc()).all(db).await?;
/// # Ok(()) }
/// ```
pub struct Column<E, T> {
    info: &'static ColumnInfo,
    entity: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Clone for Column<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for Column<E, T> {}

impl<E, T> fmt::Debug for Column<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.info, f)
    }
}

impl<E, T> Column<E, T> {
    /// A column by its description; called by generated code.
    #[must_use]
    pub const fn new(info: &'static ColumnInfo) -> Self {
        Self {
            info,
            entity: PhantomData,
        }
    }

    /// The column's description.
    #[must_use]
    pub const fn info(self) -> &'static ColumnInfo {
        self.info
    }
}
