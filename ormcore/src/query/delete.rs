//! Deleting rows.

use super::returning::{Returns, Words, Written};
use super::stale::Seen;
use super::wanted::{Wanted, of_entity, told};
use crate::db::{self, Batch, Done, Executor, Reads, Request, Row, Source};
use crate::entity::{Condition, Entity, IntoCondition, Selection, SoftDelete, Versioned};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{self, Expr, Returning, Said};
use crate::telemetry::{Page, ResultSet};
use crate::value::IntoKey;
use std::marker::PhantomData;
use std::panic::Location;

/// Rows to delete: `Post::delete().filter(Post::PUBLISHED.eq(false))`.
///
/// Rows of an entity with `#[orm(soft_delete)]` are not removed but marked with the moment, and left out of what is asked from
/// then on: of questions, of relations, of updates. `find().with_deleted()` sees them, `restore(key)` brings one back, and
/// [`hard`](Self::hard) removes them. Deleted twice, a row keeps its first mark, and `on_delete` of those that refer to it does not
/// happen. More in [`SoftDelete`].
///
/// A row that others refer to stays, or takes them along, as their `on_delete` says: [`Find::referrers`](crate::Find::referrers)
/// tells who they are before.
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
/// let gone: Vec<User> = User::delete().filter(User::AGE.lt(0)).all(db).await?;
/// User::delete().all_rows().execute(db).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "nothing is deleted until `.one(&db)`, `.all(&db)` or `.execute(&db)` is awaited"]
pub struct Delete<E> {
    filter: Vec<Expr>,
    all_rows: bool,
    hard: bool,
    seen: Seen,
    pub(super) said: Option<Said>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Delete<E> {
    /// The rows that a filter names; to delete all of them say [`all_rows`](Self::all_rows).
    pub fn new() -> Self {
        Self {
            filter: Vec::new(),
            all_rows: false,
            hard: false,
            seen: Seen::default(),
            said: None,
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

    /// Only if the row still has the version it had when it was read; otherwise nothing is deleted, and the caller gets
    /// [`ErrorKind::StaleVersion`](crate::error::ErrorKind::StaleVersion).
    pub fn version(mut self, version: E::Version) -> Self
    where
        E: Versioned,
    {
        self.filter.extend(self.seen.version::<E>(version));
        self
    }

    /// Removes the rows instead of marking them as deleted; also those that are marked already.
    pub fn hard(mut self) -> Self
    where
        E: SoftDelete,
    {
        self.hard = true;
        self
    }

    /// Deletes the row and returns it as it was last.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::error::ErrorKind::NotFound) when there is none; the first row when there are more. When
    /// the row has another [`version`](Self::version), or is still referenced.
    #[track_caller]
    pub fn one<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<E>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let mut rows = Vec::with_capacity(1);
            self.send(source, Returning::Rows, Wanted::First, &mut rows, caller)
                .await?;
            let row = rows.into_iter().next();
            row.ok_or_else(|| of_entity(ErrorKind::NotFound, E::TABLE).at(caller))
        }
    }

    /// Deletes the rows and returns them as they were last, in no order.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage) without a filter; when a row is still referenced, or the
    /// statement fails.
    #[track_caller]
    pub fn all<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let mut rows = Vec::new();
            self.send(source, Returning::Rows, Wanted::Any, &mut rows, caller)
                .await?;
            Ok(rows)
        }
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
            let (returning, wanted) = (Returning::Nothing, Wanted::Any);
            let done = self
                .send(source, returning, wanted, &mut Vec::new(), caller)
                .await?;
            Ok(done.affected)
        }
    }

    async fn send(
        self,
        source: Source<'_>,
        returning: Returning,
        wanted: Wanted,
        rows: &mut Vec<E>,
        caller: &'static Location<'static>,
    ) -> Result<Done> {
        let reads = match returning {
            Returning::Rows => Reads::Table(E::TABLE),
            _ => Reads::Other,
        };
        let seen = self.seen;
        let statement = self.into_sql(returning, caller)?;
        let request = Request {
            statement: &statement,
            reads,
            page: Page::default(),
            writes: true,
            caller,
        };
        let batch = Batch::new(ResultSet::next(), None);
        let done = db::run(source, request, &mut |row: Row<'_>| {
            rows.push(E::from_row(&row.among(&batch))?);
            Ok(())
        })
        .await?;
        seen.check::<E>(done.affected, &statement, source, caller)?;
        if let Some(kind) = wanted.objection(rows.len()) {
            let error = of_entity(kind, E::TABLE);
            return Err(told(error, &statement, source, caller));
        }
        Ok(done)
    }

    fn into_sql(
        self,
        returning: Returning,
        caller: &'static Location<'static>,
    ) -> Result<sql::Delete> {
        if self.filter.is_empty() && !self.all_rows {
            return Err(Error::usage(format!(
                "a delete of `{}` without a filter would delete every row; add `.filter(…)`, or say `.all_rows()`",
                E::TABLE.entity
            ))
            .at(caller));
        }
        Ok(sql::Delete {
            table: E::TABLE,
            filter: self.filter,
            returning,
            hard: self.hard,
            said: self.said,
        })
    }
}

impl<E: Entity> Returns for Delete<E> {
    type Entity = E;

    fn written(
        self,
        returned: Selection,
        _: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Option<Written>> {
        let seen = self.seen;
        let statement = self.into_sql(Returning::Terms(returned.terms), caller)?;
        let statement = Words::Delete(statement);
        Ok(Some(Written { statement, seen }))
    }
}

impl<E: Entity> Default for Delete<E> {
    fn default() -> Self {
        Self::new()
    }
}
