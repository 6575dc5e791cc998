//! Changing many rows, each to values of its own.

use super::returning::{Returns, Words, Written};
use super::scope::stays;
use super::stale::Seen;
use crate::db::{self, Batch, Done, Executor, Reads, Request, Row, Source};
use crate::entity::{
    Check, Columns, Condition, Entity, IntoCondition, Key, Selection, not_computed, rules_of,
};
use crate::error::{Error, Result};
use crate::sql::{self, ColumnInfo, Expr, Returning, Said};
use crate::telemetry::{Page, ResultSet};
use crate::value::{ColumnValues, Keys};
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::ptr;

/// Rows by their keys, and new values for each: `User::update_each(User::AGE, [(1, Some(36)), (2, None)])`. They are one
/// statement, however many they are.
///
/// Of several values for one key the last count. A key without a row changes nothing: the number of rows that
/// [`execute`](Self::execute) returns tells.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// let changed = User::update_each(User::AGE, [(1, Some(36)), (2, None)]).execute(db).await?;
/// let mut users = User::find().all(db).await?;
/// users.iter_mut().for_each(|user| user.name.make_ascii_uppercase());
/// let rows = users.into_iter().map(|user| (user.id, (user.name, user.age)));
/// let users = User::update_each((User::NAME, User::AGE), rows).all(db).await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is written until `.all(&db)` or `.execute(&db)` is awaited"]
pub struct UpdateEach<E> {
    columns: Vec<&'static ColumnInfo>,
    /// Nothing when there are no rows.
    arrays: Option<Vec<ColumnValues>>,
    filter: Vec<Expr>,
    /// What rules refuse of the values.
    check: Check,
    pub(super) said: Option<Said>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> UpdateEach<E> {
    /// These columns of these rows.
    pub fn new<C: Columns<E>>(
        columns: C,
        rows: impl IntoIterator<Item = (E::Key, C::Values)>,
    ) -> Self {
        let mut places: HashMap<Keys, usize> = HashMap::new();
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        let (infos, mut check) = (columns.infos(), Check::default());
        let mut rules = infos.iter().flat_map(|column| rules_of::<E>(column));
        let ruled = rules.any(|rules| !rules.is_empty());
        for (at, (key, value)) in rows.into_iter().enumerate() {
            if ruled {
                check.of_row(at);
                columns.check(&value, &mut check);
            }
            let place = *places.entry(key.keys()).or_insert(keys.len());
            if place == keys.len() {
                keys.push(key);
                values.push(value);
            } else {
                values[place] = value;
            }
        }
        let arrays = (!keys.is_empty()).then(|| {
            let mut arrays = E::Key::arrays(keys);
            arrays.extend(C::arrays(values));
            arrays
        });
        Self {
            columns: E::TABLE.key.iter().copied().chain(infos).collect(),
            arrays,
            filter: Vec::new(),
            check,
            said: None,
            entity: PhantomData,
        }
    }

    /// Only rows for which the condition holds as they are.
    pub fn filter(mut self, condition: impl IntoCondition<E>) -> Self {
        self.filter
            .extend(condition.into_condition().map(Condition::into_expr));
        self
    }

    /// Changes the rows and returns them as they are now, in the order given. None: nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage) when a column is named twice or is part of the key; when the
    /// statement fails.
    #[track_caller]
    pub fn all<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let mut rows = Vec::new();
            self.send(source, Returning::Rows, &mut rows, caller)
                .await?;
            Ok(rows)
        }
    }

    /// Changes the rows and returns how many there were. None: nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage) when a column is named twice or is part of the key; when the
    /// statement fails.
    #[track_caller]
    pub fn execute<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let done = self
                .send(source, Returning::Nothing, &mut Vec::new(), caller)
                .await?;
            Ok(done.map_or(0, |done| done.affected))
        }
    }

    async fn send(
        self,
        source: Source<'_>,
        returning: Returning,
        rows: &mut Vec<E>,
        caller: &'static Location<'static>,
    ) -> Result<Option<Done>> {
        let reads = match returning {
            Returning::Rows => Reads::Table(E::TABLE),
            _ => Reads::Other,
        };
        let Some(statement) = self.into_sql(returning, caller)? else {
            return Ok(None);
        };
        let request = Request {
            statement: &statement,
            reads,
            page: Page::default(),
            writes: true,
            caller,
        };
        let batch = Batch::new(ResultSet::next(), None);
        let done = db::run(source, request, &mut |row: Row<'_>| {
            rows.push(E::from_row(&row.among(&batch))?);
            Ok(())
        })
        .await?;
        Ok(Some(done))
    }

    fn into_sql(
        self,
        returning: Returning,
        caller: &'static Location<'static>,
    ) -> Result<Option<sql::UpdateEach>> {
        self.check(caller)?;
        Ok(self.arrays.map(|arrays| sql::UpdateEach {
            table: E::TABLE,
            columns: self.columns,
            arrays,
            filter: self.filter,
            returning,
            said: self.said,
        }))
    }

    fn check(&self, caller: &'static Location<'static>) -> Result<()> {
        for (at, column) in self.columns.iter().enumerate() {
            if self.columns[..at]
                .iter()
                .any(|other| ptr::eq(*other, *column))
            {
                return Err(Error::usage(format!(
                    "an update of each `{}` names column `{}` twice, or it is part of the key, which finds the row and stays \
                     as it is",
                    E::TABLE.entity,
                    column.name
                ))
                .at(caller));
            }
        }
        let set = self.columns.iter().skip(E::TABLE.key.len());
        stays::<E>(set.clone().copied(), caller)?;
        not_computed::<E>(set.copied(), caller)?;
        self.check.end::<E>(caller)
    }
}

impl<E: Entity> Returns for UpdateEach<E> {
    type Entity = E;

    fn written(
        self,
        returned: Selection,
        _: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Option<Written>> {
        let statement = self.into_sql(Returning::Terms(returned.terms), caller)?;
        Ok(statement.map(|statement| Written {
            statement: Words::UpdateEach(statement),
            seen: Seen::default(),
        }))
    }
}

impl<E: Entity> fmt::Debug for UpdateEach<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateEach")
            .field("columns", &self.columns)
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}
