//! Copying rows out of the database.

use super::find::Find;
use super::select::Select;
use super::stream::{Hand, Rows};
use crate::db::{self, Batch, EachPiece, EachRow, Executor, Reads, Request, Row, Source, Then};
use crate::entity::{Entity, Projection};
use crate::error::{Error, Result};
use crate::sql::{self, Operation, Output};
use crate::telemetry::{Page, ResultSet};
use bytes::Bytes;
use std::panic::Location;
use std::sync::Arc;

impl<E: Entity> Find<E> {
    /// The rows by a binary `COPY (SELECT …) TO STDOUT`, as a stream, decoded as they arrive: however many they are, they take
    /// the memory of a few. It is for exports; for anything smaller there is [`stream`](Self::stream), which has less to say
    /// to the server.
    ///
    /// A COPY takes no parameters, and none are written into its text. Right before it, in the same round trip, the values are
    /// bound as always, by a statement that keeps them in settings of the transaction, `ormcore.p1`, `ormcore.p2` …; the COPY
    /// reads them there, as the types they have. On a [`Db`](crate::Db) that is a transaction of its own. `db.query.text`
    /// shows `$1`, `$2` … in their places. A value takes its way as text, which says all of every type of PostgreSQL's.
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
    /// # struct Post { #[orm(primary_key, generated)] id: i64, title: String, published: bool }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let mut posts = Post::find().filter(Post::PUBLISHED).order_by(Post::ID).copy_out(db);
    /// while let Some(post) = posts.next().await.transpose()? {
    ///     println!("{} {}", post.id, post.title);
    /// }
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn copy_out<'a>(self, executor: &'a impl Executor) -> Rows<'a, E> {
        let (source, caller) = (Source::of(executor), Location::caller());
        Rows::of(|hand| self.copy(source, hand, caller))
    }

    /// The rows as CSV, in pieces as they arrive: a line of the columns' names first, then one for each row, as PostgreSQL
    /// writes them. Otherwise as [`copy_out`](Self::copy_out); rows are not counted for telemetry.
    ///
    /// # Errors
    /// Those of [`copy_out`](Self::copy_out), except that nothing is decoded.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct Post { #[orm(primary_key, generated)] id: i64, title: String }
    /// # async fn run(db: &Db) -> Result<()> {
    /// use std::io::Write;
    ///
    /// let mut file = std::fs::File::create("posts.csv").expect("a file");
    /// let mut text = Post::find().copy_out_csv(db);
    /// while let Some(piece) = text.next().await.transpose()? {
    ///     file.write_all(&piece).expect("room for it");
    /// }
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn copy_out_csv<'a>(self, executor: &'a impl Executor) -> Rows<'a, Bytes> {
        let (source, caller) = (Source::of(executor), Location::caller());
        Rows::of(|hand| async move {
            self.alone(caller)?;
            let page = self.page_asked();
            let select = sql::Select::new(Operation::Find, Output::Columns, self.base);
            let request = request(&select, Reads::Other, page, caller);
            let mut pieces = EachPiece(|piece| hand.put(piece));
            db::copy_out(source, request, &mut pieces).await
        })
    }

    async fn copy(
        self,
        source: Source<'_>,
        hand: Arc<Hand<E>>,
        caller: &'static Location<'static>,
    ) -> Result<()> {
        self.alone(caller)?;
        let (page, lazy) = (self.page_asked(), self.lazy);
        let select = sql::Select::new(Operation::Find, Output::Columns, self.base);
        let reads = Reads::Table(E::TABLE);
        let batch = Batch::new(ResultSet::next(), lazy);
        let mut rows = EachRow::new(|row: Row<'_>| -> Result<Then> {
            Ok(hand.put(E::from_row(&row.among(&batch))?))
        });
        db::copy_out(source, request(&select, reads, page, caller), &mut rows).await
    }

    fn alone(&self, caller: &'static Location<'static>) -> Result<()> {
        if self.withs.is_empty() {
            return Ok(());
        }
        let message =
            "a COPY gives one row at a time, so relations cannot be loaded; use `.all(&db)`";
        Err(Error::usage(message).at(caller))
    }

    fn page_asked(&self) -> Page {
        Page {
            limit: self.limit,
            offset: self.offset,
        }
    }
}

impl<E: Entity, P: Projection<E>, R: From<P::Output> + Send + 'static> Select<E, P, R> {
    /// The rows by a binary COPY, as a stream: as [`Find::copy_out`].
    ///
    /// # Errors
    /// The stream's items are errors when the statement fails or a row cannot be read; then it ends.
    #[track_caller]
    pub fn copy_out<'a>(self, executor: &'a impl Executor) -> Rows<'a, R>
    where
        P: 'a,
    {
        let (source, caller) = (Source::of(executor), Location::caller());
        Rows::of(|hand| self.copy(source, hand, caller))
    }

    /// The rows as CSV, in pieces as they arrive: as [`Find::copy_out_csv`]. Expressions go by the names that PostgreSQL
    /// gives them.
    ///
    /// # Errors
    /// The stream's items are errors when the statement fails; then it ends.
    #[track_caller]
    pub fn copy_out_csv<'a>(self, executor: &'a impl Executor) -> Rows<'a, Bytes>
    where
        P: 'a,
    {
        let (source, caller) = (Source::of(executor), Location::caller());
        let (page, checked) = (self.page_asked(), self.check(caller));
        let select = self.into_sql();
        Rows::of(|hand| async move {
            checked?;
            let request = request(&select, Reads::Other, page, caller);
            let mut pieces = EachPiece(|piece| hand.put(piece));
            db::copy_out(source, request, &mut pieces).await
        })
    }

    fn copy<'a>(
        mut self,
        source: Source<'a>,
        hand: Arc<Hand<R>>,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<()>> + Send + 'a
    where
        P: 'a,
    {
        let readers = std::mem::take(&mut self.readers).into_boxed_slice();
        let (page, checked) = (self.page_asked(), self.check(caller));
        let select = self.into_sql();
        async move {
            checked?;
            let mut rows = EachRow::new(|row: Row<'_>| -> Result<Then> {
                Ok(hand.put(R::from(P::read(&row, &mut 0)?)))
            });
            let request = request(&select, Reads::Each(readers), page, caller);
            db::copy_out(source, request, &mut rows).await
        }
    }

    fn page_asked(&self) -> Page {
        Page {
            limit: self.limit,
            offset: self.offset,
        }
    }
}

fn request<'s>(
    statement: &'s sql::Select,
    reads: Reads,
    page: Page,
    caller: &'static Location<'static>,
) -> Request<'s, sql::Select> {
    Request {
        statement,
        reads,
        page,
        writes: false,
        caller,
    }
}
