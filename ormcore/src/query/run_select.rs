//! The verbs of a selection: all, one, maybe, first.

use super::select::Select;
use super::wanted::{Wanted, of_entity, told};
use crate::db::{self, Batch, Executor, Reads, Request, Row, Source};
use crate::entity::{Entity, Projection};
use crate::error::{ErrorKind, Result};
use crate::telemetry::{Page, ResultSet};
use std::panic::Location;

impl<E: Entity, P: Projection<E>, R: From<P::Output> + Send + 'static> Select<E, P, R> {
    /// All the rows.
    ///
    /// # Errors
    /// When the statement fails, or a row cannot be read.
    #[track_caller]
    pub fn all<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<R>>> + Send + 'a
    where
        P: 'a,
    {
        let (source, caller) = (Source::of(executor), Location::caller());
        self.read(source, Wanted::Any, caller)
    }

    /// The only row. An aggregate without groups always has one.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::TooManyRows`] when there are more.
    #[track_caller]
    pub fn one<'a>(self, executor: &'a impl Executor) -> impl Future<Output = Result<R>> + Send + 'a
    where
        P: 'a,
    {
        let (source, caller) = (Source::of(executor), Location::caller());
        let read = self.only(source, Wanted::One, caller);
        async move {
            let row = read.await?;
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
    ) -> impl Future<Output = Result<Option<R>>> + Send + 'a
    where
        P: 'a,
    {
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
    ) -> impl Future<Output = Result<Option<R>>> + Send + 'a
    where
        P: 'a,
    {
        let (source, caller) = (Source::of(executor), Location::caller());
        let read = self.limit(1).read(source, Wanted::Any, caller);
        async move { Ok(read.await?.into_iter().next()) }
    }

    fn only<'a>(
        self,
        source: Source<'a>,
        wanted: Wanted,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<Option<R>>> + Send + 'a
    where
        P: 'a,
    {
        // A second row is enough to know that there are more.
        let asked = match self.base.limit {
            Some(_) => self,
            None => self.limit(2),
        };
        let read = asked.read(source, wanted, caller);
        async move { Ok(read.await?.pop()) }
    }

    fn read<'a>(
        mut self,
        source: Source<'a>,
        wanted: Wanted,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<Vec<R>>> + Send + 'a
    where
        P: 'a,
    {
        let (readers, lazy) = (
            std::mem::take(&mut self.readers).into_boxed_slice(),
            self.lazy,
        );
        let page = Page {
            limit: self.limit,
            offset: self.offset,
        };
        let checked = self.check(caller);
        let statement = self.into_sql();
        async move {
            checked?;
            let request = Request {
                statement: &statement,
                reads: Reads::Each(readers),
                page,
                writes: false,
                caller,
            };
            let (mut rows, batch) = (Vec::new(), Batch::new(ResultSet::next(), lazy));
            db::run(source, request, &mut |row: Row<'_>| {
                rows.push(R::from(P::read(&row.among(&batch), &mut 0)?));
                Ok(())
            })
            .await?;
            if let Some(kind) = wanted.objection(rows.len()) {
                let error = of_entity(kind, E::TABLE);
                return Err(told(error, &statement, source, caller));
            }
            Ok(rows)
        }
    }
}
