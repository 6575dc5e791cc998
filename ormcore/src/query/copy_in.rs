//! Copying rows into a table.

use super::scope::of_new;
use crate::db::{self, Executor, Feed, Halt, Source};
use crate::entity::{Check, CopyRow, Entity, Insertable};
use crate::error::{Error, Result};
use crate::sql::{self, ColumnInfo, Said};
use crate::value::{KeyValue, Type};
use bytes::BytesMut;
use futures_util::{Stream, StreamExt as _, stream};
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

/// New rows in any number: `User::copy_in(rows)` takes an iterator, `User::copy_in_stream(rows)` a stream. They are sent by
/// a binary COPY in pieces of about 64 KiB, so they never have to be in memory together. Either all are stored or none.
///
/// What COPY cannot do: it returns no rows and no keys, and it fills the same columns in every row. The first row says
/// which: a column with a default has a value in all rows or in none. [`InsertMany`](crate::InsertMany) has no such limit, and
/// is as fast up to some thousand rows. The first row with a value that a rule of its column refuses ends it, and nothing is
/// stored.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewUser))]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String }
/// # async fn run(db: &Db) -> Result<()> {
/// let rows = (0..1_000_000).map(|number| NewUser { name: format!("user {number}") });
/// let copied: u64 = User::copy_in(rows).execute(db).await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is copied until `.execute(&db)` is awaited"]
pub struct CopyIn<I, S> {
    rows: S,
    pub(super) said: Option<Said>,
    row: PhantomData<fn(I)>,
}

/// What the rows for a COPY come as: a new row, or the `Result` of one. The first error ends the COPY, stores nothing and is
/// what the caller gets.
pub trait CopyItem<I> {
    /// The error of the COPY: `ormcore::Error`, or the caller's own.
    type Error: From<Error> + Send;

    /// The row.
    ///
    /// # Errors
    /// Why there is none.
    fn into_row(self) -> Result<I, Self::Error>;
}

impl<I: Insertable> CopyItem<I> for I {
    type Error = Error;

    fn into_row(self) -> Result<I> {
        Ok(self)
    }
}

impl<I: Insertable, E: From<Error> + Send> CopyItem<I> for Result<I, E> {
    type Error = E;

    fn into_row(self) -> Self {
        self
    }
}

/// The error a COPY of such rows ends with.
type ErrorOf<I, S> = <<S as Stream>::Item as CopyItem<I>>::Error;

impl<I: Insertable> CopyIn<I, ()> {
    /// The rows of an iterator.
    pub fn rows<R>(rows: R) -> CopyIn<I, impl Stream<Item = R::Item> + Send + use<I, R>>
    where
        R: IntoIterator<Item: CopyItem<I>, IntoIter: Send>,
    {
        CopyIn::stream(stream::iter(rows))
    }
}

impl<I, S> CopyIn<I, S>
where
    I: Insertable,
    S: Stream<Item: CopyItem<I>> + Send,
{
    /// The rows of a stream.
    pub fn stream(rows: S) -> Self {
        Self {
            rows,
            said: None,
            row: PhantomData,
        }
    }

    /// Copies the rows and returns how many were stored. None: nothing is sent.
    ///
    /// A connection is borrowed once the first row is there. Dropped before it is done, it stores nothing.
    ///
    /// # Errors
    /// When a constraint says no or the statement fails, which is known when the last row is sent; when PostgreSQL cannot
    /// hold a value; and the first error among the rows. Nothing is stored then, and a transaction can only be rolled back.
    #[track_caller]
    pub fn execute<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64, ErrorOf<I, S>>> + Send + 'a
    where
        I: 'a,
        S: 'a,
    {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let mut rows = pin!(self.rows);
            let Some(first) = rows.next().await else {
                return Ok(0);
            };
            let first = first.into_row()?;
            let mut columns = Vec::with_capacity(I::COLUMNS.len());
            first.given(&mut columns);
            let table = I::Entity::TABLE;
            let scope = of_new::<I::Entity>(self.said.as_ref(), source, caller)?;
            columns.extend(scope.iter().map(|(column, _)| *column));
            if columns.is_empty() {
                let message = format!(
                    "the first row leaves all columns of table `{}` to the database, and a COPY has to fill one; use \
                     `insert_many`",
                    table.name
                );
                return Err(Error::usage(message).at(caller).into());
            }
            let rows = Given {
                columns: columns.clone(),
                first: Some(first),
                rows,
                scope,
                number: 0,
                caller,
            };
            db::copy_in(source, sql::CopyIn { table, columns }, rows, caller).await
        }
    }
}

/// The rows, one after the other.
struct Given<'s, I, S> {
    columns: Vec<&'static ColumnInfo>,
    /// The one that said which columns there are.
    first: Option<I>,
    rows: Pin<&'s mut S>,
    /// What stands in all of them.
    scope: Option<(&'static ColumnInfo, KeyValue)>,
    /// How many were written.
    number: u64,
    caller: &'static Location<'static>,
}

impl<I, S> Given<'_, I, S>
where
    I: Insertable,
    S: Stream<Item: CopyItem<I>>,
{
    fn poll_row(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<I, ErrorOf<I, S>>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let next = self.rows.as_mut().poll_next(context);
        next.map(|item| item.map(CopyItem::into_row))
    }

    fn check(&self, row: &I) -> Result<()> {
        let mut check = Check::default();
        check.of_row(usize::try_from(self.number - 1).unwrap_or(usize::MAX));
        row.check(&mut check);
        check.end::<I::Entity>(self.caller)
    }
}

impl<I, S> Feed for Given<'_, I, S>
where
    I: Insertable,
    S: Stream<Item: CopyItem<I>> + Send,
{
    type Error = ErrorOf<I, S>;

    fn poll_fill(
        &mut self,
        types: &mut [Type],
        out: &mut BytesMut,
        enough: usize,
        context: &mut Context<'_>,
    ) -> Poll<Result<bool, Halt<Self::Error>>> {
        while out.len() < enough {
            let row = match ready!(self.poll_row(context)) {
                Some(row) => row.map_err(Halt::Theirs)?,
                None => return Poll::Ready(Ok(false)),
            };
            self.number += 1;
            if I::CHECKED {
                self.check(&row).map_err(Halt::Ours)?;
            }
            let mut written = CopyRow::new(self.number, &self.columns, types, out);
            row.copy(&mut written);
            if let Some((column, scope)) = &self.scope {
                written.put_key(column, scope);
            }
            written.end().map_err(Halt::Ours)?;
        }
        Poll::Ready(Ok(true))
    }
}

impl<I, S> fmt::Debug for CopyIn<I, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CopyIn(…)")
    }
}
