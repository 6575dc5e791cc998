//! Creates the tables entities describe, and the types these need: for tests, demos and first steps.

use crate::db::Executor;
use crate::error::Result;
use crate::query::sql;
use crate::sql::{
    ColumnInfo, Layout, Table, WantedIndex, create_table, create_type, definitions, ensure_comment,
    ensure_foreign_key, ensure_index, layouts,
};

/// Creates the tables of these entities, those that do not exist, and the foreign keys between them, with an index each, and what
/// else has `index` or a `description`; before them the enums, composite types and domains that `#[derive(ormcore::Value)]` gave a
/// name, and after them the tables that `many_to_many` relations go through and that are no entity's.
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
    let layouts = layouts(&tables);
    let (links, own): (Vec<_>, Vec<_>) = layouts.iter().partition(|layout| layout.between);
    let create =
        |layout| sql(create_table(layout)).summary(format!("CREATE TABLE {}", layout.table.name));
    let index = |layout: &Layout, index: &WantedIndex| {
        sql(ensure_index(layout.table, index))
            .summary(format!("CREATE INDEX {}", layout.table.name))
    };
    for layout in &own {
        create(layout).batch(executor).await?;
    }
    for layout in own {
        for foreign_key in &layout.foreign_keys {
            sql(ensure_foreign_key(layout.table, foreign_key))
                .summary(format!("ALTER TABLE {}", layout.table.name))
                .batch(executor)
                .await?;
        }
        for wanted in &layout.indexes {
            index(layout, wanted).batch(executor).await?;
        }
        for (column, description) in layout.descriptions() {
            let column = column.map(|column| column.info);
            sql(ensure_comment(layout.table, column, description))
                .summary(format!("COMMENT {}", layout.table.name))
                .batch(executor)
                .await?;
        }
    }
    for layout in links {
        create(layout).batch(executor).await?;
        // A table that was there before may lack the key that serves the other side.
        let ends = layout.foreign_keys.iter().map(|end| &end.columns);
        let has_its_own = |end: &&Vec<&ColumnInfo>| {
            let is_last = |own: &&ColumnInfo| end.last().is_some_and(|last| last.name == own.name);
            layout
                .indexes
                .iter()
                .flat_map(|own| &own.columns)
                .any(is_last)
        };
        let ends = ends.filter(|end| !has_its_own(end)).cloned();
        let ends: Vec<_> = ends.map(WantedIndex::serving).collect();
        for wanted in layout.indexes.iter().chain(&ends) {
            index(layout, wanted).batch(executor).await?;
        }
    }
    Ok(())
}
