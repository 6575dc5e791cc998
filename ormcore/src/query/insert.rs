//! Inserting rows.

use super::returning::{Returns, Words, Written};
use super::scope::fill;
use super::stale::Seen;
use super::upsert::NewRows;
use super::wanted::told;
use crate::db::{self, Batch, Done, Executor, Reads, Request, Row, Source, Then};
use crate::entity::{Arrays, Check, Entity, Insertable, Key, NewRow, Selection};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{self, Conflict, Returning, Rows, Said};
use crate::telemetry::{Page, ResultSet};
use crate::value::Param;
use std::panic::Location;

/// One new row: `User::insert(NewUser { … })`.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewUser), patch(UserPatch))]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// let ada = User::insert(NewUser { name: "Ada".into(), age: Some(36) }).one(db).await?;
/// println!("Ada has the key {}", ada.id);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "nothing is inserted until `.one(&db)` or `.execute(&db)` is awaited"]
pub struct Insert<I> {
    row: I,
    pub(super) said: Option<Said>,
}

/// Many new rows: `User::insert_many(rows)`. They are one statement, so either all are inserted or none;
/// [`Transaction::attempt_each`](crate::Transaction::attempt_each) goes on past those that are refused.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewUser), patch(UserPatch))]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// let names = ["Ada", "Bob", "Cleo"];
/// let rows = names.map(|name| NewUser { name: name.into(), age: None });
/// let users = User::insert_many(rows.into()).all(db).await?;
/// assert_eq!(users[2].name, "Cleo");
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "nothing is inserted until `.all(&db)` or `.execute(&db)` is awaited"]
pub struct InsertMany<I> {
    rows: Vec<I>,
    pub(super) said: Option<Said>,
}

/// The primary key of what is inserted.
type KeyOf<I> = <<I as Insertable>::Entity as Entity>::Key;

impl<I: Insertable> Insert<I> {
    /// This row.
    pub fn new(row: I) -> Self {
        Self { row, said: None }
    }

    /// Inserts the row and returns it as it was stored.
    ///
    /// # Errors
    /// When a constraint says no, or the statement fails.
    #[track_caller]
    pub fn one<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<I::Entity>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let mut rows = Vec::with_capacity(1);
            let statement = self.into_sql(Returning::Rows, None, source, caller)?;
            send(source, &statement, &mut rows, ResultSet::NONE, caller).await?;
            // A rule or trigger may swallow a row.
            rows.pop().ok_or_else(|| {
                let message = format!("the database stored no `{}`", I::Entity::TABLE.entity);
                let error = Error::new(ErrorKind::NotFound, message);
                told(error, &statement, source, caller)
            })
        }
    }

    /// Inserts the row and returns nothing of it but whether it was stored: 1, or 0.
    ///
    /// # Errors
    /// When a constraint says no, or the statement fails.
    #[track_caller]
    pub fn execute<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let statement = self.into_sql(Returning::Nothing, None, source, caller)?;
            let done =
                send::<I::Entity>(source, &statement, &mut Vec::new(), ResultSet::NONE, caller)
                    .await?;
            Ok(done.affected)
        }
    }

    pub(super) fn into_sql(
        self,
        returning: Returning,
        conflict: Option<Conflict>,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<sql::Insert> {
        // Who upserts has looked already, at what is set too.
        if I::CHECKED && conflict.is_none() {
            let mut check = Check::default();
            self.row.check(&mut check);
            check.end::<I::Entity>(caller)?;
        }
        let mut row = NewRow {
            columns: Vec::with_capacity(I::COLUMNS.len()),
            values: Vec::with_capacity(I::COLUMNS.len()),
        };
        self.row.row(&mut row);
        let mut insert = sql::Insert {
            table: I::Entity::TABLE,
            columns: row.columns,
            rows: Rows::One(row.values),
            returning,
            conflict,
            said: None,
        };
        fill::<I::Entity>(&mut insert, 1, self.said.as_ref(), source, caller)?;
        insert.said = self.said;
        Ok(insert)
    }
}

impl<I: Insertable> InsertMany<I> {
    /// These rows.
    pub fn new(rows: Vec<I>) -> Self {
        Self { rows, said: None }
    }

