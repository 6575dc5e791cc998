//! Your own SQL, read as entities or values.

use super::from_row::FromRow;
use super::wanted::{Wanted, told};
use crate::db::{self, Batch, Done, Executor, Lazy, Reads, Request, Row, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::Raw;
use crate::telemetry::{Page, ResultSet};
use crate::value::{Bind, Value};
use std::borrow::Cow;
use std::panic::Location;

/// SQL of your own, with `$1`, `$2` … where values go: [`sql`].
#[derive(Debug)]
#[must_use = "SQL does nothing until one of its verbs is awaited"]
pub struct Sql {
    raw: Raw,
    /// What the relations of entities do that come back.
    lazy: Option<Lazy>,
}

/// SQL of your own. Values are bound, never pasted into the text. The macro of the same name takes them in braces.
///
/// What outlasts the statement (`SET`, a temporary table, `set_config` other than with `true` at its end, a lock of the
/// session) costs the connection: nobody else gets it. That is seen in the text, not inside functions of your own.
///
/// ```no_run
/// # use ormcore::{Db, Result, sql};
/// # async fn run(db: &Db) -> Result<()> {
/// let affected = sql("UPDATE users SET age = age + 1 WHERE lower(name) = $1").bind("ada").execute(db).await?;
/// let (name, years) = ("ada", 1);
/// let again = sql!("UPDATE users SET age = age + {years} WHERE lower(name) = {name}").execute(db).await?;
/// # Ok(()) }
/// ```
pub fn sql(text: impl Into<Cow<'static, str>>) -> Sql {
    let raw = Raw {
        sql: text.into(),
        params: Vec::new(),
        summary: None,
        repeatable: false,
    };
    Sql { raw, lazy: None }
}

impl Sql {
    /// The value of the next placeholder.
    pub fn bind(mut self, value: impl Bind) -> Self {
        self.raw.params.push(value.into_bound());
        self
    }

    /// What telemetry calls it: a verb and tables, such as `SELECT users`. Otherwise it is the text's first word.
    pub fn summary(mut self, summary: impl Into<Cow<'static, str>>) -> Self {
        self.raw.summary = Some(summary.into());
        self
    }

    /// Says that it makes no difference if this is carried out twice, as with what only reads: outside of a transaction,
    /// when the connection ends that it was sent on, it is sent once more on another instead of failing with
    /// [`ErrorKind::OutcomeUnknown`].
    ///
    /// ```no_run
    /// # use ormcore::{Db, Result, sql};
    /// # async fn run(db: &Db) -> Result<()> {
    /// sql("UPDATE users SET seen_at = now() WHERE id = 1").idempotent().execute(db).await?;
    /// # Ok(()) }
    /// ```
    pub fn idempotent(mut self) -> Self {
        self.raw.repeatable = true;
        self
    }

    /// What a load of a relation does, of the entities that come back: as [`Find::lazy`](super::Find::lazy).
    pub fn lazy(mut self, lazy: Lazy) -> Self {
        self.lazy = Some(lazy);
        self
    }

    /// All rows as entities or tuples. An entity's columns are found by name, wherever they are, and more than it has do not
    /// hurt; a tuple's are read in order.
    ///
    /// # Errors
    /// When the statement fails, or the result lacks a column.
    #[track_caller]
    pub fn all<'a, R: FromRow>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<R>>> + Send + 'a {
        self.all_at(executor, Location::caller())
    }

    /// The same, asked for at another line.
    pub(crate) fn all_at<'a, R: FromRow>(
        self,
        executor: &'a impl Executor,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<Vec<R>>> + Send + 'a {
        let source = Source::of(executor);
        async move {
            let (set, wanted) = (ResultSet::next(), Wanted::Any);
            self.rows(source, set, wanted, caller).await
        }
    }

    /// The only row.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::TooManyRows`] when there are more.
    #[track_caller]
    pub fn one<'a, R: FromRow>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<R>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let row = self.only(source, Wanted::One, caller).await?;
            row.ok_or_else(|| no_row().at(caller))
        }
    }

    /// The only row, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::TooManyRows`] when there are more.
    #[track_caller]
    pub fn maybe<'a, R: FromRow>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Option<R>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.only(source, Wanted::OneIfAny, caller).await }
    }

    /// The only value of the only row.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no row, [`ErrorKind::TooManyRows`] when there are more.
    #[track_caller]
    pub fn scalar<'a, T: Value>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<T>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let only: Option<(T,)> = self.only(source, Wanted::One, caller).await?;
            only.map(|(value,)| value)
                .ok_or_else(|| no_row().at(caller))
        }
    }

    /// The first value of every row.
    ///
    /// # Errors
    /// When the statement fails, or a value cannot be read.
    #[track_caller]
    pub fn scalars<'a, T: Value>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<T>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let (set, wanted) = (ResultSet::NONE, Wanted::Any);
            let rows: Vec<(T,)> = self.rows(source, set, wanted, caller).await?;
            Ok(rows.into_iter().map(|(value,)| value).collect())
        }
    }

    /// Runs the statement and returns how many rows it wrote.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn execute<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.execute_at(executor, Location::caller())
    }

    pub(crate) fn execute_at<'a>(
        self,
        executor: &'a impl Executor,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let source = Source::of(executor);
        async move {
            let Done { affected, .. } = db::run(
                source,
                request(&self.raw, Reads::Other, true, caller),
                &mut |_| Ok(()),
            )
            .await?;
            Ok(affected)
        }
    }

    /// Runs several statements, separated by semicolons, that have no parameters and return nothing: for set-up and DDL.
    ///
    /// # Errors
    /// When one of them fails: those before it in the same text are undone with it, unless they committed themselves.
    #[track_caller]
    pub fn batch<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<()>> + Send + 'a {
        self.batch_at(executor, Location::caller())
    }

    pub(crate) fn batch_at<'a>(
        self,
        executor: &'a impl Executor,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<()>> + Send + 'a {
        let source = Source::of(executor);
        async move {
            if !self.raw.params.is_empty() {
                return Err(Error::usage(
                    "a batch has no parameters; use `.execute(&db)` for each statement",
                )
                .at(caller));
            }
            db::batch(
                source,
                request(&self.raw, Reads::Other, true, caller),
                &self.raw.sql,
            )
            .await
        }
    }

    async fn rows<R: FromRow>(
        self,
        source: Source<'_>,
        set: ResultSet,
        wanted: Wanted,
        caller: &'static Location<'static>,
    ) -> Result<Vec<R>> {
        let (mut rows, batch) = (Vec::new(), Batch::new(set, self.lazy));
        db::run(
            source,
            request(&self.raw, R::reads().0, false, caller),
            &mut |row: Row<'_>| {
                rows.push(R::read(&row.among(&batch))?);
                Ok(())
            },
        )
        .await?;
        match wanted.objection(rows.len()) {
            None => Ok(rows),
            Some(ErrorKind::NotFound) => Err(told(no_row(), &self.raw, source, caller)),
            Some(kind) => {
                let message = "more than one row came back; ask for `.all()`";
                Err(told(Error::new(kind, message), &self.raw, source, caller))
            }
        }
    }

    async fn only<R: FromRow>(
        self,
        source: Source<'_>,
        wanted: Wanted,
        caller: &'static Location<'static>,
    ) -> Result<Option<R>> {
        let mut rows = self.rows(source, ResultSet::NONE, wanted, caller).await?;
        Ok(rows.pop())
    }
}

pub(super) fn no_row() -> Error {
    Error::new(ErrorKind::NotFound, "no row came back")
}

fn request<'s>(
    statement: &'s Raw,
    reads: Reads,
    writes: bool,
    caller: &'static Location<'static>,
) -> Request<'s, Raw> {
    Request {
        statement,
        reads,
        page: Page::default(),
        writes,
        caller,
    }
}
