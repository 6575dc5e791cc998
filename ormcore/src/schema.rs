//! Creates the tables entities describe: for tests, demos and first steps.

use crate::db::Executor;
use crate::error::Result;
use crate::query::sql;
pub use crate::sql::Table;
use crate::sql::{create_table, foreign_keys};

/// Creates the tables of these entities, those that do not exist, and the foreign keys between them.
///
/// Existing tables stay as they are: this is no migration.
///
/// ```no_run
/// # use ormcore::{Db, Entity, Result, entities};
/// # #[derive(Entity)] struct User { #[orm(primary_key, generated)] id: i64, name: String }
/// # async fn run(db: &Db) -> Result<()> {
/// ormcore::schema::create(db, entities![User]).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// When PostgreSQL refuses one of the statements; those before it stay done, unless the executor is a transaction.
pub async fn create(
    executor: &impl Executor,
    tables: impl IntoIterator<Item = &'static Table>,
) -> Result<()> {
    let tables: Vec<_> = tables.into_iter().collect();
    for table in &tables {
        let summary = format!("CREATE TABLE {}", table.name);
        sql(create_table(table))
            .summary(summary)
            .batch(executor)
            .await?;
    }
    for table in &tables {
        for foreign_key in foreign_keys(table) {
            sql(foreign_key)
                .summary(format!("ALTER TABLE {}", table.name))
                .batch(executor)
                .await?;
        }
    }
    Ok(())
}

/// The tables of some entities, for [`schema::create`](crate::schema::create): `entities![User, Post]`.
#[macro_export]
macro_rules! entities {
    ($($entity:ty),* $(,)?) => {
        [$(<$entity as $crate::Entity>::TABLE),*]
    };
}
