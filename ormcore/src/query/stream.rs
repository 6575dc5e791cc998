//! Rows as a stream: decoded as they arrive, and no more of them kept than fit in a hand.

use super::find::Find;
use super::select::Select;
use crate::db::{self, Batch, Executor, Reads, Request, Row, Source, Then};
use crate::entity::{Entity, Projection};
use crate::error::{Error, Result};
use crate::sql::{self, Operation, Output};
use crate::telemetry::{Page, ResultSet};
use futures_util::Stream;
use std::fmt;
use std::future::poll_fn;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// So many rows are decoded before somebody has to take one.
const HANDFUL: usize = 64;

/// The rows of a [`Find::stream`], a [`Select::stream`] or a [`Find::copy_out`], as they arrive.
///
/// It is a `futures::Stream`, and has a [`next`](Self::next) of its own. Nothing is sent before it is asked for the first
/// row. Dropped before the last one, it closes its connection instead of giving it back; a transaction whose stream was
/// dropped can only be rolled back.
#[must_use = "nothing is asked until the stream is"]
pub struct Rows<'a, E> {
    /// The statement, until it is done. It pauses when its hand is full.
    asking: Option<Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>>,
    hand: Arc<Hand<E>>,
    /// Taken from the hand, the next one last.
    taken: Vec<E>,
    /// Taken for a chunk that is not full yet.
    chunk: Vec<E>,
    /// Why there are no more, to be told after those that came.
    failed: Option<Error>,
}

/// Where the statement puts its rows.
pub(super) struct Hand<E>(Mutex<Vec<E>>);

impl<E> Hand<E> {
    fn rows(&self) -> MutexGuard<'_, Vec<E>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, row: E) -> Then {
        let mut rows = self.rows();
        rows.push(row);
        if rows.len() < HANDFUL {
            Then::NextIfAny
        } else {
            Then::Pause
        }
    }
}

impl<E: Entity> Find<E> {
    /// The rows as a stream, decoded as they arrive: however many they are, they take the memory of a few.
    ///
    /// In a transaction other statements wait until the stream has ended: do not await one while it has not.
    ///
    /// # Errors
    /// The stream's items are errors when the statement fails or a row cannot be read; then it ends. An error of
    /// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage) with relations, which need all rows to be there.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct User { #[orm(primary_key, generated)] id: i64, name: String }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let mut users = User::find().order_by(User::NAME).stream(db);
    /// while let Some(user) = users.next().await.transpose()? {
    ///     println!("{}", user.name);
    /// }
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn stream<'a>(self, executor: &'a impl Executor) -> Rows<'a, E> {
        let (source, caller) = (Source::of(executor), Location::caller());
        Rows::of(|hand| self.ask(source, hand, caller))
    }

    async fn ask(
        self,
        source: Source<'_>,
        hand: Arc<Hand<E>>,
        caller: &'static Location<'static>,
    ) -> Result<()> {
        if !self.withs.is_empty() {
            let message =
                "a stream has one row at a time, so relations cannot be loaded; use `.all(&db)`";
            return Err(Error::usage(message).at(caller));
        }
        let (limit, offset, lazy) = (self.limit, self.offset, self.lazy);
        let select = sql::Select::new(Operation::Find, Output::Columns, self.base);
        let request = Request {
            statement: &select,
            reads: Reads::Table(E::TABLE),
            page: Page { limit, offset },
            writes: false,
            caller,
        };
        let batch = Batch::new(ResultSet::next(), lazy);
        db::run_alone(source, request, &mut |row: Row<'_>| {
            Ok(hand.put(E::from_row(&row.among(&batch))?))
        })
        .await?;
        Ok(())
    }
}

