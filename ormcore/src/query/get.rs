//! Getting one row by its primary key.

use super::with::With;
use crate::db::Lazy;
use crate::entity::{Entity, SoftDelete};
use crate::sql::{Base, Deleted, Expr, Operation, Output, Select};
use crate::value::IntoKey;
use std::fmt;
use std::marker::PhantomData;

/// A question for the row with a primary key: `User::get(1)`.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewUser), patch(UserPatch))]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// let ada = User::get(1).one(db).await?;
/// let nobody = User::get(2).maybe(db).await?;
/// # Ok(()) }
/// ```
#[must_use = "a question does nothing until it is asked: call `.one(&db)` or `.maybe(&db)`"]
pub struct Get<E> {
    /// As it is sent, unless relations come with it: it is large, and not moved about.
    pub(super) select: Select,
    pub(super) withs: Vec<Box<dyn With<E>>>,
    pub(super) lazy: Option<Lazy>,
    pub(super) consistent: bool,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Get<E> {
    /// The row with this key.
    pub fn new(key: impl IntoKey<E::Key>) -> Self {
        let base = Base::new(E::TABLE);
        let mut get = Self {
            select: Select::new(Operation::FindOne, Output::Columns, base),
            withs: Vec::new(),
            lazy: None,
            consistent: false,
            entity: PhantomData,
        };
        get.select.base.by_key = true;
        let mut columns = E::TABLE.key.iter();
        key.into_params(&mut |value| {
            if let Some(column) = columns.next() {
                get.select.base.filter.push(Expr::Compare {
                    column,
                    op: " = ",
                    value,
                });
            }
        });
        get
    }

    pub(super) fn of(select: Select) -> Self {
        Self {
            select,
            withs: Vec::new(),
            lazy: None,
            consistent: false,
            entity: PhantomData,
        }
    }

    /// The row even if it is marked as deleted.
    pub fn with_deleted(mut self) -> Self
    where
        E: SoftDelete,
    {
        self.select.base.deleted = Deleted::Shown;
        self
    }

    /// The row and what comes with it as they were at one moment: see [`Find::consistent`](super::Find::consistent).
    pub fn consistent(mut self) -> Self {
        self.consistent = true;
        self
    }

    /// With a relation.
    pub fn with(mut self, relation: impl With<E> + 'static) -> Self {
        self.withs.push(Box::new(relation));
        self
    }

    /// What a load of a relation does that is not asked for here, of this row and of those that come with it: as
    /// [`Find::lazy`](super::Find::lazy).
    pub fn lazy(mut self, lazy: Lazy) -> Self {
        self.lazy = Some(lazy);
        self
    }
}

impl<E: Entity> fmt::Debug for Get<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Get")
            .field("base", &self.select.base)
            .field("withs", &self.withs.len())
            .finish()
    }
}
