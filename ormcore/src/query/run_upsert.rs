//! The verbs of an upsert: one, maybe, all, execute.

use super::insert::{Insert, InsertMany, send, written};
use super::returning::{Returns, Written};
use super::upsert::{DoNothing, DoUpdate};
use super::wanted::told;
use crate::db::{Executor, Source};
use crate::entity::{Entity, Insertable, Selection};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{Conflict, Returning};
use crate::telemetry::ResultSet;
use std::panic::Location;

impl<I: Insertable> DoUpdate<I> {
    /// Inserts the row or changes the one in its way, and returns it as it is now.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the row in the way does not pass the filter; when another constraint says no, or the
    /// statement fails.
    #[track_caller]
    pub fn one<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<I::Entity>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let (row, conflict) = self.parts(caller)?;
            let insert = Insert::new(row);
            let statement = insert.into_sql(Returning::Rows, Some(conflict), source, caller)?;
            let mut rows = Vec::with_capacity(1);
            send(source, &statement, &mut rows, ResultSet::NONE, caller).await?;
            rows.pop().ok_or_else(|| {
                let message = format!(
                    "no `{}` was stored: the row in its way does not pass the filter; ask for `.maybe()`",
                    I::Entity::TABLE.entity
                );
                let error = Error::new(ErrorKind::NotFound, message);
                told(error, &statement, source, caller)
            })
        }
    }

    /// Inserts the row or changes the one in its way, and returns it as it is now, unless the filter let it stay as it was.
    ///
    /// # Errors
    /// When another constraint says no, or the statement fails.
    #[track_caller]
    pub fn maybe<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Option<I::Entity>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { row(source, self.parts(caller)?, caller).await }
    }

    /// Inserts the row or changes the one in its way, and returns whether it did: 1, or 0.
    ///
    /// # Errors
    /// When another constraint says no, or the statement fails.
    #[track_caller]
    pub fn execute<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { count_one(source, self.parts(caller)?, caller).await }
    }
}

impl<I: Insertable> DoNothing<I> {
    /// Inserts the row and returns it as it was stored, unless another was in its way.
    ///
    /// # Errors
    /// When another constraint says no, or the statement fails.
    #[track_caller]
    pub fn maybe<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Option<I::Entity>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { row(source, self.parts(caller)?, caller).await }
    }

    /// Inserts the row and returns whether it was stored: 1, or 0.
    ///
    /// # Errors
    /// When another constraint says no, or the statement fails.
    #[track_caller]
    pub fn execute<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { count_one(source, self.parts(caller)?, caller).await }
    }
}

impl<I: Insertable> DoUpdate<Vec<I>> {
    /// Inserts the rows or changes those in their way, and returns them as they are now, in the order given; those that the
    /// filter let stay as they were do not come back. None: nothing is sent.
    ///
    /// Rows are found again by the columns of `on_conflict`. With `on_constraint`, or where the new rows do not have these
    /// columns, they come in no order; rows with a NULL there come last.
    ///
    /// # Errors
    /// When two of the rows are in each other's way, another constraint says no, or the statement fails.
    #[track_caller]
    pub fn all<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<I::Entity>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { rows(source, self.parts(caller)?, caller).await }
    }

    /// Inserts the rows or changes those in their way, and returns how many there were. None: nothing is sent.
    ///
    /// # Errors
    /// When two of the rows are in each other's way, another constraint says no, or the statement fails.
    #[track_caller]
    pub fn execute<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { count(source, self.parts(caller)?, caller).await }
    }
}

impl<I: Insertable> DoNothing<Vec<I>> {
    /// Inserts the rows and returns only those that were stored, in the order given: no other was in their way, nor one
    /// before them. There may be fewer than were given, or none at all; how to have the others too, see
    /// [`do_nothing`](super::OnConflict::do_nothing). None given: nothing is sent.
    ///
    /// Rows are found again by the columns of `on_conflict`. With `on_constraint`, or where the new rows do not have these
    /// columns, they come in no order; rows with a NULL there come last.
    ///
    /// # Errors
    /// When another constraint says no, or the statement fails.
    #[track_caller]
    pub fn all<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<I::Entity>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { rows(source, self.parts(caller)?, caller).await }
    }

    /// Inserts the rows and returns how many were stored. None: nothing is sent.
    ///
    /// # Errors
    /// When another constraint says no, or the statement fails.
    #[track_caller]
    pub fn execute<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { count(source, self.parts(caller)?, caller).await }
    }
}

