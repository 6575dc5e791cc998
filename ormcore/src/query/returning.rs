//! What a write gives back: some columns and expressions instead of whole rows, or of nothing.

use super::delete::Delete;
use super::insert::{Insert, InsertMany};
use super::stale::Seen;
use super::update::Update;
use super::update_each::UpdateEach;
use super::upsert::{DoNothing, DoUpdate};
use super::wanted::{Wanted, of_entity, told};
use crate::db::{self, Batch, Executor, Reads, Request, Row, Source};
use crate::entity::{Entity, Insertable, Projection, Selection};
use crate::error::{ErrorKind, Result};
use crate::sql::{self, Operation, Sink, Statement, Table};
use crate::telemetry::{Page, ResultSet};
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

/// A write, and what comes back of its rows as they were stored: `User::insert(new).returning((User::ID, User::NAME))`.
///
/// Insert, update, delete and upsert have it, those of many rows too; from these the rows come in the order in which
/// `all` without it would give them. `P` is what is returned, `R` what each row is read as: a tuple, or, after
/// [`rows`](Self::rows), your own type.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result, Row};
/// # #[derive(Entity)]
/// # #[orm(insert(NewPost))]
/// # struct Post { #[orm(primary_key, generated)] id: i64, title: String, views: i64 }
/// #[derive(Row)]
/// struct Seen {
///     id: i64,
///     views: i64,
/// }
///
/// # async fn run(db: &Db, new: Vec<NewPost>) -> Result<()> {
/// let posts: Vec<(i64, String)> = Post::insert_many(new).returning((Post::ID, Post::TITLE)).all(db).await?;
/// let seen = Post::update_many().set(Post::VIEWS, Post::VIEWS + 1).filter(Post::ID.le(9));
/// let seen: Vec<Seen> = seen.returning((Post::ID, Post::VIEWS)).rows().all(db).await?;
/// let gone: Option<String> = Post::delete().key(1).returning(Post::TITLE).maybe(db).await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is written until `.one(&db)`, `.maybe(&db)` or `.all(&db)` is awaited"]
pub struct Returning<
    W: Returns,
    P: Projection<<W as Returns>::Entity>,
    R = <P as Projection<<W as Returns>::Entity>>::Output,
> {
    write: W,
    selection: Selection,
    asks: PhantomData<fn() -> P>,
    gives: PhantomData<fn() -> R>,
}

/// A write whose rows can come back. It is implemented here only.
pub trait Returns: Send {
    /// The entity whose rows are written.
    type Entity: Entity;

    /// The statement; none, where there is nothing to write and nothing to return.
    #[doc(hidden)]
    fn written(
        self,
        returned: Selection,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Option<Written>>;
}

/// The statement of a write.
#[derive(Debug)]
pub struct Written {
    pub(super) statement: Words,
    pub(super) seen: Seen,
}

#[derive(Debug)]
pub(super) enum Words {
    Insert(sql::Insert),
    Update(sql::Update),
    UpdateEach(sql::UpdateEach),
    Delete(sql::Delete),
    /// Nothing is to be set: the rows are as they are.
    Unchanged(Box<sql::Select>),
}

macro_rules! each {
    ($words:expr, $statement:ident => $does:expr) => {
        match $words {
            Words::Insert($statement) => $does,
            Words::Update($statement) => $does,
            Words::UpdateEach($statement) => $does,
            Words::Delete($statement) => $does,
            Words::Unchanged($statement) => $does,
        }
    };
}

impl Statement for Words {
    fn operation(&self) -> Operation {
        each!(self, statement => statement.operation())
    }

    fn summary(&self) -> String {
        each!(self, statement => statement.summary())
    }

    fn table(&self) -> Option<&'static Table> {
        each!(self, statement => statement.table())
    }

    fn filters(&self) -> usize {
        each!(self, statement => statement.filters())
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        each!(self, statement => statement.write(sink));
    }
}

macro_rules! returning {
    ($([$($generics:tt)*] $write:ty, $entity:ty, $upserts:literal;)*) => {$(
        impl<$($generics)*> $write {
            /// With these columns and expressions of the rows as they were stored, instead of whole rows: [`Returning`].
            pub fn returning<P: Projection<$entity>>(self, returned: P) -> Returning<Self, P> {
                const {
                    assert!(
                        $upserts || !P::OF_UPSERTS,
                        "`inserted()` tells something of an upsert only"
                    );
                }
                Returning::new(self, returned)
            }
        }
    )*};
}

