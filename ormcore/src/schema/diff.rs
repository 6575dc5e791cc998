//! Writes what makes a live database fit the entities.

use super::changes::{Changes, Statement};
use super::gap::{TableGap, TypeGap};
use super::live::{At, Live};
use super::mend_tables::{Plan, drops};
use super::mend_types::{mend_type, uses};
use super::verify::Program;
use crate::db::Executor;
use crate::error::Result;
use crate::query::sql;
use crate::sql::{Table, identifier};
use std::panic::Location;

/// Writes the SQL that makes the tables of a database fit these entities, for somebody to read: it is sent by nobody. What
/// [`verify`](super::verify) has nothing to say about needs none.
///
/// Missing types, tables, columns, keys and indexes are made as [`create`](super::create) makes them; others are altered. Before each
/// statement that loses data, may fail or keeps others waiting there is a comment that says so. Tables are never dropped, nor columns
/// unless [`Changes::and_drop_columns`] is asked for; and nothing is renamed, because nobody knows what was meant: a column that goes by
/// another name now is a missing one.
///
/// The statements can run in one transaction, but for a default that is one of the labels they add to an enum.
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
///     let changes = schema::diff(&db, entities![User]).await?;
///     if !changes.is_empty() {
///         println!("{changes}");
///     }
///     Ok(())
/// }
/// ```
///
/// # Errors
/// When PostgreSQL refuses to say what it has.
#[track_caller]
pub fn diff<'a>(
    executor: &'a impl Executor,
    tables: impl IntoIterator<Item = &'static Table>,
) -> impl Future<Output = Result<Changes>> + Send + 'a {
    let tables: Vec<_> = tables.into_iter().collect();
    let caller = Location::caller();
    async move {
        let at = At { executor, caller };
        let wanted = Program::of(&tables);
        let live = Live::read(at, &wanted.layouts, &wanted.definitions).await?;
        let (types, tables) = wanted.gaps(&live);
        let uses = uses(at, &types).await?;
        let schemas = missing_schemas(at, &types, &tables).await?;
        let schemas = schemas
            .iter()
            .map(|schema| Statement::new(format!("CREATE SCHEMA {schema}")));
        let types = types.iter().flat_map(|gap| mend_type(gap, &live, &uses));
        let mut plan = Plan::default();
        for gap in &tables {
            plan.mend(gap, &live);
        }
        Ok(Changes {
            statements: schemas.chain(types).chain(plan.into_statements()).collect(),
            drops: wanted
                .layouts
                .iter()
                .flat_map(|layout| drops(layout, &live))
                .collect(),
        })
    }
}

/// The schemas, quoted, that have to be there before what is missing in them.
async fn missing_schemas(
    at: At<'_, impl Executor>,
    types: &[TypeGap],
    tables: &[TableGap<'_>],
) -> Result<Vec<String>> {
    let tables = tables.iter().filter(|gap| gap.live.is_none());
    let tables = tables.filter_map(|gap| gap.layout.table.schema);
    let types = types.iter().filter_map(|gap| gap.definition.schema);
    let mut names: Vec<_> = tables.chain(types).map(identifier).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Ok(names);
    }
    let missing =
        sql("SELECT asked FROM unnest($1::text[]) AS asked WHERE to_regnamespace(asked) IS NULL");
    let missing = missing.summary("SELECT pg_namespace").bind(names);
    let rows = missing
        .idempotent()
        .all_at::<(String,)>(at.executor, at.caller)
        .await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}
