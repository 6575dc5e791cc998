//! Asking: statements go out, rows come back as entities, relations are attached.

use super::find::Find;
use super::get::Get;
use super::with::{Collect, Joins, Level, With};
use crate::db::{self, Executor, Reads, Request, Row, Source};
use crate::entity::{Entity, Key as _};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{Base, Operation, Output, Select};
use crate::telemetry::{Page, ResultSet};
use crate::value::Param;
use smallvec::smallvec;
use std::collections::HashSet;
use std::panic::Location;

/// A question, put into SQL's terms.
pub(crate) struct Fetch<E> {
    pub(crate) operation: Operation,
    pub(crate) base: Base,
    pub(crate) page: Page,
    pub(crate) withs: Vec<Box<dyn With<E>>>,
    /// Which result the rows belong to, for those who watch how they are used.
    pub(crate) set: ResultSet,
    pub(crate) level: Level,
}

/// Asks, and attaches what comes along. `each` sees the row of every entity that is returned.
pub(crate) async fn fetch<E: Entity>(
    source: Source<'_>,
    fetch: Fetch<E>,
    each: &mut (impl FnMut(Row<'_>) -> Result<()> + Send),
) -> Result<Vec<E>> {
    let Fetch { operation, base, page, withs, set, level } = fetch;
    let mut joins = Joins { joins: Vec::new(), width: E::TABLE.columns.len() };
    let mut collectors: Vec<_> = withs.into_iter().map(|with| with.start(0, &mut joins)).collect();
    let mut select = Select::new(operation, Output::Columns, base);
    select.joins = joins.joins;

    let mut rows = read(source, &select, page, set, level.caller, &mut collectors, each).await?;
    if !rows.is_empty() {
        for collector in collectors {
            collector.finish(source, &mut rows, level).await?;
        }
    }
    Ok(rows)
}

async fn read<E: Entity>(
    source: Source<'_>,
    select: &Select,
    page: Page,
    set: ResultSet,
    caller: &'static Location<'static>,
    collectors: &mut [Box<dyn Collect<E>>],
    each: &mut (impl FnMut(Row<'_>) -> Result<()> + Send),
) -> Result<Vec<E>> {
    let mut tables = smallvec![E::TABLE];
    tables.extend(select.joins.iter().map(|join| join.table));
    let request = Request { statement: select, reads: Reads::Tables(tables), page, writes: false, caller };
    // A to-many join repeats its owner.
    let mut seen = select.joins.iter().any(|join| join.many).then(HashSet::new);
    let mut joined: Vec<_> = collectors.iter_mut().filter(|collector| collector.is_joined()).collect();
    let mut rows = Vec::new();
    db::run(source, request, &mut |row: Row<'_>| {
        let row = row.of(set);
        let entity = E::from_row(&row)?;
        if seen.as_mut().is_none_or(|seen| seen.insert(entity.key().parts())) {
            rows.push(entity);
            each(row)?;
        }
        joined.iter_mut().try_for_each(|collector| collector.row(row))
    })
    .await?;
    Ok(rows)
}

impl<E: Entity> Find<E> {
    /// All the rows.
    ///
    /// # Errors
    /// When the statement fails, or a row cannot be read.
    #[track_caller]
    pub fn all<'a>(self, executor: &'a impl Executor) -> impl Future<Output = Result<Vec<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.rows(source, caller).await }
    }

    /// The only row.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::TooManyRows`] when there are more.
    #[track_caller]
    pub fn one<'a>(self, executor: &'a impl Executor) -> impl Future<Output = Result<E>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.only(source, caller).await?.ok_or_else(|| not_found::<E>(caller)) }
    }

    /// The only row, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::TooManyRows`] when there are more.
    #[track_caller]
    pub fn maybe<'a>(self, executor: &'a impl Executor) -> impl Future<Output = Result<Option<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.only(source, caller).await }
    }

    /// The first row in the order asked for, if there is one.
    ///
    /// # Errors
    /// When the statement fails, or the row cannot be read.
    #[track_caller]
    pub fn first<'a>(self, executor: &'a impl Executor) -> impl Future<Output = Result<Option<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let rows = self.limit(1).fetch(source, Operation::FindOne, ResultSet::NONE, caller).await?;
            Ok(rows.into_iter().next())
        }
    }

    /// How many rows there are; limit, offset and relations do not matter.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn count<'a>(self, executor: &'a impl Executor) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let count: i64 = scalar(source, Operation::Count, Output::Count, self.base, caller).await?;
            Ok(u64::try_from(count).unwrap_or(0))
        }
    }

    /// Whether there is a row; limit, offset and relations do not matter.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn exists<'a>(self, executor: &'a impl Executor) -> impl Future<Output = Result<bool>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { scalar(source, Operation::Exists, Output::Exists, self.base, caller).await }
    }

    pub(super) async fn rows(self, source: Source<'_>, caller: &'static Location<'static>) -> Result<Vec<E>> {
        self.fetch(source, Operation::Find, ResultSet::next(), caller).await
    }

    async fn fetch(
        self,
        source: Source<'_>,
        operation: Operation,
        set: ResultSet,
        caller: &'static Location<'static>,
    ) -> Result<Vec<E>> {
        let Self { base, withs, limit, offset, .. } = self;
        let page = Page { limit, offset };
        let level = Level::top(caller);
        fetch(source, Fetch { operation, base, page, withs, set, level }, &mut |_| Ok(())).await
    }

    async fn only(mut self, source: Source<'_>, caller: &'static Location<'static>) -> Result<Option<E>> {
        // A second row is enough to know that there are more.
        if self.limit.is_none() {
            self.base.limit = Some(Param::from_i64(2));
        }
        let mut rows = self.fetch(source, Operation::FindOne, ResultSet::NONE, caller).await?;
        if rows.len() > 1 {
            let message = format!("more than one `{}` matches; ask for `.first()` or `.all()`", E::TABLE.entity);
            return Err(Error::new(ErrorKind::TooManyRows, message).at(caller));
        }
        Ok(rows.pop())
    }
}