    /// Inserts the rows and returns them as they were stored, in the order given. None: nothing is sent.
    ///
    /// A key that is `generated` comes from the column's own sequence (identity or serial), is a random UUID, or is made by
    /// the `default` the entity names: another default of the database, or a trigger, is not asked.
    ///
    /// # Errors
    /// When a constraint says no, or the statement fails.
    #[track_caller]
    pub fn all<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<I::Entity>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let expected = self.rows.len();
            let mut rows = Vec::with_capacity(expected);
            if let Some(statement) = self.into_sql(Returning::Rows, None, source, caller)? {
                send(source, &statement, &mut rows, ResultSet::next(), caller).await?;
                complete(rows.len(), expected, &statement, source, caller)?;
            }
            Ok(rows)
        }
    }

    /// Inserts the rows and returns their primary keys, in the order given. None: nothing is sent.
    ///
    /// It is cheaper than [`all`](Self::all) where the rest of the rows is known, and has the same limits.
    ///
    /// # Errors
    /// When a constraint says no, or the statement fails.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # #[orm(insert(NewUser))]
    /// # struct User { #[orm(primary_key, generated)] id: i64, name: String }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let new = ["Ada", "Bob"].map(|name| NewUser { name: name.into() });
    /// let ids: Vec<i64> = User::insert_many(new.into()).keys(db).await?;
    /// println!("Bob has the key {}", ids[1]);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn keys<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<KeyOf<I>>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let expected = self.rows.len();
            let mut keys = Vec::new();
            let count = Param::from_i64(i64::try_from(expected).unwrap_or(i64::MAX));
            let returning = Returning::Keys(count);
            if let Some(statement) = self.into_sql(returning, None, source, caller)? {
                db::run(source, request(&statement, caller), &mut |row: Row<'_>| {
                    keys = Key::many(&row)?;
                    Ok(Then::NextAfter(keys.len() as u64))
                })
                .await?;
                complete(keys.len(), expected, &statement, source, caller)?;
            }
            Ok(keys)
        }
    }

    /// Inserts the rows and returns how many were stored. None: nothing is sent.
    ///
    /// # Errors
    /// When a constraint says no, or the statement fails.
    #[track_caller]
    pub fn execute<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let insert = self.into_sql(Returning::Nothing, None, source, caller)?;
            let Some(statement) = insert else {
                return Ok(0);
            };
            let done =
                send::<I::Entity>(source, &statement, &mut Vec::new(), ResultSet::NONE, caller)
                    .await?;
            Ok(done.affected)
        }
    }

    pub(super) fn into_sql(
        self,
        returning: Returning,
        conflict: Option<Conflict>,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Option<sql::Insert>> {
        let rows = self.rows.len();
        if rows == 0 {
            return Ok(None);
        }
        if I::CHECKED && conflict.is_none() {
            let mut check = Check::default();
            NewRows::check(&self.rows, &mut check);
            check.end::<I::Entity>(caller)?;
        }
        let mut arrays = Arrays::default();
        I::arrays(self.rows, &mut arrays);
        let mut insert = sql::Insert {
            table: I::Entity::TABLE,
            columns: I::COLUMNS.to_vec(),
            rows: Rows::Many(arrays.0),
            returning,
            conflict,
            said: None,
        };
        fill::<I::Entity>(&mut insert, rows, self.said.as_ref(), source, caller)?;
        insert.said = self.said;
        Ok(Some(insert))
    }
}

impl<I: Insertable> Returns for Insert<I> {
    type Entity = I::Entity;

    fn written(
        self,
        returned: Selection,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Option<Written>> {
        let returned = Returning::Terms(returned.terms);
        let statement = self.into_sql(returned, None, source, caller)?;
        Ok(Some(written(statement)))
    }
}

impl<I: Insertable> Returns for InsertMany<I> {
    type Entity = I::Entity;

    fn written(
        self,
        returned: Selection,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Option<Written>> {
        let returned = Returning::Terms(returned.terms);
        let statement = self.into_sql(returned, None, source, caller)?;
        Ok(statement.map(written))
    }
}

pub(super) fn written(statement: sql::Insert) -> Written {
    Written {
        statement: Words::Insert(statement),
        seen: Seen::default(),
    }
}

pub(super) async fn send<E: Entity>(
    source: Source<'_>,
    statement: &sql::Insert,
    rows: &mut Vec<E>,
    set: ResultSet,
    caller: &'static Location<'static>,
) -> Result<Done> {
    let batch = Batch::new(set, None);
    db::run(source, request(statement, caller), &mut |row: Row<'_>| {
        rows.push(E::from_row(&row.among(&batch))?);
        Ok(())
    })
    .await
}

fn request<'s>(
    statement: &'s sql::Insert,
    caller: &'static Location<'static>,
) -> Request<'s, sql::Insert> {
    let reads = match statement.returning {
        Returning::Rows => Reads::Table(statement.table),
        _ => Reads::Other,
    };
    Request {
        statement,
        reads,
        page: Page::default(),
        writes: true,
        caller,
    }
}

/// Rows are found again by their keys: what is not found was not stored as it was given.
fn complete(
    found: usize,
    expected: usize,
    statement: &sql::Insert,
    source: Source<'_>,
    caller: &'static Location<'static>,
) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    let message = format!(
        "{found} of {expected} rows came back: a trigger or rule of table `{}` changes keys or drops rows; use \
         `.execute(&db)`",
        statement.table.name
    );
    let error = Error::new(ErrorKind::NotFound, message);
    Err(told(error, statement, source, caller))
}