impl<I: Insertable> Returns for DoUpdate<I> {
    type Entity = I::Entity;

    fn written(
        self,
        returned: Selection,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Option<Written>> {
        let (row, conflict) = self.parts(caller)?;
        let (insert, returned) = (Insert::new(row), Returning::Terms(returned.terms));
        let statement = insert.into_sql(returned, Some(conflict), source, caller)?;
        Ok(Some(written(statement)))
    }
}

impl<I: Insertable> Returns for DoUpdate<Vec<I>> {
    type Entity = I::Entity;

    fn written(
        self,
        returned: Selection,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Option<Written>> {
        let (rows, conflict) = self.parts(caller)?;
        let (insert, returned) = (InsertMany::new(rows), Returning::Terms(returned.terms));
        let statement = insert.into_sql(returned, Some(conflict), source, caller)?;
        Ok(statement.map(written))
    }
}

impl<I: Insertable> Returns for DoNothing<I> {
    type Entity = I::Entity;

    fn written(
        self,
        returned: Selection,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Option<Written>> {
        let (row, conflict) = self.parts(caller)?;
        let (insert, returned) = (Insert::new(row), Returning::Terms(returned.terms));
        let statement = insert.into_sql(returned, Some(conflict), source, caller)?;
        Ok(Some(written(statement)))
    }
}

impl<I: Insertable> Returns for DoNothing<Vec<I>> {
    type Entity = I::Entity;

    fn written(
        self,
        returned: Selection,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Option<Written>> {
        let (rows, conflict) = self.parts(caller)?;
        let (insert, returned) = (InsertMany::new(rows), Returning::Terms(returned.terms));
        let statement = insert.into_sql(returned, Some(conflict), source, caller)?;
        Ok(statement.map(written))
    }
}

async fn row<I: Insertable>(
    source: Source<'_>,
    (row, conflict): (I, Conflict),
    caller: &'static Location<'static>,
) -> Result<Option<I::Entity>> {
    let insert = Insert::new(row);
    let statement = insert.into_sql(Returning::Rows, Some(conflict), source, caller)?;
    let mut rows = Vec::with_capacity(1);
    send(source, &statement, &mut rows, ResultSet::NONE, caller).await?;
    Ok(rows.pop())
}

async fn count_one<I: Insertable>(
    source: Source<'_>,
    (row, conflict): (I, Conflict),
    caller: &'static Location<'static>,
) -> Result<u64> {
    let insert = Insert::new(row);
    let statement = insert.into_sql(Returning::Nothing, Some(conflict), source, caller)?;
    let mut none: Vec<I::Entity> = Vec::new();
    let done = send(source, &statement, &mut none, ResultSet::NONE, caller).await?;
    Ok(done.affected)
}

async fn rows<I: Insertable>(
    source: Source<'_>,
    (new, conflict): (Vec<I>, Conflict),
    caller: &'static Location<'static>,
) -> Result<Vec<I::Entity>> {
    let mut rows = Vec::with_capacity(new.len());
    let insert = InsertMany::new(new);
    if let Some(statement) = insert.into_sql(Returning::Rows, Some(conflict), source, caller)? {
        send(source, &statement, &mut rows, ResultSet::next(), caller).await?;
    }
    Ok(rows)
}

async fn count<I: Insertable>(
    source: Source<'_>,
    (new, conflict): (Vec<I>, Conflict),
    caller: &'static Location<'static>,
) -> Result<u64> {
    let insert = InsertMany::new(new);
    let insert = insert.into_sql(Returning::Nothing, Some(conflict), source, caller)?;
    let Some(statement) = insert else {
        return Ok(0);
    };
    let mut none: Vec<I::Entity> = Vec::new();
    let done = send(source, &statement, &mut none, ResultSet::NONE, caller).await?;
    Ok(done.affected)
}
