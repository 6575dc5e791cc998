//! The verbs of a question: all, one, maybe, first, count, exists.

use super::fetch::{Fetch, fetch};
use super::find::Find;
use super::get::Get;
use super::wanted::{Wanted, not_found, of_entity};
use super::with::Level;
use crate::db::{self, Executor, Reads, Request, Row, Source};
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{Base, Operation, Output, Select, Statement};
use crate::telemetry::{Page, ResultSet};
use crate::value::Param;
use std::mem;
use std::panic::Location;

impl<E: Entity> Find<E> {
    /// All the rows.
    ///
    /// # Errors
    /// When the statement fails, or a row cannot be read.
    #[track_caller]
    pub fn all<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.rows(source, Wanted::Any, caller).await }
    }

    /// The only row.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::TooManyRows`] when there are more.
    #[track_caller]
    pub fn one<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<E>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let row = self.only(source, Wanted::One, caller).await?;
            row.ok_or_else(|| of_entity(ErrorKind::NotFound, E::TABLE).at(caller))
        }
    }

    /// The only row, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::TooManyRows`] when there are more.
    #[track_caller]
    pub fn maybe<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Option<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.only(source, Wanted::OneIfAny, caller).await }
    }

    /// The first row in the order asked for, if there is one.
    ///
    /// # Errors
    /// When the statement fails, or the row cannot be read.
    #[track_caller]
    pub fn first<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Option<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let rows = self
                .limit(1)
                .fetch(
                    source,
                    Operation::FindOne,
                    Wanted::Any,
                    ResultSet::NONE,
                    caller,
                )
                .await?;
            Ok(rows.into_iter().next())
        }
    }

    /// How many rows there are; limit, offset and relations do not matter.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn count<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let count: i64 =
                scalar(source, Operation::Count, Output::Count, self.base, caller).await?;
            Ok(u64::try_from(count).unwrap_or(0))
        }
    }

    /// Whether there is a row; limit, offset and relations do not matter.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn exists<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<bool>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { scalar(source, Operation::Exists, Output::Exists, self.base, caller).await }
    }

    pub(super) async fn rows(
        self,
        source: Source<'_>,
        wanted: Wanted,
        caller: &'static Location<'static>,
    ) -> Result<Vec<E>> {
        let (operation, set) = (Operation::Find, ResultSet::next());
        self.fetch(source, operation, wanted, set, caller).await
    }

    async fn fetch(
        self,
        source: Source<'_>,
        operation: Operation,
        wanted: Wanted,
        set: ResultSet,
        caller: &'static Location<'static>,
    ) -> Result<Vec<E>> {
        let Self {
            base,
            withs,
            limit,
            offset,
            lazy,
            consistent,
            ..
        } = self;
        let page = Page { limit, offset };
        let level = Level::top(caller)
            .lazily(lazy)
            .consistently(consistent)
            .saying(base.said_again());
        fetch(
            source,
            Fetch {
                operation,
                base,
                led_by: None,
                copies: false,
                page,
                withs,
                wanted,
                set,
                level,
            },
            &mut |_| Ok(()),
        )
        .await
    }

    async fn only(
        mut self,
        source: Source<'_>,
        wanted: Wanted,
        caller: &'static Location<'static>,
    ) -> Result<Option<E>> {
        // A second row is enough to know that there are more.
        if self.limit.is_none() {
            self.base.limit = Some(Param::from_i64(2));
        }
        let (operation, set) = (Operation::FindOne, ResultSet::NONE);
        let mut rows = self.fetch(source, operation, wanted, set, caller).await?;
        Ok(rows.pop())
    }
}

impl<E: Entity> Get<E> {
    /// The row.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    #[track_caller]
    pub fn one<'a>(
        mut self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<E>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let row = self.row(source, Wanted::One, caller).await?;
            row.ok_or_else(|| not_found::<E>(&self.select, source, caller))
        }
    }

    /// The row, if there is one.
    ///
    /// # Errors
    /// When the statement fails, or the row cannot be read.
    #[track_caller]
    pub fn maybe<'a>(
        mut self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Option<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.row(source, Wanted::OneIfAny, caller).await }
    }

    async fn row(
        &mut self,
        source: Source<'_>,
        wanted: Wanted,
        caller: &'static Location<'static>,
    ) -> Result<Option<E>> {
        if !self.withs.is_empty() || self.lazy.is_some() {
            let base = mem::replace(&mut self.select.base, Base::new(E::TABLE));
            let withs = mem::take(&mut self.withs);
            let level = Level::top(caller)
                .lazily(self.lazy)
                .consistently(self.consistent)
                .saying(base.said_again());
            let (operation, page, set) = (self.select.operation, Page::default(), ResultSet::NONE);
            let question = Fetch {
                operation,
                base,
                led_by: None,
                copies: false,
                page,
                withs,
                wanted,
                set,
                level,
            };
            let mut rows = fetch(source, question, &mut |_| Ok(())).await?;
            return Ok(rows.pop());
        }
        // The shortest road, for the commonest question.
        let (reads, page) = (Reads::Table(E::TABLE), Page::default());
        let request = Request {
            statement: &self.select,
            reads,
            page,
            writes: false,
            caller,
        };
        let mut found = None;
        db::run(source, request, &mut |row: Row<'_>| {
            // A key is one row's, in its scope.
            if E::TABLE.scope.is_some() && found.is_some() {
                return Err(of_entity(ErrorKind::TooManyRows, E::TABLE));
            }
            found = Some(E::from_row(&row)?);
            Ok(())
        })
        .await?;
        Ok(found)
    }
}

/// How many rows there are, and the question for them again.
pub(super) async fn counted(
    source: Source<'_>,
    base: Base,
    caller: &'static Location<'static>,
) -> Result<(Base, u64)> {
    let select = Select::new(Operation::Count, Output::Count, base);
    let count: i64 = value(source, &select, caller).await?;
    Ok((select.base, u64::try_from(count).unwrap_or(0)))
}

/// One value in one row.
async fn scalar<T: crate::value::Value>(
    source: Source<'_>,
    operation: Operation,
    output: Output,
    mut base: Base,
    caller: &'static Location<'static>,
) -> Result<T> {
    // One value has no order, and a page of it is never written.
    base.order.clear();
    value(source, &Select::new(operation, output, base), caller).await
}

pub(super) async fn value<T: crate::value::Value>(
    source: Source<'_>,
    statement: &(impl Statement + Sync),
    caller: &'static Location<'static>,
) -> Result<T> {
    let request = Request {
        statement,
        reads: Reads::Other,
        page: Page::default(),
        writes: false,
        caller,
    };
    let mut value = None;
    db::run(source, request, &mut |row: Row<'_>| {
        value = Some(row.get(0)?);
        Ok(())
    })
    .await?;
    value.ok_or_else(|| {
        Error::new(ErrorKind::Decode, "the server returned no row for a value").at(caller)
    })
}
