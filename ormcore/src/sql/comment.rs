//! COMMENT ON.

use super::text::{identifier, literal, quoted};
use super::{ColumnInfo, Table};

/// The statement that says something about a table, or about one of its columns.
pub(crate) fn comment_on(table: &Table, column: Option<&ColumnInfo>, description: &str) -> String {
    let (table, description) = (quoted(table), literal(description));
    match column {
        None => format!("COMMENT ON TABLE {table} IS {description}"),
        Some(column) => {
            let column = identifier(column.name);
            format!("COMMENT ON COLUMN {table}.{column} IS {description}")
        }
    }
}

/// The same, unless something is said about it already.
pub(crate) fn ensure_comment(
    table: &Table,
    column: Option<&ColumnInfo>,
    description: &str,
) -> String {
    let name = literal(&quoted(table));
    let comment = comment_on(table, column, description);
    let place = column.map_or_else(
        || "objsubid = 0".to_owned(),
        |column| {
            let column = literal(column.name);
            format!(
                "objsubid = (SELECT attnum FROM pg_attribute WHERE attrelid = objoid AND attname = {column})"
            )
        },
    );
    format!(
        "DO $ormcore$ BEGIN IF NOT EXISTS (SELECT FROM pg_description WHERE classoid = 'pg_class'::regclass \
         AND objoid = {name}::regclass AND {place}) THEN {comment}; END IF; END $ormcore$"
    )
}