returning! {
    [I: Insertable] Insert<I>, I::Entity, false;
    [I: Insertable] InsertMany<I>, I::Entity, false;
    [I: Insertable] DoUpdate<I>, I::Entity, true;
    [I: Insertable] DoUpdate<Vec<I>>, I::Entity, true;
    [I: Insertable] DoNothing<I>, I::Entity, true;
    [I: Insertable] DoNothing<Vec<I>>, I::Entity, true;
    [E: Entity] Update<E>, E, false;
    [E: Entity] UpdateEach<E>, E, false;
    [E: Entity] Delete<E>, E, false;
}

impl<W: Returns, P: Projection<W::Entity>> Returning<W, P> {
    fn new(write: W, returned: P) -> Self {
        let mut selection = Selection::default();
        returned.terms(&mut selection);
        Self {
            write,
            selection,
            asks: PhantomData,
            gives: PhantomData,
        }
    }
}

impl<W: Returns, P: Projection<W::Entity>, R: From<P::Output> + Send + 'static> Returning<W, P, R> {
    /// Each row as a type of your own that can be made from the tuple.
    pub fn rows<S: From<P::Output> + Send + 'static>(self) -> Returning<W, P, S> {
        Returning {
            write: self.write,
            selection: self.selection,
            asks: PhantomData,
            gives: PhantomData,
        }
    }

    /// Writes, and returns what was asked for of each row. Where nothing is to be written nothing is sent.
    ///
    /// # Errors
    /// Those of the same write without `returning`, except that nobody looks whether all rows of an
    /// [`InsertMany`] came back; and when a row cannot be read.
    #[track_caller]
    pub fn all<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<R>>> + Send + 'a
    where
        W: 'a,
        P: 'a,
    {
        let (source, caller) = (Source::of(executor), Location::caller());
        self.send(source, ResultSet::next(), Wanted::Any, caller)
    }

    /// Writes, and returns what was asked for of the row; of the first, when there are more.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::error::ErrorKind::NotFound) when there is none, and those of [`all`](Self::all).
    #[track_caller]
    pub fn one<'a>(self, executor: &'a impl Executor) -> impl Future<Output = Result<R>> + Send + 'a
    where
        W: 'a,
        P: 'a,
    {
        let (source, caller) = (Source::of(executor), Location::caller());
        let sent = self.send(source, ResultSet::NONE, Wanted::First, caller);
        async move {
            let row = sent.await?.into_iter().next();
            row.ok_or_else(|| of_entity(ErrorKind::NotFound, W::Entity::TABLE).at(caller))
        }
    }

    /// Writes, and returns what was asked for of the row, if there is one: of an upsert that let the row in the way stay there
    /// is none.
    ///
    /// # Errors
    /// Those of [`all`](Self::all).
    #[track_caller]
    pub fn maybe<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Option<R>>> + Send + 'a
    where
        W: 'a,
        P: 'a,
    {
        let (source, caller) = (Source::of(executor), Location::caller());
        let sent = self.send(source, ResultSet::NONE, Wanted::Any, caller);
        async move { Ok(sent.await?.into_iter().next()) }
    }

    fn send<'a>(
        mut self,
        source: Source<'a>,
        set: ResultSet,
        wanted: Wanted,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<Vec<R>>> + Send + 'a
    where
        W: 'a,
        P: 'a,
    {
        let readers = std::mem::take(&mut self.selection.readers).into_boxed_slice();
        let written = self.write.written(self.selection, source, caller);
        async move {
            let (mut rows, batch) = (Vec::new(), Batch::new(set, None));
            let Some(Written { statement, seen }) = written? else {
                return Ok(rows);
            };
            let request = Request {
                statement: &statement,
                reads: Reads::Each(readers),
                page: Page::default(),
                writes: !matches!(statement, Words::Unchanged(_)),
                caller,
            };
            let done = db::run(source, request, &mut |row: Row<'_>| {
                rows.push(R::from(P::read(&row.among(&batch), &mut 0)?));
                Ok(())
            })
            .await?;
            let written = done.rows.max(done.affected);
            seen.check::<W::Entity>(written, &statement, source, caller)?;
            if let Some(kind) = wanted.objection(rows.len()) {
                let error = of_entity(kind, W::Entity::TABLE);
                return Err(told(error, &statement, source, caller));
            }
            Ok(rows)
        }
    }
}

impl<W: Returns + fmt::Debug, P: Projection<W::Entity>, R> fmt::Debug for Returning<W, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Returning")
            .field("write", &self.write)
            .field("returned", &self.selection.terms)
            .finish()
    }
}
