//! CREATE INDEX.

use super::create_table::write_names;
use super::layout::WantedIndex;
use super::token::{Sink, Token};
use super::{Table, Text, identifier};

/// The statement that makes an index, unless there is one of its name. Where it has none: unless there is one that begins with
/// its columns, a key's or the user's own; or, if it is to be unique or no B-tree, one that is so too.
///
/// PostgreSQL makes none for a foreign key, and both who asks for the rows that refer to one and who deletes that one would
/// read the whole table.
pub(crate) fn ensure_index(table: &'static Table, index: &WantedIndex) -> String {
    let mut text = Text::default();
    if index.name().is_some() {
        write_index(&mut text, table, index, "IF NOT EXISTS ");
        return text.into_sql();
    }
    text.word("DO $ormcore$ BEGIN IF NOT EXISTS (SELECT FROM pg_index, (SELECT ARRAY[");
    text.list(", ", &index.columns, |text, column| {
        text.put(Token::Literal(column.name));
    });
    text.word("]::name[]) AS given(names) WHERE indpred IS NULL AND indrelid = ");
    text.put(Token::QuotedTable(table));
    // An `int2vector` is counted from 0.
    text.word(
        "::regclass AND (SELECT array_agg(attnum) FROM pg_attribute WHERE attrelid = indrelid AND attname = ANY (names)) \
         <@ (indkey::int2[])[:cardinality(names) - 1]",
    );
    if index.is_unique() {
        text.word(" AND indisunique AND indnkeyatts = cardinality(names)");
    }
    if let Some(using) = index.using() {
        text.word(
            " AND EXISTS (SELECT FROM pg_class JOIN pg_am ON pg_am.oid = relam WHERE pg_class.oid = indexrelid AND amname = ",
        );
        text.put(Token::Literal(using));
        text.word(")");
    }
    text.word(") THEN ");
    write_index(&mut text, table, index, "");
    text.word("; END IF; END $ormcore$");
    text.into_sql()
}

/// `CREATE INDEX`.
pub(crate) fn new_index(table: &'static Table, index: &WantedIndex) -> String {
    let mut text = Text::default();
    write_index(&mut text, table, index, "");
    text.into_sql()
}

fn write_index(text: &mut Text, table: &'static Table, index: &WantedIndex, unless: &'static str) {
    text.word(match index.is_unique() {
        true => "CREATE UNIQUE INDEX ",
        false => "CREATE INDEX ",
    });
    if let Some(name) = index.name() {
        text.word(unless);
        text.put(Token::Raw(&identifier(name)));
        text.word(" ");
    }
    text.word("ON ");
    text.put(Token::Table(table));
    if let Some(using) = index.using() {
        text.word(" USING ");
        text.put(Token::Raw(&identifier(using)));
    }
    text.word(" (");
    write_names(text, &index.columns);
    text.word(")");
    if let Some(predicate) = index.predicate() {
        text.word(" WHERE ");
        text.word(predicate);
    }
}
