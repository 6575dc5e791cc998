//! Another table in the same question, by a name of its own.

use super::{Column, Entity, Expression};
use crate::sql::Expr;
use crate::value::Value;
use std::fmt;
use std::marker::PhantomData;

/// A table by a name of its own, to join it: [`Alias::new`], and [`Find::join`](crate::Find::join).
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # struct Worker { #[orm(primary_key, generated)] id: i64, name: String, boss_id: Option<i64>, wage: i32 }
/// # async fn run(db: &Db) -> Result<()> {
/// use ormcore::Alias;
///
/// let boss = Alias::<Worker>::new("boss");
/// let better_paid: Vec<(String, String)> = Worker::find()
///     .join(boss, boss.col(Worker::ID).eq(Worker::BOSS_ID))
///     .filter(boss.col(Worker::WAGE).lt(Worker::WAGE))
///     .select((Worker::NAME, boss.col(Worker::NAME)))
///     .all(db)
///     .await?;
/// # Ok(()) }
/// ```
pub struct Alias<A> {
    name: &'static str,
    /// The name of the rows it stands for, which are not the table's.
    rows: Option<&'static str>,
    entity: PhantomData<fn() -> A>,
}

impl<A: Entity> Alias<A> {
    /// The entity's table by this name, which must be no other's in the question.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            rows: None,
            entity: PhantomData,
        }
    }

    /// Rows that [`Find::given`](crate::Find::given) gives this name, instead of the entity's table.
    #[must_use]
    pub const fn of_rows(name: &'static str) -> Self {
        Self {
            name,
            rows: Some(name),
            entity: PhantomData,
        }
    }

    /// The same table or rows by another name, to join them once more.
    #[must_use]
    pub const fn again(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// A column of it.
    pub fn col<E: Entity, T: Value>(self, column: Column<A, T>) -> Expression<E, T> {
        Expression::new(Expr::Of(self.name, column.info()))
    }

    /// A column of it where there may be no row: after `left_join` or `full_join`.
    pub fn maybe<E: Entity, T: Value>(
        self,
        column: Column<A, T>,
    ) -> Expression<E, Option<T::Scalar>>
    where
        Option<T::Scalar>: Value,
    {
        Expression::new(Expr::Of(self.name, column.info()))
    }

    pub(crate) fn rows(self) -> Option<&'static str> {
        self.rows
    }

    pub(crate) fn name(self) -> &'static str {
        self.name
    }
}

impl<A> Clone for Alias<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Alias<A> {}

impl<A> fmt::Debug for Alias<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
