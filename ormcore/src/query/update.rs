//! Changing rows.

use super::find::Find;
use super::returning::{Returns, Words, Written};
use super::scope::stays;
use super::stale::Seen;
use super::wanted::{Wanted, of_entity, told};
use crate::db::{self, Batch, Done, Executor, Reads, Request, Row, Source};
use crate::entity::{
    Assignment, Changes, Column, Condition, Entity, IntoCondition, Patch, Selection, SoftDelete,
    Versioned,
};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{self, Base, Deleted, Expr, Operation, Output, Returning, Said, Terms};
use crate::telemetry::{Page, ResultSet};
use crate::value::{IntoKey, Param, Value};
use smallvec::SmallVec;
use std::marker::PhantomData;
use std::panic::Location;

/// New values for some columns: `User::update(1).set(User::AGE, 37)`.
///
/// With nothing to set nothing is written.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewUser), patch(UserPatch))]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// let ada = User::update(1).set(User::AGE, 37).one(db).await?;
/// let patch = UserPatch { name: Some("Ada Lovelace".into()), ..UserPatch::default() };
/// User::update(1).patch(patch).execute(db).await?;
/// User::update_many().set_null(User::AGE).filter(User::AGE.lt(0)).execute(db).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "nothing is written until `.one(&db)`, `.all(&db)` or `.execute(&db)` is awaited"]
pub struct Update<E> {
    set: Changes,
    filter: SmallVec<[Expr; 1]>,
    all_rows: bool,
    seen: Seen,
    deleted: Deleted,
    pub(super) said: Option<Said>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Update<E> {
    /// The row with this key.
    pub fn by_key(key: impl IntoKey<E::Key>) -> Self {
        let mut update = Self::many();
        let mut columns = E::TABLE.key.iter();
        key.into_params(&mut |value| {
            if let Some(column) = columns.next() {
                update.filter.push(Expr::Compare {
                    column,
                    op: " = ",
                    value,
                });
            }
        });
        update
    }

    /// The rows that a filter names; to change all of them say [`all_rows`](Self::all_rows).
    pub fn many() -> Self {
        Self {
            set: Changes::default(),
            filter: SmallVec::new(),
            all_rows: false,
            seen: Seen::default(),
            deleted: Deleted::Hidden,
            said: None,
            entity: PhantomData,
        }
    }

    /// Sets a column; of several values for one column the last counts.
    pub fn set<T: Value>(mut self, column: Column<E, T>, value: impl Assignment<E, T>) -> Self {
        self.set.assign(column, value);
        self
    }

    /// Sets a column to NULL.
    pub fn set_null<T: Value>(mut self, column: Column<E, Option<T>>) -> Self {
        self.set.put(column.info(), Expr::Value(Param::null()));
        self
    }

    /// Sets the columns that a patch has values for.
    pub fn patch(mut self, patch: impl Patch<Entity = E>) -> Self {
        patch.changes(&mut self.set);
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

    /// Only if the row still has the version it had when it was read; otherwise nothing is changed, and the caller gets
    /// [`ErrorKind::StaleVersion`](crate::error::ErrorKind::StaleVersion). Every update makes the version one greater, this one
    /// and those that do not ask for it.
    ///
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct Page { #[orm(primary_key, generated)] id: i64, text: String, #[orm(version)] version: i32 }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let page = Page::get(1).one(db).await?;
    /// let page = Page::update(page.id).version(page.version).set(Page::TEXT, page.text + ".").one(db).await?;
    /// # Ok(()) }
    /// ```
    pub fn version(mut self, version: E::Version) -> Self
    where
        E: Versioned,
    {
        self.filter.extend(self.seen.version::<E>(version));
        self
    }

    /// The row with this key, which is marked as deleted, is no longer.
    pub fn restore(key: impl IntoKey<E::Key>) -> Self
    where
        E: SoftDelete,
    {
        let mut update = Self::by_key(key);
        update.deleted = Deleted::Only;
        if let Some(mark) = E::TABLE.deleted {
            update.set.put(mark, Expr::Value(Param::null()));
        }
        update
    }

    /// Changes the row and returns it as it is now.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::error::ErrorKind::NotFound) when there is none; the first row when there are more. When
    /// the row has another [`version`](Self::version).
    #[track_caller]
    pub fn one<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<E>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let rows = self.rows(source, Wanted::First, caller).await?;
            let row = rows.into_iter().next();
            row.ok_or_else(|| of_entity(ErrorKind::NotFound, E::TABLE).at(caller))
        }
    }

    /// Changes the rows and returns them as they are now.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage) without a filter; when the statement fails.
    #[track_caller]
    pub fn all<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.rows(source, Wanted::Any, caller).await }
    }

    /// Changes the rows and returns how many there were.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage) without a filter; when the statement fails.
    #[track_caller]
    pub fn execute<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            self.check(caller)?;
            if self.set.0.is_empty() {
                return Ok(0);
            }
            let (returning, wanted) = (Returning::Nothing, Wanted::Any);
            let done = self
                .send(source, returning, wanted, &mut Vec::new(), caller)
                .await?;
            Ok(done.affected)
        }
    }

    async fn rows(
        self,
        source: Source<'_>,
        wanted: Wanted,
        caller: &'static Location<'static>,
    ) -> Result<Vec<E>> {
        self.check(caller)?;
        let mut rows = Vec::new();
        if self.set.0.is_empty() {
            let mut unchanged = Find::new();
            unchanged.base.filter.extend(self.filter);
            unchanged.base.deleted = self.deleted;
            if let Some(said) = self.said {
                unchanged.base.more().said = Some(said.into());
            }
            let wanted = match self.seen.is_asked() {
                true => Wanted::First,
                false => wanted,
            };
            let rows = unchanged.rows(source, wanted, caller).await;
            return rows.map_err(|error| self.seen.told::<E>(error));
        }
        self.send(source, Returning::Rows, wanted, &mut rows, caller)
            .await?;
        Ok(rows)
    }

    fn check(&self, caller: &'static Location<'static>) -> Result<()> {
        if self.filter.is_empty() && !self.all_rows {
            return Err(Error::usage(format!(
                "an update of `{}` without a filter would change every row; add `.filter(…)`, or say `.all_rows()`",
                E::TABLE.entity
            ))
            .at(caller));
        }
        stays::<E>(self.set.0.iter().map(|(column, _)| *column), caller)?;
        self.set.allowed::<E>(caller)
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
        let batch = Batch::new(ResultSet::next(), None);
        let seen = self.seen;
        let statement = self.into_sql(returning);
        let request = Request {
            statement: &statement,
            reads,
            page: Page::default(),
            writes: true,
            caller,
        };
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

    fn into_sql(self, returning: Returning) -> sql::Update {
        sql::Update {
            table: E::TABLE,
            set: self.set.0,
            filter: self.filter,
            returning,
            deleted: self.deleted,
            said: self.said,
        }
    }
}

impl<E: Entity> Returns for Update<E> {
    type Entity = E;

    fn written(
        self,
        returned: Selection,
        _: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Option<Written>> {
        self.check(caller)?;
        let seen = self.seen;
        let statement = if self.set.0.is_empty() {
            let mut base = Base::new(E::TABLE);
            base.filter.extend(self.filter);
            base.deleted = self.deleted;
            if let Some(said) = self.said {
                base.more().said = Some(said.into());
            }
            let terms = Terms {
                terms: returned.terms,
                ..Terms::default()
            };
            let output = Output::Terms(Box::new(terms));
            Words::Unchanged(Box::new(sql::Select::new(Operation::Find, output, base)))
        } else {
            Words::Update(self.into_sql(Returning::Terms(returned.terms)))
        };
        Ok(Some(Written { statement, seen }))
    }
}
