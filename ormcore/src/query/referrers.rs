//! Who refers to some rows: what stands in the way of deleting them, or goes along.

use super::find::Find;
use super::wanted::told;
use crate::db::{self, Executor, Reads, Request, Row, Source};
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{Expr, Operation, Output, Referring, Select, Table, Terms, references};
use crate::telemetry::Page;
use std::fmt;
use std::panic::Location;

/// A column that refers to some rows: [`Find::referrers`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Referrer {
    /// The entity whose rows refer to them.
    pub entity: &'static str,
    /// Its field that does.
    pub field: &'static str,
    /// Its table.
    pub table: &'static str,
    /// Its column.
    pub column: &'static str,
    /// What becomes of its rows when those are deleted, as the entity says: `cascade`, `set null`. Nothing: they are in the way.
    pub on_delete: Option<&'static str>,
    /// How many of its rows do; at least one.
    pub rows: u64,
}

impl Referrer {
    /// Whether PostgreSQL refuses to delete what is referred to.
    #[must_use]
    pub fn is_in_the_way(&self) -> bool {
        let stays = ["no action", "restrict"];
        self.on_delete
            .is_none_or(|action| stays.iter().any(|stay| action.eq_ignore_ascii_case(stay)))
    }
}

/// `3 by Post::author_id (cascade)`
impl fmt::Display for Referrer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            entity,
            field,
            rows,
            ..
        } = self;
        let action = self.on_delete.unwrap_or("no action");
        write!(f, "{rows} by {entity}::{field} ({action})")
    }
}

impl<E: Entity> Find<E> {
    /// How many rows of these entities refer to the rows asked for, column by column: what a delete would be refused for, or
    /// take along. Columns that none refers by are left out. It is one statement, whatever there is to count; relations do not
    /// matter.
    ///
    /// Only what the entities declare with `references` is known: of other tables there is
    /// [`Error::table`](crate::Error::table) when the delete fails. Rows that are only marked as deleted count too, because
    /// foreign keys see them. In a transaction, [`for_update`](Self::for_update) keeps others from adding any meanwhile.
    ///
    /// # Errors
    /// When the statement fails.
    ///
    /// # Examples
    /// ```no_run
    /// use ormcore::{Db, Entity, entities};
    ///
    /// #[derive(Entity)]
    /// struct User {
    ///     #[orm(primary_key, generated)]
    ///     id: i64,
    /// }
    ///
    /// #[derive(Entity)]
    /// struct Post {
    ///     #[orm(primary_key, generated)]
    ///     id: i64,
    ///     #[orm(references(User))]
    ///     author_id: i64,
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> ormcore::Result<()> {
    ///     let db = Db::connect("postgres://localhost/blog").await?;
    ///     let tx = db.begin().await?;
    ///     let ada = User::find().filter(User::ID.eq(1)).for_update();
    ///     let referrers = ada.referrers(entities![Post], &tx).await?;
    ///     if referrers.is_empty() {
    ///         User::delete().key(1).execute(&tx).await?;
    ///     }
    ///     for referrer in referrers {
    ///         println!("still referred to: {referrer}");
    ///     }
    ///     tx.commit().await
    /// }
    /// ```
    #[track_caller]
    pub fn referrers<'a, const N: usize>(
        self,
        entities: [&'static Table; N],
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<Referrer>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.referred(&entities, source, caller).await }
    }

    async fn referred(
        mut self,
        entities: &[&'static Table],
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Vec<Referrer>> {
        let found = references(entities, E::TABLE);
        // Foreign keys are to a key of one column.
        let Some(key) = E::TABLE.key.first().filter(|_| !found.is_empty()) else {
            return Ok(Vec::new());
        };
        self.base.by_key = false;
        let terms = Terms {
            terms: vec![Expr::Column(key)],
            ..Terms::default()
        };
        let output = Output::Terms(Box::new(terms));
        let statement = Referring {
            rows: Box::new(Select::new(Operation::Find, output, self.base)),
            key,
            columns: found
                .iter()
                .map(|(table, column, _)| (*table, *column))
                .collect(),
        };
        let request = Request {
            statement: &statement,
            reads: Reads::Other,
            page: Page::default(),
            writes: false,
            caller,
        };
        let mut referrers = Vec::with_capacity(found.len());
        let mut answered = false;
        db::run(source, request, &mut |row: Row<'_>| {
            answered = true;
            for (position, (table, column, reference)) in found.iter().enumerate() {
                let rows: i64 = row.get(position)?;
                referrers.push(Referrer {
                    entity: table.entity,
                    field: column.field,
                    table: table.name,
                    column: column.name,
                    on_delete: reference.on_delete,
                    rows: rows.unsigned_abs(),
                });
            }
            Ok(())
        })
        .await?;
        if !answered {
            let error = Error::new(ErrorKind::Decode, "the server returned no row for a value");
            return Err(told(error, &statement, source, caller));
        }
        referrers.retain(|referrer| referrer.rows > 0);
        Ok(referrers)
    }
}
