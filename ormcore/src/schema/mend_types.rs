//! The SQL that makes enums, composite types and domains what they are to be.

use super::changes::{Risk, Statement};
use super::gap::{Field, TypeGap, TypeLack};
use super::live::{At, Live};
use crate::db::Executor;
use crate::error::Result;
use crate::query::sql;
use crate::sql::{alter_column, declared, identifier, literal, new_type};
use crate::value::{Definition, Form, Oid, SqlType};

/// A column that has one of the types.
#[derive(Debug)]
pub(super) struct Use {
    ty: u32,
    /// As it stands in SQL.
    table: String,
    column: String,
    default: Option<String>,
    /// Whether it has the type's array.
    array: bool,
}

/// The columns of all tables, also of those that no entity has, with the types that have to be made anew.
pub(super) async fn uses(at: At<'_, impl Executor>, gaps: &[TypeGap]) -> Result<Vec<Use>> {
    let anew = gaps.iter().filter(|gap| gap.is_anew());
    let types: Vec<_> = anew.map(|gap| Oid(gap.oid)).collect();
    if types.is_empty() {
        return Ok(Vec::new());
    }
    let columns = sql(
        "SELECT t.oid, attrelid::regclass::text, attname, pg_get_expr(adbin, adrelid), atttypid <> t.oid \
         FROM pg_type t JOIN pg_attribute ON atttypid IN (t.oid, nullif(t.typarray, 0)) JOIN pg_class c ON c.oid = attrelid \
         LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum \
         WHERE t.oid = ANY ($1::oid[]) AND relkind IN ('r', 'p') AND NOT relispartition AND attinhcount = 0 \
         AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attrelid, attnum",
    );
    let columns = columns.summary("SELECT pg_attribute").bind(types);
    type Row = (Oid, String, String, Option<String>, bool);
    let rows = columns
        .idempotent()
        .all_at::<Row>(at.executor, at.caller)
        .await?;
    let uses = rows
        .into_iter()
        .map(|(ty, table, column, default, array)| Use {
            ty: ty.0,
            table,
            column,
            default,
            array,
        });
    Ok(uses.collect())
}

impl TypeGap {
    /// Whether no statement changes the type into what it is to be.
    fn is_anew(&self) -> bool {
        match &self.lack {
            TypeLack::Type => false,
            TypeLack::Form | TypeLack::Base(_) => true,
            TypeLack::Labels { unknown, .. } => !unknown.is_empty(),
            TypeLack::Fields { same_names, .. } => *same_names,
        }
    }
}

/// What mends it.
pub(super) fn mend_type(gap: &TypeGap, live: &Live, uses: &[Use]) -> Vec<Statement> {
    let definition = gap.definition;
    match &gap.lack {
        TypeLack::Type => vec![Statement::new(new_type(definition))],
        _ if gap.is_anew() => anew(gap, live, uses),
        TypeLack::Labels { missing, .. } => labels(gap, live, missing),
        TypeLack::Fields {
            missing,
            unknown,
            other,
            ..
        } => fields(definition, missing, unknown, other),
        TypeLack::Form | TypeLack::Base(_) => Vec::new(),
    }
}

/// Each label stands behind the one before it.
fn labels(gap: &TypeGap, live: &Live, missing: &[&'static str]) -> Vec<Statement> {
    let definition = gap.definition;
    let Form::Enum(wanted) = &definition.form else {
        return Vec::new();
    };
    let first = live
        .catalog
        .described(gap.oid)
        .and_then(|found| found.words.first());
    let add = missing.iter().map(|label| {
        let place = wanted
            .iter()
            .position(|other| other == label)
            .unwrap_or_default();
        let before = place.checked_sub(1).and_then(|before| wanted.get(before));
        let place = match (before, first) {
            (Some(before), _) => format!(" AFTER {}", literal(before)),
            (None, Some(first)) => format!(" BEFORE {}", literal(first)),
            (None, None) => String::new(),
        };
        let label = literal(label);
        Statement::new(format!(
            "ALTER TYPE {} ADD VALUE {label}{place}",
            definition.sql
        ))
    });
    add.collect()
}

fn fields(
    definition: &'static Definition,
    missing: &[Field],
    unknown: &[String],
    other: &[Field],
) -> Vec<Statement> {
    let ty = definition.sql;
    let drop = |name: &str| {
        let sql = format!("ALTER TYPE {ty} DROP ATTRIBUTE {}", identifier(name));
        Statement::new(sql).risking(Risk::LosesData(format!("the values of `{name}`")))
    };
    let add = |field: &Field| {
        let (name, field) = (identifier(&field.name), declared(field.ty));
        Statement::new(format!("ALTER TYPE {ty} ADD ATTRIBUTE {name} {field}"))
    };
    let dropped = other.iter().map(|field| field.name.as_str());
    let dropped = dropped.chain(unknown.iter().map(String::as_str)).map(drop);
    dropped
        .chain(other.iter().chain(missing).map(add))
        .collect()
}

/// Makes the type once more, and gives it to the columns that had the one before, by the text of their values.
fn anew(gap: &TypeGap, live: &Live, uses: &[Use]) -> Vec<Statement> {
    let definition = gap.definition;
    let Some(found) = live.catalog.described(gap.oid) else {
        return Vec::new();
    };
    let (schema, name) = (identifier(&found.schema), identifier(&found.name));
    let short: String = found.name.chars().take(12).collect();
    let before = identifier(&format!("{short} before"));
    let mut statements = vec![
        Statement::new(format!("ALTER TYPE {schema}.{name} RENAME TO {before}")),
        Statement::new(new_type(definition)),
    ];
    for column in uses.iter().filter(|column| column.ty == gap.oid) {
        let ty = match column.array {
            true => SqlType::named(definition.sql).array(),
            false => SqlType::named(definition.sql),
        };
        let using = identifier(&column.column);
        let mut actions = vec![format!("TYPE {ty} USING {using}::text::{ty}")];
        if let Some(default) = &column.default {
            actions.insert(0, "DROP DEFAULT".to_owned());
            // That of an enum says only its label, which is of the new type then.
            actions.push(
                match found.form == b'e' && matches!(definition.form, Form::Enum(_)) {
                    true => format!("SET DEFAULT {default}"),
                    false => format!("SET DEFAULT ({default})::text::{ty}"),
                },
            );
        }
        let reason = format!(
            "values that the new `{}` does not have, and views, checks and indexes on the column",
            found.name
        );
        let statement = Statement::new(alter_column(&column.table, &column.column, &actions));
        let locks = Risk::Locks("every row is written anew".to_owned());
        statements.push(statement.risking(Risk::MayFail(reason)).risking(locks));
    }
    let reason = "other types and functions that are made of it".to_owned();
    let drop = Statement::new(format!("DROP TYPE {schema}.{before}"));
    statements.push(drop.risking(Risk::MayFail(reason)));
    statements
}
