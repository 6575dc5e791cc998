//! The verbs of a union, intersection or difference, and what can be asked about the rows of a selection.

use super::compound::Compound;
use super::raw::no_row;
use super::run::value;
use super::select::{Select, loads_nothing};
use super::wanted::{Wanted, told};
use crate::db::{self, Batch, Executor, Reads, Request, Row, Source};
use crate::entity::{Entity, Projection};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{self, Asked, Found};
use crate::telemetry::{Page, ResultSet};
use std::panic::Location;

impl<R: Send + 'static> Compound<R> {
    /// All the rows.
    ///
    /// # Errors
    /// When the statement fails, as it does when the types of what is selected do not match, or a row cannot be read.
    #[track_caller]
    pub fn all<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<R>>> + Send + 'a {
        self.read(Source::of(executor), Wanted::Any, Location::caller())
    }

    /// The only row.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::TooManyRows`] when there are more.
    #[track_caller]
    pub fn one<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<R>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        let read = self.only(source, Wanted::One, caller);
        async move { read.await?.ok_or_else(|| no_row().at(caller)) }
    }

    /// The only row, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::TooManyRows`] when there are more.
    #[track_caller]
    pub fn maybe<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Option<R>>> + Send + 'a {
        self.only(Source::of(executor), Wanted::OneIfAny, Location::caller())
    }

    /// The first row in the order asked for, if there is one.
    ///
    /// # Errors
    /// When the statement fails, or the row cannot be read.
    #[track_caller]
    pub fn first<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Option<R>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        let read = self.limit(1).read(source, Wanted::Any, caller);
        async move { Ok(read.await?.into_iter().next()) }
    }

    /// How many rows there are; limit and offset of all do not matter.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn count<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        count(self.compound, Source::of(executor), Location::caller())
    }

    /// Whether there is a row; limit and offset of all do not matter.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn exists<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<bool>> + Send + 'a {
        exists(self.compound, Source::of(executor), Location::caller())
    }

    fn only<'a>(
        self,
        source: Source<'a>,
        wanted: Wanted,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<Option<R>>> + Send + 'a {
        // A second row is enough to know that there are more.
        let asked = match self.limit {
            Some(_) => self,
            None => self.limit(2),
        };
        let read = asked.read(source, wanted, caller);
        async move { Ok(read.await?.pop()) }
    }

    async fn read(
        self,
        source: Source<'_>,
        wanted: Wanted,
        caller: &'static Location<'static>,
    ) -> Result<Vec<R>> {
        loads_nothing(self.unloaded, caller)?;
        let request = Request {
            statement: &self.compound,
            reads: Reads::Each(self.readers.into_boxed_slice()),
            page: Page {
                limit: self.limit,
                offset: self.offset,
            },
            writes: false,
            caller,
        };
        let (mut rows, batch) = (Vec::new(), Batch::new(ResultSet::next(), self.lazy));
        db::run(source, request, &mut |row: Row<'_>| {
            rows.push((self.read)(&row.among(&batch))?);
            Ok(())
        })
        .await?;
        let error = match wanted.objection(rows.len()) {
            None => return Ok(rows),
            Some(ErrorKind::NotFound) => no_row(),
            Some(kind) => Error::new(
                kind,
                "more than one row came back; ask for `.first()` or `.all()`",
            ),
        };
        Err(told(error, &self.compound, source, caller))
    }
}

impl<E: Entity, P: Projection<E>, R> Select<E, P, R> {
    /// How many rows there are, of groups how many groups; limit, offset and relations do not matter.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn count<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        count(self.unpaged(), Source::of(executor), Location::caller())
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
        exists(self.unpaged(), Source::of(executor), Location::caller())
    }

    fn unpaged(mut self) -> sql::Compound {
        self.base.order.clear();
        (self.base.limit, self.base.offset) = (None, None);
        sql::Compound::of(self.into_sql())
    }
}

async fn count(
    rows: sql::Compound,
    source: Source<'_>,
    caller: &'static Location<'static>,
) -> Result<u64> {
    let count: i64 = value(source, &found(Asked::HowMany, rows), caller).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

async fn exists(
    rows: sql::Compound,
    source: Source<'_>,
    caller: &'static Location<'static>,
) -> Result<bool> {
    value(source, &found(Asked::Any, rows), caller).await
}

/// One value has no order, and a page of it is never written.
fn found(asks: Asked, mut rows: sql::Compound) -> Found {
    rows.order.clear();
    (rows.limit, rows.offset) = (None, None);
    Found { asks, rows }
}
