//! Deleting rows.

use crate::db::{self, Executor, Reads, Request, Source};
use crate::entity::{Condition, Entity, IntoCondition};
use crate::error::{Error, Result};
use crate::sql::{self, Expr};
use crate::telemetry::Page;
use crate::value::IntoKey;
use std::marker::PhantomData;
use std::panic::Location;

/// Rows to delete: `Post::delete().filter(Post::PUBLISHED.eq(false))`.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewUser), patch(UserPatch))]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// User::delete().key(1).execute(db).await?;
/// let gone = User::delete().filter(User::AGE.is_null()).execute(db).await?;
/// User::delete().all_rows().execute(db).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "nothing is deleted until `.execute(&db)` is awaited"]
pub struct Delete<E> {
    filter: Vec<Expr>,
    all_rows: bool,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Delete<E> {
    /// The rows that a filter names; to delete all of them say [`all_rows`](Self::all_rows).
    pub fn new() -> Self {
        Self {
            filter: Vec::new(),
            all_rows: false,
            entity: PhantomData,
        }
    }

    /// Only the row with this key.
    pub fn key(mut self, key: impl IntoKey<E::Key>) -> Self {
        let mut columns = E::TABLE.key.iter();
        key.into_params(&mut |value| {
            if let Some(column) = columns.next() {
                self.filter.push(Expr::Compare {
                    column,
                    op: " = ",
                    value,
                });
            }
        });
        self
    }

    /// Only rows for which the condition holds, besides those before it.
    pub fn filter(mut self, condition: impl IntoCondition<E>) -> Self {
        self.filter
            .extend(condition.into_condition().map(Condition::into_expr));
        self
    }

    /// Yes, all rows of the table.
    pub fn all_rows(mut self) -> Self {
        self.all_rows = true;
        self
    }

    /// Deletes the rows and returns how many there were.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage) without a filter; when a row is still referenced, or the
    /// statement fails.
    #[track_caller]
    pub fn execute<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            if self.filter.is_empty() && !self.all_rows {
                return Err(Error::usage(format!(
                    "a delete of `{}` without a filter would delete every row; add `.filter(…)`, or say `.all_rows()`",
                    E::TABLE.entity
                ))
                .at(caller));
            }
            let statement = sql::Delete {
                table: E::TABLE,
                filter: self.filter,
            };
            let (reads, page) = (Reads::Other, Page::default());
            let request = Request {
                statement: &statement,
                reads,
                page,
                writes: true,
                caller,
            };
            Ok(db::run(source, request, &mut |_| Ok(())).await?.affected)
        }
    }
}

impl<E: Entity> Default for Delete<E> {
    fn default() -> Self {
        Self::new()
    }
}
