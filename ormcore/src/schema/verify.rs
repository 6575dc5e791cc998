//! Compares entities with a live database.

use super::compare_tables::table_gaps;
use super::compare_types::type_gaps;
use super::difference::{Difference, DifferenceKind};
use super::gap::{TableGap, TypeGap};
use super::live::{At, Live};
use crate::db::Executor;
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{Layout, Table, definitions, layouts};
use crate::value::Definition;
use std::fmt::Write as _;
use std::panic::Location;

/// Compares these entities with the tables of the database, and says how they differ: each difference by name, with what to do
/// about it. For the start of a program, and for tests: nothing is changed.
///
/// A difference is what makes statements fail, or makes them slow: a table, a column, a type, a key or a foreign key or its index that
/// is missing, a type the field cannot hold, NULL against an `Option`, a column that new rows have to have and the entity has not. What
/// makes no difference is none: another type that the field can hold (`varchar` for a `String`), domains, the names of constraints, the
/// order of columns, the expressions of computed columns and partial indexes, comments, and whatever else the table has. Of a view
/// only the columns are looked at.
///
/// It takes up to six statements, whatever the number of entities.
///
/// ```no_run
/// use ormcore::{Db, Entity, entities, schema};
///
/// #[derive(Entity)]
/// struct User {
///     #[orm(primary_key, generated)]
///     id: i64,
///     name: String,
/// }
///
/// #[tokio::main]
/// async fn main() -> ormcore::Result<()> {
///     let db = Db::connect("postgres://localhost/shop").await?;
///     schema::verify(&db, entities![User]).await
/// }
/// ```
///
/// # Errors
/// [`ErrorKind::SchemaMismatch`] with all differences, one in a line; whatever PostgreSQL says when it is asked.
#[track_caller]
pub fn verify<'a>(
    executor: &'a impl Executor,
    tables: impl IntoIterator<Item = &'static Table>,
) -> impl Future<Output = Result<()>> + Send + 'a {
    let tables: Vec<_> = tables.into_iter().collect();
    let caller = Location::caller();
    async move {
        let mut differences = compare(At { executor, caller }, &tables).await?;
        // Nothing fails because of what is only said.
        differences.retain(|difference| difference.kind != DifferenceKind::Description);
        if differences.is_empty() {
            return Ok(());
        }
        let mut message = match differences.len() {
            1 => "the database differs from the entities:".to_owned(),
            count => format!("the database differs from the entities in {count} places:"),
        };
        for difference in &differences {
            // Writing to a String cannot fail.
            let _ = write!(message, "\n- {difference}");
        }
        message.push_str("\n`schema::diff` writes the SQL for it");
        Err(Error::new(ErrorKind::SchemaMismatch, message).at(caller))
    }
}

/// The differences between these entities and the tables of the database, as data: what [`verify`] puts in its error, and
/// comments that are not the entities' `description`.
///
/// ```no_run
/// # use ormcore::{Db, Entity, Result, entities, schema};
/// # #[derive(Entity)] struct User { #[orm(primary_key, generated)] id: i64, name: String }
/// # async fn run(db: &Db) -> Result<()> {
/// for difference in schema::differences(db, entities![User]).await? {
///     println!("{difference}");
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
/// When PostgreSQL refuses one of the statements.
#[track_caller]
pub fn differences<'a>(
    executor: &'a impl Executor,
    tables: impl IntoIterator<Item = &'static Table>,
) -> impl Future<Output = Result<Vec<Difference>>> + Send + 'a {
    let tables: Vec<_> = tables.into_iter().collect();
    let caller = Location::caller();
    async move { compare(At { executor, caller }, &tables).await }
}

async fn compare(at: At<'_, impl Executor>, tables: &[&'static Table]) -> Result<Vec<Difference>> {
    let wanted = Program::of(tables);
    let live = Live::read(at, &wanted.layouts, &wanted.definitions).await?;
    let (types, tables) = wanted.gaps(&live);
    let tables = tables.iter().filter(|gap| !gap.implied);
    let types = types.iter().map(Difference::of_type);
    Ok(types.chain(tables.map(Difference::of_table)).collect())
}

/// What a program wants of a database.
pub(super) struct Program {
    pub(super) layouts: Vec<Layout>,
    pub(super) definitions: Vec<&'static Definition>,
}

impl Program {
    pub(super) fn of(tables: &[&'static Table]) -> Self {
        Self {
            layouts: layouts(tables),
            definitions: definitions(tables),
        }
    }

    /// What the database lacks.
    pub(super) fn gaps<'a>(&'a self, live: &'a Live) -> (Vec<TypeGap>, Vec<TableGap<'a>>) {
        let tables = self.layouts.iter();
        (
            type_gaps(&self.definitions, live),
            tables.flat_map(|layout| table_gaps(layout, live)).collect(),
        )
    }
}