impl<E: Entity> Get<E> {
    /// The row.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    #[track_caller]
    pub fn one<'a>(self, executor: &'a impl Executor) -> impl Future<Output = Result<E>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.row(source, caller).await?.ok_or_else(|| not_found::<E>(caller)) }
    }

    /// The row, if there is one.
    ///
    /// # Errors
    /// When the statement fails, or the row cannot be read.
    #[track_caller]
    pub fn maybe<'a>(self, executor: &'a impl Executor) -> impl Future<Output = Result<Option<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.row(source, caller).await }
    }

    async fn row(self, source: Source<'_>, caller: &'static Location<'static>) -> Result<Option<E>> {
        let Self { base, withs, .. } = self;
        if !withs.is_empty() {
            let level = Level::top(caller);
            let (operation, page, set) = (Operation::FindOne, Page::default(), ResultSet::NONE);
            let question = Fetch { operation, base, page, withs, set, level };
            return Ok(fetch(source, question, &mut |_| Ok(())).await?.pop());
        }
        // The shortest road, for the commonest question.
        let select = Select::new(Operation::FindOne, Output::Columns, base);
        let (reads, page) = (Reads::Tables(smallvec![E::TABLE]), Page::default());
        let request = Request { statement: &select, reads, page, writes: false, caller };
        let mut found = None;
        db::run(source, request, &mut |row: Row<'_>| {
            found = Some(E::from_row(&row)?);
            Ok(())
        })
        .await?;
        Ok(found)
    }
}

/// One value in one row.
async fn scalar<T: crate::value::Value>(
    source: Source<'_>,
    operation: Operation,
    output: Output,
    mut base: Base,
    caller: &'static Location<'static>,
) -> Result<T> {
    base.order.clear();
    base.limit = None;
    base.offset = None;
    let select = Select::new(operation, output, base);
    let request = Request { statement: &select, reads: Reads::Other, page: Page::default(), writes: false, caller };
    let mut value = None;
    db::run(source, request, &mut |row: Row<'_>| {
        value = Some(row.get(0)?);
        Ok(())
    })
    .await?;
    value.ok_or_else(|| Error::new(ErrorKind::Decode, "the server returned no row for a value").at(caller))
}

pub(super) fn not_found<E: Entity>(caller: &'static Location<'static>) -> Error {
    Error::new(ErrorKind::NotFound, format!("no such `{}` in table `{}`", E::TABLE.entity, E::TABLE.name)).at(caller)
}
