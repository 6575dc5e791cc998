//! Creates the tables entities describe, and the types these need: for tests, demos and first steps.

use crate::db::Executor;
use crate::error::Result;
use crate::query::sql;
pub use crate::sql::Table;
use crate::sql::{
    create_link, create_table, create_type, definitions, foreign_keys, indexes, link_index,
};

/// Creates the tables of these entities, those that do not exist, and the foreign keys between them, with an index each; before them the
/// enums, composite types and domains that `#[derive(ormcore::Value)]` gave a name, and after them the tables that
/// `many_to_many` relations go through and that are no entity's.
///
/// What exists stays as it is: this is no migration.
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
    for definition in definitions(&tables) {
        sql(create_type(definition))
            .summary(format!("CREATE TYPE {}", definition.name))
            .batch(executor)
            .await?;
    }
    for table in &tables {
        let summary = format!("CREATE TABLE {}", table.name);
        sql(create_table(table, &tables))
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
        for index in indexes(table) {
            sql(index)
                .summary(format!("CREATE INDEX {}", table.name))
                .batch(executor)
                .await?;
        }
    }
    let kinds = tables.iter().flat_map(|table| table.kinds);
    for table in tables.iter().chain(kinds) {
        for link in table.links {
            let (through, target) = link();
            let (name, schema) = (through.table.name, through.table.schema);
            let is_it = |other: &&&Table| (other.name, other.schema) == (name, schema);
            if tables.iter().find(is_it).is_none() {
                sql(create_link(through, table, target))
                    .summary(format!("CREATE TABLE {name}"))
                    .batch(executor)
                    .await?;
                sql(link_index(through))
                    .summary(format!("CREATE INDEX {name}"))
                    .batch(executor)
                    .await?;
            }
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
