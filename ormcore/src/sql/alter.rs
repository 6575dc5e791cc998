//! The statements that change what exists: for somebody to read before they run.

use super::create_table::{write_column, write_foreign_key, write_names, write_table};
use super::create_type::write_type;
use super::layout::{ForeignKey, Layout, Wanted};
use super::text::{bare_type, identifier, literal, quoted};
use super::token::{Sink, Token};
use super::{ColumnInfo, Table, Text};
use crate::value::{Definition, SqlType};

/// `CREATE TABLE` for one that does not exist.
pub(crate) fn new_table(layout: &Layout) -> String {
    let mut text = Text::default();
    text.word("CREATE TABLE ");
    write_table(&mut text, layout);
    text.into_sql()
}

/// `CREATE TYPE` or `CREATE DOMAIN` for one that does not exist.
pub(crate) fn new_type(definition: &'static Definition) -> String {
    let mut text = Text::default();
    write_type(&mut text, definition);
    text.into_sql()
}

/// `ADD COLUMN`, without what is unique about it.
pub(crate) fn add_column(layout: &Layout, column: &Wanted) -> String {
    alter(layout.table, |text| {
        text.word("ADD COLUMN ");
        write_column(text, layout, column);
    })
}

/// `ADD PRIMARY KEY` or `ADD UNIQUE`.
pub(crate) fn add_key(
    table: &'static Table,
    primary: bool,
    columns: &[&'static ColumnInfo],
) -> String {
    alter(table, |text| {
        text.word(match primary {
            true => "ADD PRIMARY KEY (",
            false => "ADD UNIQUE (",
        });
        write_names(text, columns);
        text.word(")");
    })
}

/// `ADD FOREIGN KEY`, to these columns of its target.
pub(crate) fn add_foreign_key(
    table: &'static Table,
    foreign_key: &ForeignKey,
    there: &[&'static ColumnInfo],
) -> String {
    alter(table, |text| {
        text.word("ADD ");
        write_foreign_key(text, foreign_key, there);
    })
}

/// `DROP COLUMN`.
pub(crate) fn drop_column(table: &Table, column: &str) -> String {
    format!(
        "ALTER TABLE {} DROP COLUMN {}",
        quoted(table),
        identifier(column)
    )
}

/// `ALTER COLUMN`, once for each of these actions.
pub(crate) fn alter_column(table: &str, column: &str, actions: &[String]) -> String {
    let column = identifier(column);
    let actions = actions
        .iter()
        .map(|action| format!("ALTER COLUMN {column} {action}"));
    let actions: Vec<_> = actions.collect();
    format!("ALTER TABLE {table} {}", actions.join(", "))
}

/// Lets the numbers of a column begin behind those that are there.
pub(crate) fn begin_numbers(table: &Table, column: &str) -> String {
    let table = quoted(table);
    format!(
        "SELECT setval(pg_get_serial_sequence({}, {}), coalesce(max({column}), 0) + 1, false) FROM {table}",
        literal(&table),
        literal(column),
        column = identifier(column)
    )
}

/// A type as a column is declared with it, where it has one already: ways to declare a column are none.
pub(crate) fn declared(ty: SqlType) -> String {
    let serial = ty.name().to_ascii_lowercase().contains("serial");
    match serial && ty.definition().is_none() {
        true => bare_type(ty),
        false => ty.to_string(),
    }
}

fn alter(table: &'static Table, action: impl FnOnce(&mut Text)) -> String {
    let mut text = Text::default();
    text.word("ALTER TABLE ");
    text.put(Token::Table(table));
    text.word(" ");
    action(&mut text);
    text.into_sql()
}