impl<E: Entity, P: Projection<E>, R: From<P::Output> + Send + 'static> Select<E, P, R> {
    /// The rows as a stream, decoded as they arrive: as [`Find::stream`].
    ///
    /// # Errors
    /// The stream's items are errors when the statement fails or a row cannot be read; then it ends.
    #[track_caller]
    pub fn stream<'a>(self, executor: &'a impl Executor) -> Rows<'a, R>
    where
        P: 'a,
    {
        let (source, caller) = (Source::of(executor), Location::caller());
        Rows::of(|hand| self.ask(source, hand, caller))
    }

    fn ask<'a>(
        mut self,
        source: Source<'a>,
        hand: Arc<Hand<R>>,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<()>> + Send + 'a
    where
        P: 'a,
    {
        let readers = std::mem::take(&mut self.readers).into_boxed_slice();
        let (limit, offset, lazy) = (self.limit, self.offset, self.lazy);
        let checked = self.check(caller);
        let statement = self.into_sql();
        async move {
            checked?;
            let request = Request {
                statement: &statement,
                reads: Reads::Each(readers),
                page: Page { limit, offset },
                writes: false,
                caller,
            };
            let batch = Batch::new(ResultSet::next(), lazy);
            db::run_alone(source, request, &mut |row: Row<'_>| {
                Ok(hand.put(R::from(P::read(&row.among(&batch), &mut 0)?)))
            })
            .await?;
            Ok(())
        }
    }
}

impl<'a, E> Rows<'a, E> {
    pub(super) fn of<F: Future<Output = Result<()>> + Send + 'a>(
        ask: impl FnOnce(Arc<Hand<E>>) -> F,
    ) -> Self {
        let hand = Arc::new(Hand(Mutex::new(Vec::with_capacity(HANDFUL))));
        Self {
            asking: Some(Box::pin(ask(Arc::clone(&hand)))),
            hand,
            taken: Vec::with_capacity(HANDFUL),
            chunk: Vec::new(),
            failed: None,
        }
    }
}

impl<E> Rows<'_, E> {
    /// The next row; `None` after the last one.
    ///
    /// # Errors
    /// When the statement fails, or the row cannot be read.
    pub async fn next(&mut self) -> Option<Result<E>> {
        poll_fn(|context| self.poll_row(context)).await
    }

    /// The next rows, so many, or fewer at the end; none after it. Rows that came before a dropped future are in the next
    /// chunk.
    ///
    /// # Errors
    /// When the statement fails, or a row cannot be read; the rows before it come first.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct User { #[orm(primary_key, generated)] id: i64, name: String }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let mut names = User::find().select(User::NAME).stream(db);
    /// loop {
    ///     let names = names.next_chunk(1000).await?;
    ///     if names.is_empty() {
    ///         break;
    ///     }
    ///     println!("{}", names.join(", "));
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn next_chunk(&mut self, rows: usize) -> Result<Vec<E>> {
        let rows = rows.max(1);
        while self.chunk.len() < rows {
            let next = poll_fn(|context| self.poll_taken(context)).await;
            match next {
                Some(Ok(row)) => self.chunk.push(row),
                Some(Err(error)) if self.chunk.is_empty() => return Err(error),
                Some(Err(error)) => {
                    self.failed = Some(error);
                    break;
                }
                None => break,
            }
        }
        let rest = self.chunk.split_off(rows.min(self.chunk.len()));
        Ok(std::mem::replace(&mut self.chunk, rest))
    }

    fn poll_row(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<E>>> {
        if self.chunk.is_empty() {
            self.poll_taken(context)
        } else {
            Poll::Ready(Some(Ok(self.chunk.remove(0))))
        }
    }

    fn poll_taken(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<E>>> {
        if self.taken.is_empty() {
            let asked = self.asking.as_mut();
            match asked.map(|asking| asking.as_mut().poll(context)) {
                Some(Poll::Ready(done)) => {
                    self.asking = None;
                    self.failed = done.err();
                }
                // Some may have come before it was put off.
                Some(Poll::Pending) | None => {}
            }
            std::mem::swap(&mut self.taken, &mut self.hand.rows());
            self.taken.reverse();
        }
        match self.taken.pop() {
            Some(row) => Poll::Ready(Some(Ok(row))),
            None if self.asking.is_some() => Poll::Pending,
            None => Poll::Ready(self.failed.take().map(Err)),
        }
    }
}

impl<E: Unpin> Stream for Rows<'_, E> {
    type Item = Result<E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<E>>> {
        self.get_mut().poll_row(context)
    }
}

impl<E> fmt::Debug for Rows<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asking, taken, .. } = self;
        f.debug_struct("Rows")
            .field("ended", &asking.is_none())
            .field("at_hand", &taken.len())
            .finish()
    }
}
